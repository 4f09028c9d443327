package io.turnstone.amqp;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.qpid.proton.amqp.transport.AmqpError;

/** A message of an incoming link whose last transfer has not come (part 2, section 2.6.14). Owned by its link's loop. */
final class PartialMessage {

    private final int deliveryId;
    private final byte[] tag;
    private final int messageFormat;
    private final List<byte[]> pieces = new ArrayList<>();
    private boolean settled;
    private long size;

    /** From the first transfer of a delivery. */
    PartialMessage(TransferFrame first) {
        deliveryId = first.deliveryId;
        tag = first.tag();
        messageFormat = first.messageFormat;
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
        var piece = new byte[payload.remaining()];
        payload.get(piece);
        pieces.add(piece);
        size += piece.length;
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

    /** Bytes so far. */
    long size() {
        return size;
    }

    /** The whole message in one piece. */
    byte[] join() {
        var whole = new byte[Math.toIntExact(size)];
        int at = 0;
        for (byte[] piece : pieces) {
            System.arraycopy(piece, 0, whole, at, piece.length);
            at += piece.length;
        }
        return whole;
    }
}
