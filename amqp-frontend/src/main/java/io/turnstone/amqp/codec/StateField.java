package io.turnstone.amqp.codec;

import java.nio.ByteBuffer;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.Modified;
import org.apache.qpid.proton.amqp.messaging.Rejected;
import org.apache.qpid.proton.amqp.messaging.Released;
import org.apache.qpid.proton.amqp.transport.DeliveryState;
import org.jspecify.annotations.Nullable;

/**
 * The state in a transfer or disposition. Outcomes without details become shared instances, which nobody may change;
 * others stay bytes until somebody asks. Owned by the frame it belongs to.
 */
final class StateField {

    /** {@code rejected} without an error. */
    static final Rejected REJECTED = new Rejected();

    /** {@code modified} without annotations, by delivery-failed (1) and undeliverable-here (2). */
    private static final Modified[] MODIFIED = {
        modified(false, false), modified(true, false), modified(false, true), modified(true, true)
    };

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final FieldReader fields = new FieldReader();
    private ByteBuffer bytes = NOTHING;
    private int start = -1;
    private @Nullable DeliveryState state;

    /** The shared instance of {@code modified} without annotations. */
    static Modified shared(boolean deliveryFailed, boolean undeliverableHere) {
        return MODIFIED[(deliveryFailed ? 1 : 0) | (undeliverableHere ? 2 : 0)];
    }

    /** Forgets what was there. */
    void clear() {
        bytes = NOTHING;
        start = -1;
        state = null;
    }

    /** Takes the state at the buffer's position. */
    void read(ByteBuffer buffer) {
        int at = buffer.position();
        int limit = buffer.limit();
        state = withoutDetails(buffer);
        if (state == null) {
            buffer.limit(limit).position(at);
            Encodings.skip(buffer);
            bytes = buffer;
            start = at;
        }
    }

    /**
     * The state, or null when none was sent.
     *
     * @throws MalformedException when it is not a delivery state
     */
    @Nullable
    DeliveryState get() {
        if (state == null && start >= 0) {
            Object decoded = ProtonCodec.decode(bytes.duplicate().position(start));
            if (!(decoded instanceof DeliveryState known)) {
                throw new MalformedException("field state is not a delivery state");
            }
            state = known;
        }
        return state;
    }

    private @Nullable DeliveryState withoutDetails(ByteBuffer buffer) {
        long code = Encodings.descriptor(buffer);
        if (code < Descriptors.ACCEPTED || code > Descriptors.MODIFIED) {
            return null;
        }
        fields.enter(buffer);
        DeliveryState found;
        if (code == Descriptors.ACCEPTED) {
            found = Accepted.getInstance();
        } else if (code == Descriptors.RELEASED) {
            found = Released.getInstance();
        } else if (code == Descriptors.REJECTED) {
            if (fields.next()) {
                return null;
            }
            found = REJECTED;
        } else {
            found = shared(fields.bool(), fields.bool());
            if (fields.next()) {
                return null;
            }
        }
        fields.leave();
        return found;
    }

    private static Modified modified(boolean deliveryFailed, boolean undeliverableHere) {
        var modified = new Modified();
        modified.setDeliveryFailed(deliveryFailed);
        modified.setUndeliverableHere(undeliverableHere);
        return modified;
    }
}
