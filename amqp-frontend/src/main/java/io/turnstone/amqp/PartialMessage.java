package io.turnstone.amqp;

import io.turnstone.amqp.codec.TransferFrame;
import io.turnstone.amqp.error.LinkError;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.qpid.proton.amqp.transport.AmqpError;
import org.jspecify.annotations.Nullable;

/**
 * A message of an incoming link whose last transfer has not come (part 2, section 2.6.14): on the heap, and when it gets
 * too large for that, on its way into a file. Owned by its link's loop.
 */
final class PartialMessage {

    private static final int LEAST_CHARGE = 64;
    private static final int LARGEST_SPARE_BYTES = 64 * 1024;

    private final int deliveryId;
    private final byte[] tag;
    private final int messageFormat;
    /** Pieces that are full, in order. */
    private final List<byte[]> full = new ArrayList<>();
    /** The piece that takes more, and how much of it is taken. */
    private byte[] piece = {};

    private int filled;
    private long charged;
    private final boolean resume;
    private boolean settled;
    private long size;
    private @Nullable SpoolingBody spooling;

    /** The transaction in which it is posted. */
    final @Nullable LocalTransaction within;

    /** From the first transfer of a delivery. */
    PartialMessage(TransferFrame first, @Nullable LocalTransaction within) {
        this.within = within;
        deliveryId = first.deliveryId;
        tag = first.tag();
        messageFormat = first.messageFormat;
        resume = first.resume;
    }

    /** A further transfer: it must not speak of another delivery. */
    void check(TransferFrame next) {
        if (next.hasDeliveryId && next.deliveryId != deliveryId) {
            throw mixed("delivery-id " + Integer.toUnsignedString(next.deliveryId));
        }
        if (!next.tagMatches(tag)) {
            throw mixed("another delivery-tag");
        }
        if (next.hasMessageFormat && next.messageFormat != messageFormat) {
            throw mixed("message-format " + Integer.toUnsignedString(next.messageFormat));
        }
    }

    private LinkError mixed(String what) {
        return new LinkError(
                AmqpError.NOT_ALLOWED,
                "a transfer with " + what + " came in the middle of delivery " + Integer.toUnsignedString(deliveryId)
                        + "; finish or abort that one first");
    }

    /** Takes the payload and the flag of one transfer. */
    void add(TransferFrame transfer, ByteBuffer payload) {
        settled |= transfer.hasSettled && transfer.settled;
        charged += charge(payload);
        size += payload.remaining();
        if (spooling != null) {
            spooling.add(payload);
            return;
        }
        int fits = Math.min(payload.remaining(), piece.length - filled);
        payload.get(piece, filled, fits);
        filled += fits;
        if (payload.hasRemaining()) {
            int more = payload.remaining();
            if (piece.length > 0) {
                full.add(piece);
            }
            // As large as what came before, so that tiny transfers do not make tiny pieces.
            piece = new byte[Math.max(more, (int) Math.min(size, LARGEST_SPARE_BYTES))];
            payload.get(piece, 0, more);
            filled = more;
        }
    }

    /** What a transfer counts for: its bytes, but something even if it is empty. */
    static int charge(ByteBuffer payload) {
        return Math.max(LEAST_CHARGE, payload.remaining());
    }

    /** What all transfers so far count for. */
    long charged() {
        return charged;
    }

    int deliveryId() {
        return deliveryId;
    }

    byte[] tag() {
        return tag;
    }

    boolean settled() {
        return settled;
    }

    /** Whether its first transfer resumed a delivery, which counts for all. */
    boolean resume() {
        return resume;
    }

    /** Bytes so far. */
    long size() {
        return size;
    }

    /** The file it goes into; null while it is on the heap. */
    @Nullable
    SpoolingBody spooling() {
        return spooling;
    }

    /** What has come, which is given once more, goes into a file, and the rest will. */
    void spool(SpoolingBody into, byte[] joined) {
        spooling = into;
        into.add(ByteBuffer.wrap(joined));
        full.clear();
        piece = new byte[0];
        filled = 0;
    }

    /** All that has come, in one piece. */
    byte[] join() {
        var whole = new byte[Math.toIntExact(size)];
        int at = 0;
        for (byte[] each : full) {
            System.arraycopy(each, 0, whole, at, each.length);
            at += each.length;
        }
        System.arraycopy(piece, 0, whole, at, filled);
        return whole;
    }
}
