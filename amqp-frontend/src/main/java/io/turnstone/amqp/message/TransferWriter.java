package io.turnstone.amqp.message;

import io.turnstone.amqp.codec.ListWriter;
import io.turnstone.amqp.codec.Output;
import io.turnstone.amqp.codec.PerformativeCodec;
import io.turnstone.api.Delivery;
import java.nio.ByteBuffer;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes one delivery after another of one outgoing link as transfer frames. A delivery may be left in the middle and
 * taken up again when the session's window or the peer's socket allows. Owned by the loop of its connection.
 */
public final class TransferWriter {

    private static final byte[] NO_TAG = {};

    /** What comes with an id of a transaction: the descriptor, a list, the fields before it. */
    private static final int STATE_BYTES = 16;

    /** What comes with the flag of a resumed delivery: itself, the fields before it. */
    private static final int RESUME_BYTES = 4;

    private final OutgoingMessage message = new OutgoingMessage();
    private final ListWriter list = new ListWriter();
    private int deliveryId;
    private byte[] tag = NO_TAG;
    private boolean settled;
    private boolean begun;
    private boolean complete = true;
    private long size;
    private long written;
    private byte @Nullable [] transaction;
    private boolean resumes;

    /** The delivery that begins next is acquired in a transaction with this id; in none when it is null. */
    public void within(byte @Nullable [] txnId) {
        transaction = txnId;
    }

    /** The delivery that begins next is resumed (part 2, section 2.6.13), from its first byte. */
    public void resumes() {
        resumes = true;
    }

    /**
     * Starts a delivery; the one before must be complete. Header and annotations are computed now.
     *
     * @param newTag 1 to 32 bytes
     * @param added annotations of delivery interceptors, for this delivery only
     * @param nowMs the loop's time, from which the remaining time to live is counted
     * @param stream what comes behind the head of a body in a file; null when the body is inline
     */
    public void begin(
            int newDeliveryId,
            byte[] newTag,
            boolean isSettled,
            Delivery delivery,
            Map<String, Object> added,
            long nowMs,
            @Nullable BodyStream stream) {
        assert complete;
        message.encode(delivery, added, nowMs, stream);
        deliveryId = newDeliveryId;
        tag = newTag;
        settled = isSettled;
        begun = false;
        complete = false;
        size = message.size();
        written = 0;
    }

    /**
     * Writes frames of the delivery, as far as its bytes are on the heap.
     *
     * @param handle the link's outgoing handle
     * @param maxFrameSize the largest frame to write in bytes, at least 512
     * @param maxFrames how many frames may be written, at least 1
     * @return how many were written
     */
    public int write(int channel, int handle, int maxFrameSize, int maxFrames, Output out) {
        int frames = 0;
        while (frames < maxFrames && ready(maxFrameSize)) {
            frame(channel, handle, maxFrameSize, out);
            frames++;
        }
        return frames;
    }

    /** Whether everything that was begun is written. */
    public boolean complete() {
        return complete;
    }

    /** Whether there is something to write now; if not, the delivery is complete or its body is being read. */
    public boolean ready(int maxFrameSize) {
        return !complete && (message.ready(written) >= Math.min(size - written, maxFrameSize) || message.full());
    }

    /** Encoded bytes of the delivery that was begun last: what it counts for in byte budgets. */
    long size() {
        return size;
    }

    /**
     * Gives up a delivery in the middle: writes the transfer that says {@code aborted}, if any was written.
     *
     * @return how many frames were written
     */
    public int abort(int channel, int handle, Output out) {
        boolean says = begun && !complete;
        if (says) {
            list.beginFrame(out, ListWriter.FRAME_BYTES, channel, PerformativeCodec.TRANSFER);
            list.uint(handle);
            for (int field = 1; field < 9; field++) {
                list.none();
            }
            list.bool(true);
            list.endList();
            list.endFrame();
        }
        end();
        return says ? 1 : 0;
    }

    /** Forgets a delivery in the middle, without a word. */
    public void discard() {
        if (!complete) {
            end();
        }
    }

    private void frame(int channel, int handle, int maxFrameSize, Output out) {
        long left = size - written;
        long ready = message.ready(written);
        int atLeast = (int) Math.min(maxFrameSize, ready + ListWriter.FRAME_BYTES);
        // A frame whose payload is small may still end up with all fields, so there is room for those in any case.
        ByteBuffer room =
                list.beginFrame(out, Math.max(atLeast, ListWriter.FRAME_BYTES), channel, PerformativeCodec.TRANSFER);
        int frameAt = room.position() - ListWriter.FRAME_HEADERS;
        list.uint(handle);
        if (!begun) {
            list.uint(deliveryId);
            list.binary(tag);
            list.uint(0);
            list.bool(settled);
        }
        byte[] txnId = transaction;
        boolean resuming = resumes && !begun;
        int state = (txnId == null ? 0 : STATE_BYTES + txnId.length) + (resuming ? RESUME_BYTES : 0);
        boolean more = left > Math.min(ready, maxFrameSize - (room.position() + state - frameAt));
        if (begun && (more || txnId != null)) {
            for (int field = 1; field < 5; field++) {
                list.none();
            }
        }
        if (more) {
            list.bool(true);
        }
        if (txnId != null) {
            if (!more) {
                list.none();
            }
            list.none();
            list.transactional(txnId);
        }
        if (resuming) {
            list.atResume();
            list.bool(true);
        }
        list.endList();
        int payload = (int) Math.min(ready, maxFrameSize - (room.position() - frameAt));
        message.copy(written, payload, room);
        list.endFrame();
        begun = true;
        written += payload;
        if (written == size) {
            end();
        }
    }

    private void end() {
        complete = true;
        resumes = false;
        message.clear();
    }
}
