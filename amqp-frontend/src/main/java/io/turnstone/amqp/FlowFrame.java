package io.turnstone.amqp;

import java.nio.ByteBuffer;
import java.util.Map;
import org.apache.qpid.proton.amqp.Symbol;
import org.jspecify.annotations.Nullable;

/**
 * A {@code flow} (part 2, section 2.7.4), reused for every flow of a connection in its direction. Ids, counts and
 * handles of AMQP's type uint are held in an int and may be negative (serial numbers); windows and credit are
 * 0 to 2^32-1. Owned by the loop of its connection; valid until the next {@link #decode} or {@link #clear}.
 */
final class FlowFrame {

    boolean hasNextIncomingId;
    int nextIncomingId;
    long incomingWindow;
    int nextOutgoingId;
    long outgoingWindow;
    /** Whether it concerns a link; without, the link fields have no meaning. */
    boolean hasHandle;

    int handle;
    boolean hasDeliveryCount;
    int deliveryCount;
    boolean hasLinkCredit;
    long linkCredit;
    boolean hasAvailable;
    long available;
    boolean drain;
    boolean echo;

    FlowFrame(PerformativeCodec codec) {}

    /**
     * Reads a flow.
     *
     * @throws ConnectionError when it is malformed
     */
    void decode(ByteBuffer body) {
        throw new UnsupportedOperationException();
    }

    /** The properties, decoded on demand; empty when there are none. */
    Map<Symbol, Object> properties() {
        throw new UnsupportedOperationException();
    }

    /** Properties to encode; null for none. */
    void properties(@Nullable Map<Symbol, Object> properties) {
        throw new UnsupportedOperationException();
    }

    /** Forgets everything, before it is filled and encoded. */
    void clear() {
        throw new UnsupportedOperationException();
    }

    /** Writes a whole frame. */
    void encode(int channel, Output out) {
        throw new UnsupportedOperationException();
    }
}
