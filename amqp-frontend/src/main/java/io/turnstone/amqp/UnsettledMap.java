package io.turnstone.amqp;

import io.turnstone.amqp.error.LinkError;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.Released;
import org.apache.qpid.proton.amqp.transport.AmqpError;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.DeliveryState;
import org.jspecify.annotations.Nullable;

/** The unsettled deliveries that one attach shows, as many as fit into a frame (part 2, section 2.7.3). Used by one thread. */
final class UnsettledMap {

    /** A tag of 32 bytes with its type. */
    private static final int TAG_BYTES = 2;

    private static final int SIMPLE_STATE_BYTES = 4;
    /** A state with details, which are ours and short. */
    private static final int STATE_BYTES = 1024;

    private final Map<Binary, @Nullable DeliveryState> map = new LinkedHashMap<>();
    private int left;
    private boolean complete = true;

    /** One that leaves half of a frame to the other fields. */
    UnsettledMap(int maxFrameSize) {
        left = maxFrameSize / 2;
    }

    /** The peer's; empty when it shows none. */
    static Map<?, ?> of(Attach attach) {
        Map<?, ?> map = attach.getUnsettled();
        if (map == null) {
            return Map.of();
        }
        for (Object tag : map.keySet()) {
            if (!(tag instanceof Binary)) {
                throw new LinkError(
                        AmqpError.DECODE_ERROR, "field unsettled: a key must be a delivery-tag, of type binary");
            }
        }
        return map;
    }

    /** Adds one; false when there is no room for it. */
    boolean add(Binary tag, @Nullable DeliveryState state) {
        boolean simple = state == null || state instanceof Accepted || state instanceof Released;
        int size = tag.getLength() + TAG_BYTES + (simple ? SIMPLE_STATE_BYTES : STATE_BYTES);
        if (size > left) {
            complete = false;
        }
        if (complete) {
            left -= size;
            map.put(tag, state);
        }
        return complete;
    }

    /** Whether all that was added had room. */
    boolean complete() {
        return complete;
    }

    /** Shows it. */
    void write(Attach reply) {
        reply.setUnsettled(map);
        if (!complete) {
            reply.setIncompleteUnsettled(true);
        }
    }
}
