package io.turnstone.amqp.management;

import io.turnstone.amqp.codec.Symbols;
import io.turnstone.amqp.error.LinkError;
import io.turnstone.amqp.error.SessionError;
import io.turnstone.api.Consumer;
import io.turnstone.api.Loop;
import io.turnstone.api.Publisher;
import io.turnstone.api.Topology;
import java.util.HashMap;
import java.util.Map;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.messaging.Terminus;
import org.apache.qpid.proton.amqp.transport.AmqpError;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.SenderSettleMode;
import org.jspecify.annotations.Nullable;

/**
 * The pairs of links that one session has to the management node: two links of one name, one each way (AMQP Link Pairing,
 * part 2). Owned by the loop of its connection.
 */
public final class ManagementPairs {

    /** Where the node is. */
    public static final String ADDRESS = "/management";

    /** Requests that a peer may have under way. */
    public static final int CREDIT = 8;

    /** The largest request in bytes. */
    public static final int MAX_REQUEST = 64 * 1024;

    /** What both halves say of themselves. */
    public static final Map<Symbol, Object> PROPERTIES = Map.of(Symbols.PAIRED, true);

    private final Map<String, ManagementPair> pairs = new HashMap<>();
    private final ManagementNode node;
    private final Loop loop;
    private final java.util.function.Consumer<SessionError> end;

    /**
     * The pairs of a session.
     *
     * @param topology with the peer's permissions
     * @param nodeName the broker's name
     * @param renewal takes tokens
     * @param end ends the session
     */
    public ManagementPairs(
            Topology topology,
            String nodeName,
            Renewal renewal,
            Loop loop,
            java.util.function.Consumer<SessionError> end) {
        node = new ManagementNode(topology, nodeName, renewal);
        this.loop = loop;
        this.end = end;
    }

    /** Whether a terminus is the management node. */
    public static boolean isAt(@Nullable Object terminus) {
        return terminus instanceof Terminus named && ADDRESS.equals(named.getAddress());
    }

    /**
     * The half on which requests come.
     *
     * @throws LinkError {@code amqp:precondition-failed} when it is attached in another way than pairs are
     */
    public Publisher requests(Attach attach, Publisher.Listener listener) {
        if (attach.getSndSettleMode() != SenderSettleMode.SETTLED) {
            throw failed("the sender to /management must be attached with snd-settle-mode settled");
        }
        return pair(attach).requests(ownAddress(attach.getSource()), listener);
    }

    /** The half on which answers leave; the same rules. */
    public Consumer responses(Attach attach, Consumer.Listener listener) {
        return pair(attach).responses(ownAddress(attach.getTarget()), listener);
    }

    private ManagementPair pair(Attach attach) {
        Map<?, ?> properties = attach.getProperties();
        if (properties == null || !Boolean.TRUE.equals(properties.get(Symbols.PAIRED))) {
            throw failed("a link to or from /management must have the property 'paired' with the value true");
        }
        String name = attach.getName();
        return pairs.computeIfAbsent(name, first -> new ManagementPair(node, loop, end, () -> pairs.remove(name)));
    }

    private static String ownAddress(@Nullable Object terminus) {
        String address = terminus instanceof Terminus given ? given.getAddress() : null;
        return address == null ? "" : address;
    }

    static LinkError failed(String description) {
        return new LinkError(AmqpError.PRECONDITION_FAILED, description);
    }
}
