package io.turnstone.load;

import java.io.IOException;

/** The broker refused or ended a connection, session or link; the run ends with its words. */
final class BrokerFailure extends IOException {

    private static final long serialVersionUID = 1;

    BrokerFailure(String message) {
        super(message);
    }
}
