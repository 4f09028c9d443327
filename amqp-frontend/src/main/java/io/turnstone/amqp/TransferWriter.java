package io.turnstone.amqp;

import io.turnstone.api.Delivery;
import java.util.Map;

/**
 * Writes one delivery after another of one outgoing link as transfer frames. A delivery may be left in the middle and
 * taken up again when the session's window or the peer's socket allows. Owned by the loop of its connection.
 */
final class TransferWriter {

    TransferWriter() {}

    /**
     * Starts a delivery; the one before must be complete. Header and annotations are computed now.
     *
     * @param tag 1 to 32 bytes
     * @param added annotations of delivery interceptors, for this delivery only
     * @param nowMs the loop's time, from which the remaining time to live is counted
     */
    void begin(int deliveryId, byte[] tag, boolean settled, Delivery delivery, Map<String, Object> added, long nowMs) {
        throw new UnsupportedOperationException();
    }

    /**
     * Writes frames of the delivery.
     *
     * @param handle the link's outgoing handle
     * @param maxFrameSize the peer's
     * @param maxFrames how many frames may be written, at least 1
     * @return how many were written
     */
    int write(int channel, int handle, int maxFrameSize, int maxFrames, Output out) {
        throw new UnsupportedOperationException();
    }

    /** Whether everything that was begun is written. */
    boolean complete() {
        throw new UnsupportedOperationException();
    }

    /** Encoded bytes of the delivery that was begun last: what it counts for in byte budgets. */
    long size() {
        throw new UnsupportedOperationException();
    }

    /** Gives up a delivery in the middle: writes the transfer that says {@code aborted}. */
    void abort(int channel, int handle, Output out) {
        throw new UnsupportedOperationException();
    }
}
