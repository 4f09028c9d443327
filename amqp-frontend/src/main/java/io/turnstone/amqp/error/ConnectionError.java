package io.turnstone.amqp.error;

import java.util.Map;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.transport.AmqpError;

/** A mistake of the peer after which the connection cannot go on: it is closed with this error. */
public final class ConnectionError extends ProtocolError {

    private static final long serialVersionUID = 1L;

    public ConnectionError(Symbol condition, String description) {
        this(condition, description, Map.of());
    }

    public ConnectionError(Symbol condition, String description, Map<Symbol, Object> info) {
        super(condition, description, info);
    }

    /** Bytes that are not what they should be. */
    public static ConnectionError decode(String description) {
        return new ConnectionError(AmqpError.DECODE_ERROR, description);
    }

    /** A frame whose frame header is wrong. */
    public static ConnectionError framing(String description) {
        return new ConnectionError(org.apache.qpid.proton.amqp.transport.ConnectionError.FRAMING_ERROR, description);
    }
}
