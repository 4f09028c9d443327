package io.turnstone.amqp.codec;

import io.turnstone.amqp.error.ConnectionError;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Map;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.transport.Flow;
import org.jspecify.annotations.Nullable;

/**
 * A {@code flow} (part 2, section 2.7.4), reused for every flow of a connection in its direction. Ids, counts and
 * handles of AMQP's type uint are held in an int and may be negative (serial numbers); windows and credit are
 * 0 to 2^32-1. Owned by the loop of its connection; valid until the next {@link #decode} or {@link #clear}.
 */
public final class FlowFrame {

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);
    private static final long MAX_UINT = 0xffff_ffffL;

    public boolean hasNextIncomingId;
    public int nextIncomingId;
    public long incomingWindow;
    public int nextOutgoingId;
    public long outgoingWindow;
    /** Whether it concerns a link; without, the link fields have no meaning. */
    public boolean hasHandle;

    public int handle;
    public boolean hasDeliveryCount;
    public int deliveryCount;
    public boolean hasLinkCredit;
    public long linkCredit;
    public boolean hasAvailable;
    public long available;
    public boolean drain;
    public boolean echo;

    private final PerformativeCodec codec;
    private final FieldReader fields = new FieldReader();
    private final ListWriter list = new ListWriter();
    private ByteBuffer bytes = NOTHING;
    private int propertiesAt = -1;
    private @Nullable Map<Symbol, Object> properties;

    /** A view whose frames that carry properties that codec encodes. */
    public FlowFrame(PerformativeCodec codec) {
        this.codec = codec;
    }

    /**
     * Reads a flow.
     *
     * @throws ConnectionError when it is malformed
     */
    public void decode(ByteBuffer body) {
        bytes = body;
        properties = null;
        propertiesAt = -1;
        try {
            if (Encodings.descriptor(body) != PerformativeCodec.FLOW) {
                throw new MalformedException("it is another performative");
            }
            fields.enter(body);
            hasNextIncomingId = fields.next();
            nextIncomingId = hasNextIncomingId ? Encodings.uint(body) : 0;
            incomingWindow = fields.mandatoryUint("incoming-window") & MAX_UINT;
            nextOutgoingId = fields.mandatoryUint("next-outgoing-id");
            outgoingWindow = fields.mandatoryUint("outgoing-window") & MAX_UINT;
            hasHandle = fields.next();
            handle = hasHandle ? Encodings.uint(body) : 0;
            hasDeliveryCount = fields.next();
            deliveryCount = hasDeliveryCount ? Encodings.uint(body) : 0;
            hasLinkCredit = fields.next();
            linkCredit = hasLinkCredit ? Encodings.uint(body) & MAX_UINT : 0;
            hasAvailable = fields.next();
            available = hasAvailable ? Encodings.uint(body) & MAX_UINT : 0;
            drain = fields.bool();
            echo = fields.bool();
            if (fields.next()) {
                propertiesAt = body.position();
                Encodings.skip(body, PerformativeCodec.MAX_ELEMENTS);
            }
            fields.leave();
        } catch (MalformedException | BufferUnderflowException malformed) {
            throw PerformativeCodec.malformed(PerformativeCodec.FLOW, malformed);
        }
    }

    /** Whether there are properties. */
    public boolean hasProperties() {
        return propertiesAt >= 0;
    }

    /**
     * The properties, decoded on demand; empty when there are none.
     *
     * @throws ConnectionError when they are not a map with symbols as keys
     */
    public Map<Symbol, Object> properties() {
        if (properties == null && propertiesAt >= 0) {
            try {
                Object decoded = ProtonCodec.decode(bytes.duplicate().position(propertiesAt));
                if (!(decoded instanceof Map<?, ?> map)) {
                    throw new MalformedException("field properties is not a map");
                }
                properties = SymbolMaps.checked("properties", map);
            } catch (MalformedException malformed) {
                throw PerformativeCodec.malformed(PerformativeCodec.FLOW, malformed);
            }
        }
        return properties == null ? Map.of() : properties;
    }

    /** Properties to encode; null for none. */
    public void properties(@Nullable Map<Symbol, Object> value) {
        properties = value;
        propertiesAt = -1;
    }

    /** Forgets everything, before it is filled and encoded. */
    void clear() {
        hasNextIncomingId = hasHandle = hasDeliveryCount = hasLinkCredit = hasAvailable = drain = echo = false;
        nextIncomingId = nextOutgoingId = handle = deliveryCount = 0;
        incomingWindow = outgoingWindow = linkCredit = available = 0;
        bytes = NOTHING;
        properties(null);
    }

    /** Writes a whole frame. */
    public void encode(int channel, Output out) {
        if (properties != null) {
            codec.encode(channel, withProperties(properties), out);
            return;
        }
        list.beginFrame(out, ListWriter.FRAME_BYTES, channel, PerformativeCodec.FLOW);
        list.uint(hasNextIncomingId, nextIncomingId);
        list.uint((int) incomingWindow);
        list.uint(nextOutgoingId);
        list.uint((int) outgoingWindow);
        list.uint(hasHandle, handle);
        list.uint(hasDeliveryCount, deliveryCount);
        list.uint(hasLinkCredit, (int) linkCredit);
        list.uint(hasAvailable, (int) available);
        list.flag(drain);
        list.flag(echo);
        list.endList();
        list.endFrame();
    }

    private Flow withProperties(Map<Symbol, Object> map) {
        var flow = new Flow();
        flow.setNextIncomingId(hasNextIncomingId ? UnsignedInteger.valueOf(nextIncomingId) : null);
        flow.setIncomingWindow(UnsignedInteger.valueOf((int) incomingWindow));
        flow.setNextOutgoingId(UnsignedInteger.valueOf(nextOutgoingId));
        flow.setOutgoingWindow(UnsignedInteger.valueOf((int) outgoingWindow));
        flow.setHandle(hasHandle ? UnsignedInteger.valueOf(handle) : null);
        flow.setDeliveryCount(hasDeliveryCount ? UnsignedInteger.valueOf(deliveryCount) : null);
        flow.setLinkCredit(hasLinkCredit ? UnsignedInteger.valueOf((int) linkCredit) : null);
        flow.setAvailable(hasAvailable ? UnsignedInteger.valueOf((int) available) : null);
        flow.setDrain(drain);
        flow.setEcho(echo);
        flow.setProperties(map);
        return flow;
    }
}
