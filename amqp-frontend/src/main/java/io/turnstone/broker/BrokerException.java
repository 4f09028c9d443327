package io.turnstone.broker;

import org.jspecify.annotations.Nullable;

/** The broker cannot start; the message is one for the person who started it: what, which, and what to do. */
public final class BrokerException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    BrokerException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
