package io.turnstone.amqp;

import java.util.Map;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.transport.AmqpError;

/** A mistake of the peer after which one link cannot go on: it is detached with this error. */
final class LinkError extends ProtocolError {

    private static final long serialVersionUID = 1L;

    LinkError(Symbol condition, String description) {
        this(condition, description, Map.of());
    }

    LinkError(Symbol condition, String description, Map<Symbol, Object> info) {
        super(condition, description, info);
    }

    /** A message that is not what part 3, section 3.2 calls one. */
    static LinkError decode(AmqpMessageException message) {
        return new LinkError(AmqpError.DECODE_ERROR, String.valueOf(message.getMessage()));
    }
}
