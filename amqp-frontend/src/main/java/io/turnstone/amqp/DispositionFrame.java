package io.turnstone.amqp;

import java.nio.ByteBuffer;
import org.apache.qpid.proton.amqp.transport.DeliveryState;
import org.jspecify.annotations.Nullable;

/**
 * A {@code disposition} (part 2, section 2.7.6), reused for every disposition of a connection in its direction.
 * Delivery ids are serial numbers. Owned by the loop of its connection.
 */
final class DispositionFrame {

    /** True when the sender of this frame is the receiver of the deliveries. */
    boolean receiver;

    int first;
    /** Equal to {@link #first} when it was not sent. */
    int last;

    boolean settled;
    boolean batchable;

    DispositionFrame(PerformativeCodec codec) {}

    /**
     * Reads a disposition.
     *
     * @throws ConnectionError when it is malformed
     */
    void decode(ByteBuffer body) {
        throw new UnsupportedOperationException();
    }

    /** The state, decoded on demand; shared instances for outcomes without details. */
    @Nullable
    DeliveryState state() {
        throw new UnsupportedOperationException();
    }

    /** Sets all fields and writes a whole frame. */
    void encode(
            int channel,
            boolean receiver,
            int first,
            int last,
            boolean settled,
            @Nullable DeliveryState state,
            Output out) {
        throw new UnsupportedOperationException();
    }
}
