package io.turnstone.amqp;

import java.nio.ByteBuffer;
import org.apache.qpid.proton.amqp.transport.DeliveryState;
import org.jspecify.annotations.Nullable;

/**
 * A view of a decoded {@code transfer} (part 2, section 2.7.5), reused for every transfer of a connection. Numbers of
 * AMQP's type uint are held in an int and may be negative: compare handles unsigned and ids as serial numbers.
 * Owned by the loop of its connection; valid until the next {@link #decode} and while the frame's buffer is.
 */
final class TransferFrame {

    int handle;
    boolean hasDeliveryId;
    int deliveryId;
    boolean hasMessageFormat;
    int messageFormat;
    boolean hasSettled;
    boolean settled;
    boolean more;
    /** 0 first, 1 second, -1 not said. */
    int rcvSettleMode;

    boolean resume;
    boolean aborted;
    boolean batchable;

    TransferFrame(PerformativeCodec codec) {}

    /**
     * Reads a transfer.
     *
     * @param body a frame's body; afterwards its position is at the payload
     * @throws ConnectionError when it is malformed
     */
    void decode(ByteBuffer body) {
        throw new UnsupportedOperationException();
    }

    /** Whether a delivery-tag was sent. */
    boolean hasTag() {
        throw new UnsupportedOperationException();
    }

    /** A copy of the delivery-tag, 0 to 32 bytes; empty when none was sent. */
    byte[] tag() {
        throw new UnsupportedOperationException();
    }

    /** Whether the delivery-tag is absent or equal to that one. */
    boolean tagMatches(byte[] tag) {
        throw new UnsupportedOperationException();
    }

    /** The state, decoded on demand; shared instances for outcomes without details. */
    @Nullable
    DeliveryState state() {
        throw new UnsupportedOperationException();
    }
}
