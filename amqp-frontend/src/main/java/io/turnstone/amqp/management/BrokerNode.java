package io.turnstone.amqp.management;

import io.turnstone.amqp.codec.Symbols;
import java.util.Map;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.messaging.Terminus;
import org.jspecify.annotations.Nullable;

/** A node behind which there is the broker itself: it takes requests and answers them. */
public enum BrokerNode {
    /** What there is, and should be: pairs of links of one name. */
    MANAGEMENT("/management", true),
    /** Takes tokens (OASIS, AMQP Claims-based Security): one sender and one receiver of each session. */
    TOKENS("$cbs", false);

    private static final Map<Symbol, Object> PAIRED = Map.of(Symbols.PAIRED, true);

    private final String address;
    private final boolean paired;

    BrokerNode(String address, boolean paired) {
        this.address = address;
        this.paired = paired;
    }

    /** The node a terminus names; null when it is another one. */
    public static @Nullable BrokerNode at(@Nullable Object terminus) {
        String named = terminus instanceof Terminus given ? given.getAddress() : null;
        if (MANAGEMENT.address.equals(named)) {
            return MANAGEMENT;
        }
        return TOKENS.address.equals(named) ? TOKENS : null;
    }

    String address() {
        return address;
    }

    /** Whether its links come in pairs of one name (AMQP Link Pairing); otherwise a session has one each way. */
    boolean paired() {
        return paired;
    }

    /** What links to and from it say of themselves. */
    public @Nullable Map<Symbol, Object> properties() {
        return paired ? PAIRED : null;
    }
}
