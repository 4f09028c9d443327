package io.turnstone.amqp.error;

import java.util.Map;
import org.apache.qpid.proton.amqp.Symbol;

/** A mistake of the peer after which one session cannot go on: it is ended with this error. */
public final class SessionError extends ProtocolError {

    private static final long serialVersionUID = 1L;

    public SessionError(Symbol condition, String description) {
        super(condition, description, Map.of());
    }
}
