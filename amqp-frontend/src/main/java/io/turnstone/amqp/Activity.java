package io.turnstone.amqp;

import io.turnstone.amqp.codec.Symbols;
import java.util.Map;
import org.apache.qpid.proton.amqp.Symbol;
import org.jspecify.annotations.Nullable;

/**
 * Whether an outgoing link is the one that gets the messages of its queue, where only one does, and whether its peer has
 * heard of it: in the properties of a flow, the first after it gave credit. Owned by the loop of its connection.
 */
final class Activity {

    private static final Map<Symbol, Object> YES = Map.of(Symbols.RABBITMQ_ACTIVE, true);
    private static final Map<Symbol, Object> NO = Map.of(Symbols.RABBITMQ_ACTIVE, false);

    private @Nullable Map<Symbol, Object> untold;
    private boolean granted;

    /** It is, or is no longer; whether to tell the peer now. */
    boolean changed(boolean active) {
        untold = active ? YES : NO;
        return granted;
    }

    /** The peer gave credit; whether there is something to tell it. */
    boolean granted() {
        granted = true;
        return untold != null;
    }

    /** What a flow that is sent now has to say, null for nothing. */
    @Nullable
    Map<Symbol, Object> untold() {
        Map<Symbol, Object> news = granted ? untold : null;
        untold = granted ? null : untold;
        return news;
    }
}
