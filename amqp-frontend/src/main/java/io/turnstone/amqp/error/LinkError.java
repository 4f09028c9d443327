package io.turnstone.amqp.error;

import java.util.Map;
import org.apache.qpid.proton.amqp.Symbol;

/** A mistake of the peer after which one link cannot go on: it is detached with this error. */
public final class LinkError extends ProtocolError {

    private static final long serialVersionUID = 1L;

    public LinkError(Symbol condition, String description) {
        this(condition, description, Map.of());
    }

    public LinkError(Symbol condition, String description, Map<Symbol, Object> info) {
        super(condition, description, info);
    }
}
