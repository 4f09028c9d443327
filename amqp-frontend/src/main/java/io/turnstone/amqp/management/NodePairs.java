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
import java.util.Objects;
import java.util.function.Supplier;
import org.apache.qpid.proton.amqp.messaging.Terminus;
import org.apache.qpid.proton.amqp.transport.AmqpError;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.SenderSettleMode;
import org.jspecify.annotations.Nullable;

/**
 * The pairs of links that one session has to the nodes of the broker itself. To the management node these are two links of
 * one name, one each way (AMQP Link Pairing, part 2); to {@code $cbs} any two. Owned by the loop of its connection.
 */
public final class NodePairs {

    /** Requests that a peer may have under way. */
    public static final int CREDIT = 8;

    /** The largest request in bytes. */
    public static final int MAX_REQUEST = 64 * 1024;

    /** What tells one pair of a session from another; the name is empty where links are not paired by it. */
    private record Place(BrokerNode node, String name) {}

    private final Map<Place, NodePair> pairs = new HashMap<>();
    private final Supplier<Topology> topology;
    private final String nodeName;
    private final Renewal renewal;
    private final TokenNode tokens;
    private final Loop loop;
    private final java.util.function.Consumer<SessionError> end;

    /**
     * The pairs of a session.
     *
     * @param topology with the permissions that the peer has when it is asked for
     * @param nodeName the broker's name
     * @param renewal takes newer tokens
     * @param taker takes tokens
     * @param end ends the session
     */
    public NodePairs(
            Supplier<Topology> topology,
            String nodeName,
            Renewal renewal,
            TokenTaker taker,
            Loop loop,
            java.util.function.Consumer<SessionError> end) {
        this.topology = topology;
        this.nodeName = nodeName;
        this.renewal = renewal;
        tokens = new TokenNode(taker);
        this.loop = loop;
        this.end = end;
    }

    /**
     * The half on which requests come.
     *
     * @throws LinkError {@code amqp:precondition-failed} when it is attached in another way than pairs are
     */
    public Publisher requests(Attach attach, Publisher.Listener listener) {
        BrokerNode node = BrokerNode.at(attach.getTarget());
        if (node != null && node.paired() && attach.getSndSettleMode() != SenderSettleMode.SETTLED) {
            throw failed("the sender to " + node.address() + " must be attached with snd-settle-mode settled");
        }
        return pair(attach, node).requests(ownAddress(attach.getSource()), listener);
    }

    /** The half on which answers leave; the same rules. */
    public Consumer responses(Attach attach, Consumer.Listener listener) {
        return pair(attach, BrokerNode.at(attach.getSource())).responses(ownAddress(attach.getTarget()), listener);
    }

    private NodePair pair(Attach attach, @Nullable BrokerNode named) {
        BrokerNode node = Objects.requireNonNull(named, "a link to or from no node of the broker");
        if (node.paired() && !paired(attach)) {
            throw failed(
                    "a link to or from " + node.address() + " must have the property 'paired' with the value true");
        }
        var place = new Place(node, node.paired() ? attach.getName() : "");
        return pairs.computeIfAbsent(
                place, first -> new NodePair(node, behind(node), loop, end, () -> pairs.remove(place)));
    }

    private static boolean paired(Attach attach) {
        Map<?, ?> properties = attach.getProperties();
        return properties != null && Boolean.TRUE.equals(properties.get(Symbols.PAIRED));
    }

    private RequestNode behind(BrokerNode node) {
        return switch (node) {
            case MANAGEMENT -> new ManagementNode(topology.get(), nodeName, renewal);
            case TOKENS -> tokens;
        };
    }

    private static String ownAddress(@Nullable Object terminus) {
        String address = terminus instanceof Terminus given ? given.getAddress() : null;
        return address == null ? "" : address;
    }

    static LinkError failed(String description) {
        return new LinkError(AmqpError.PRECONDITION_FAILED, description);
    }
}
