package io.turnstone.amqp.codec;

import io.turnstone.amqp.error.ConnectionError;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.transport.DeliveryState;
import org.apache.qpid.proton.amqp.transport.Disposition;
import org.apache.qpid.proton.amqp.transport.Role;
import org.jspecify.annotations.Nullable;

/**
 * A {@code disposition} (part 2, section 2.7.6), reused for every disposition of a connection in its direction.
 * Delivery ids are serial numbers. Owned by the loop of its connection; valid until the next {@link #decode} and
 * while the frame's buffer is.
 */
public final class DispositionFrame {

    /** True when the sender of this frame is the receiver of the deliveries. */
    public boolean receiver;

    public int first;
    /** Equal to {@link #first} when it was not sent. */
    public int last;

    public boolean settled;
    boolean batchable;

    private final PerformativeCodec codec;
    private final FieldReader fields = new FieldReader();
    private final ListWriter list = new ListWriter();
    private final StateField state = new StateField();

    /** A view whose frames with detailed states that codec encodes. */
    public DispositionFrame(PerformativeCodec codec) {
        this.codec = codec;
    }

    /**
     * Reads a disposition.
     *
     * @throws ConnectionError when it is malformed
     */
    public void decode(ByteBuffer body) {
        state.clear();
        try {
            if (Encodings.descriptor(body) != PerformativeCodec.DISPOSITION) {
                throw new MalformedException("it is another performative");
            }
            fields.enter(body);
            receiver = fields.mandatoryBool("role");
            first = fields.mandatoryUint("first");
            last = fields.uint(first);
            settled = fields.bool();
            if (fields.next()) {
                state.read(body);
            }
            batchable = fields.bool();
            fields.leave();
        } catch (MalformedException | BufferUnderflowException malformed) {
            throw PerformativeCodec.malformed(PerformativeCodec.DISPOSITION, malformed);
        }
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
            throw PerformativeCodec.malformed(PerformativeCodec.DISPOSITION, malformed);
        }
    }

    /** Sets all fields and writes a whole frame. */
    public void encode(
            int channel,
            boolean fromReceiver,
            int firstId,
            int lastId,
            boolean isSettled,
            @Nullable DeliveryState newState,
            Output out) {
        receiver = fromReceiver;
        first = firstId;
        last = lastId;
        settled = isSettled;
        if (!ListWriter.simple(newState)) {
            codec.encode(channel, performative(newState), out);
            return;
        }
        list.beginFrame(out, ListWriter.FRAME_BYTES, channel, PerformativeCodec.DISPOSITION);
        list.bool(receiver);
        list.uint(first);
        list.uint(last != first, last);
        list.flag(settled);
        list.state(newState);
        list.endList();
        list.endFrame();
    }

    private Disposition performative(@Nullable DeliveryState newState) {
        var disposition = new Disposition();
        disposition.setRole(receiver ? Role.RECEIVER : Role.SENDER);
        disposition.setFirst(UnsignedInteger.valueOf(first));
        disposition.setLast(UnsignedInteger.valueOf(last));
        disposition.setSettled(settled);
        disposition.setState(newState);
        return disposition;
    }
}
