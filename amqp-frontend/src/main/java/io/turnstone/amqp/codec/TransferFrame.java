package io.turnstone.amqp.codec;

import io.turnstone.amqp.error.ConnectionError;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import org.apache.qpid.proton.amqp.transport.DeliveryState;
import org.jspecify.annotations.Nullable;

/**
 * A view of a decoded {@code transfer} (part 2, section 2.7.5), reused for every transfer of a connection. Numbers of
 * AMQP's type uint are held in an int and may be negative: compare handles unsigned and ids as serial numbers.
 * Owned by the loop of its connection; valid until the next {@link #decode} and while the frame's buffer is.
 */
public final class TransferFrame {

    /** Longest delivery-tag (part 2, section 2.8.7). */
    static final int MAX_TAG = 32;

    private static final byte[] NO_TAG = {};
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    public int handle;
    public boolean hasDeliveryId;
    public int deliveryId;
    public boolean hasMessageFormat;
    public int messageFormat;
    public boolean hasSettled;
    public boolean settled;
    public boolean more;
    /** 0 first, 1 second, -1 not said. */
    public int rcvSettleMode;

    public boolean resume;
    public boolean aborted;
    boolean batchable;

    private final FieldReader fields = new FieldReader();
    private final StateField state = new StateField();
    private ByteBuffer bytes = NOTHING;
    private int tagAt;
    private int tagLength;

    /**
     * Reads a transfer.
     *
     * @param body a frame's body; afterwards its position is at the payload
     * @throws ConnectionError when it is malformed
     */
    public void decode(ByteBuffer body) {
        bytes = body;
        state.clear();
        try {
            if (Encodings.descriptor(body) != PerformativeCodec.TRANSFER) {
                throw new MalformedException("it is another performative");
            }
            fields.enter(body);
            handle = fields.mandatoryUint("handle");
            hasDeliveryId = fields.next();
            deliveryId = hasDeliveryId ? Encodings.uint(body) : 0;
            readTag(body);
            hasMessageFormat = fields.next();
            messageFormat = hasMessageFormat ? Encodings.uint(body) : 0;
            hasSettled = fields.next();
            settled = hasSettled && Encodings.bool(body);
            more = fields.bool();
            rcvSettleMode = fields.ubyte(-1);
            if (rcvSettleMode > 1) {
                throw new MalformedException("field rcv-settle-mode " + rcvSettleMode + " must be 0 or 1");
            }
            if (fields.next()) {
                state.read(body);
            }
            resume = fields.bool();
            aborted = fields.bool();
            batchable = fields.bool();
            fields.leave();
        } catch (MalformedException | BufferUnderflowException malformed) {
            throw PerformativeCodec.malformed(PerformativeCodec.TRANSFER, malformed);
        }
    }

    private void readTag(ByteBuffer body) {
        tagLength = -1;
        if (fields.next()) {
            tagLength = Encodings.binary(body);
            if (tagLength > MAX_TAG) {
                throw new MalformedException("field delivery-tag has " + tagLength + " bytes, more than " + MAX_TAG);
            }
            tagAt = body.position();
            body.position(tagAt + tagLength);
        }
    }

    /** Whether a delivery-tag was sent. */
    public boolean hasTag() {
        return tagLength >= 0;
    }

    /** A copy of the delivery-tag, 0 to 32 bytes; empty when none was sent. */
    public byte[] tag() {
        if (tagLength <= 0) {
            return NO_TAG;
        }
        var tag = new byte[tagLength];
        bytes.get(tagAt, tag);
        return tag;
    }

    /** Whether the delivery-tag is absent or equal to that one. */
    public boolean tagMatches(byte[] tag) {
        if (tagLength < 0) {
            return true;
        }
        if (tagLength != tag.length) {
            return false;
        }
        for (int i = 0; i < tagLength; i++) {
            if (bytes.get(tagAt + i) != tag[i]) {
                return false;
            }
        }
        return true;
    }

    /**
     * The state, decoded on demand; shared instances, not to be changed, for outcomes without details.
     *
     * @throws ConnectionError when it is malformed
     */
    @Nullable
    public DeliveryState state() {
        try {
            return state.get();
        } catch (MalformedException malformed) {
            throw PerformativeCodec.malformed(PerformativeCodec.TRANSFER, malformed);
        }
    }
}
