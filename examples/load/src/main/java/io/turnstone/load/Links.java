package io.turnstone.load;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.jspecify.annotations.Nullable;

/** The links of one session, by the handles that the broker gave them. Owned by one connection. */
final class Links {

    private static final int MAX_HANDLE = 1 << 16;

    private final List<Link> all;
    private final List<@Nullable Link> byPeerHandle = new ArrayList<>();
    private int attached;

    /** Consumers attach first: what a producer then sends finds every subscription. */
    Links(List<Producer> producers, List<Consumer> consumers) {
        all = new ArrayList<>(consumers);
        all.addAll(producers);
    }

    void attachAll(Performatives performatives, ByteBuffer out) {
        all.forEach(link -> out.put(performatives.frame(Connection.CHANNEL, link.attach())));
    }

    boolean allAttached() {
        return attached == all.size();
    }

    /**
     * Notes the broker's answer.
     *
     * @return the link; null when the broker refused it, and a detach with the reason follows (AMQP 1.0 §2.6.3)
     */
    @Nullable
    Link attached(Attach reply) throws BrokerFailure {
        int handle = reply.getHandle().intValue();
        Link link = named(reply.getName());
        if (link == null || handle < 0 || handle >= MAX_HANDLE) {
            throw new BrokerFailure(
                    "the broker attached '" + reply.getName() + "', handle " + handle + ", which nobody asked for");
        }
        while (byPeerHandle.size() <= handle) {
            byPeerHandle.add(null);
        }
        byPeerHandle.set(handle, link);
        if (link instanceof Producer ? reply.getTarget() == null : reply.getSource() == null) {
            return null;
        }
        link.attached(reply);
        attached++;
        return link;
    }

    private @Nullable Link named(String name) {
        for (Link link : all) {
            if (link.name().equals(name)) {
                return link;
            }
        }
        return null;
    }

    /** The link that a frame names by the broker's handle. */
    Link of(int handle) {
        Link link = handle >= 0 && handle < byPeerHandle.size() ? byPeerHandle.get(handle) : null;
        if (link == null) {
            throw new MalformedFrame("a frame for handle " + handle + ", which is not attached");
        }
        return link;
    }
}
