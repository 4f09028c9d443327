package io.turnstone.amqp.codec;

import io.turnstone.amqp.error.ConnectionError;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.messaging.Target;
import org.apache.qpid.proton.amqp.security.SaslFrameBody;
import org.apache.qpid.proton.amqp.transport.AmqpError;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Begin;
import org.apache.qpid.proton.amqp.transport.FrameBody;
import org.apache.qpid.proton.amqp.transport.Open;
import org.apache.qpid.proton.amqp.transport.Role;

/**
 * Decodes and encodes the performatives of one connection with Proton-J's codec, after a look at their bytes that
 * leaves it no chance to allocate or recurse beyond measure. The frequent ones have views of their own:
 * {@link TransferFrame}, {@link FlowFrame}, {@link DispositionFrame}. Owned by the loop of its connection.
 */
public final class PerformativeCodec {

    /** Descriptor code of {@code open}. */
    public static final int OPEN = 0x10;
    /** Descriptor code of {@code begin}. */
    public static final int BEGIN = 0x11;
    /** Descriptor code of {@code attach}. */
    static final int ATTACH = 0x12;
    /** Descriptor code of {@code flow}. */
    public static final int FLOW = 0x13;
    /** Descriptor code of {@code transfer}. */
    public static final int TRANSFER = 0x14;
    /** Descriptor code of {@code disposition}. */
    public static final int DISPOSITION = 0x15;
    /** Descriptor code of {@code detach}. */
    static final int DETACH = 0x16;
    /** Descriptor code of {@code end}. */
    static final int END = 0x17;
    /** Descriptor code of {@code close}. */
    public static final int CLOSE = 0x18;

    /**
     * Elements that a list, map (keys and values) or array in a performative may have at most; an attach with a longer
     * unsettled map can say {@code incomplete-unsettled} instead.
     */
    static final int MAX_ELEMENTS = 4096;

    /**
     * What Proton-J's decoder does not check.
     *
     * @param count how many fields it may have: Proton-J leaves all of them empty when there are more
     * @param mandatory its fields up to the last mandatory one, optional ones as "-"
     */
    private record Fields(int count, List<String> mandatory) {
        private static Fields of(int count, String... mandatory) {
            return new Fields(count, List.of(mandatory));
        }
    }

    /** The fields of each performative, by descriptor code. */
    private static final Map<Integer, Fields> FIELDS = Map.ofEntries(
            Map.entry(OPEN, Fields.of(10, "container-id")),
            Map.entry(BEGIN, Fields.of(8, "-", "next-outgoing-id", "incoming-window", "outgoing-window")),
            Map.entry(ATTACH, Fields.of(14, "name", "handle", "role")),
            Map.entry(FLOW, Fields.of(11, "-", "incoming-window", "next-outgoing-id", "outgoing-window")),
            Map.entry(TRANSFER, Fields.of(11, "handle")),
            Map.entry(DISPOSITION, Fields.of(6, "role", "first")),
            Map.entry(DETACH, Fields.of(3, "handle")),
            Map.entry(END, Fields.of(1)),
            Map.entry(CLOSE, Fields.of(1)),
            Map.entry(Descriptors.SASL_MECHANISMS, Fields.of(1, "sasl-server-mechanisms")),
            Map.entry(Descriptors.SASL_MECHANISMS + 1, Fields.of(3, "mechanism")),
            Map.entry(Descriptors.SASL_MECHANISMS + 2, Fields.of(1, "challenge")),
            Map.entry(Descriptors.SASL_MECHANISMS + 3, Fields.of(1, "response")),
            Map.entry(Descriptors.SASL_OUTCOME, Fields.of(2, "code")));

    private static final List<String> NAMES =
            List.of("open", "begin", "attach", "flow", "transfer", "disposition", "detach", "end", "close");

    private static final List<String> SASL_NAMES =
            List.of("sasl-mechanisms", "sasl-init", "sasl-challenge", "sasl-response", "sasl-outcome");

    private final FieldReader fields = new FieldReader();
    private int maxFrameSize = Integer.MAX_VALUE;

    /** Sets the largest frame that the peer takes, in bytes; cold performatives beyond it are not sent. */
    void peerMaxFrameSize(int bytes) {
        maxFrameSize = bytes;
    }

    /**
     * Which performative a frame carries.
     *
     * @param body a frame's body; its position does not change
     * @return {@link #OPEN} to {@link #CLOSE}
     * @throws ConnectionError when it is none of them
     */
    public static int kind(ByteBuffer body) {
        return kind(body, OPEN, CLOSE, "an AMQP frame");
    }

    /**
     * Decodes any performative; for transfer, flow and disposition use the views.
     *
     * @param body a frame's body; afterwards its position is behind the performative
     * @throws ConnectionError {@code amqp:decode-error} naming the performative and what is wrong with it
     */
    public FrameBody decode(ByteBuffer body) {
        int kind = kind(body);
        try {
            Object decoded = decode(body, kind);
            if (decoded instanceof Open open) {
                open.setProperties(SymbolMaps.checkedOrNull("properties", open.getProperties()));
            } else if (decoded instanceof Begin begin) {
                begin.setProperties(SymbolMaps.checkedOrNull("properties", begin.getProperties()));
            } else if (decoded instanceof Attach attach) {
                check(attach);
            }
            return (FrameBody) decoded;
        } catch (MalformedException | BufferUnderflowException malformed) {
            throw malformed(kind, malformed);
        }
    }

    /** Decodes the body of a SASL frame; errors as in {@link #decode}. */
    public SaslFrameBody decodeSasl(ByteBuffer body) {
        int kind = kind(body, Descriptors.SASL_MECHANISMS, Descriptors.SASL_OUTCOME, "a SASL frame");
        try {
            return (SaslFrameBody) decode(body, kind);
        } catch (MalformedException | BufferUnderflowException malformed) {
            throw malformed(kind, malformed);
        }
    }

    /**
     * Writes a whole frame with a performative.
     *
     * @throws ConnectionError {@code amqp:frame-size-too-small} when the peer could not take it
     */
    void encode(int channel, FrameBody performative, Output out) {
        encode(FrameReader.AMQP, channel, performative, out);
    }

    /** Writes a whole SASL frame. */
    void encodeSasl(SaslFrameBody body, Output out) {
        encode(FrameReader.SASL, 0, body, out);
    }

    /** Writes an empty frame. */
    static void encodeHeartbeat(Output out) {
        out.out(FrameReader.HEADER).putInt(FrameReader.HEADER).putInt(2 << 24);
    }

    /** The error for a performative that could not be decoded. */
    static ConnectionError malformed(int kind, RuntimeException why) {
        String what = why instanceof MalformedException ? why.getMessage() : "it ends too early";
        return ConnectionError.decode(name(kind) + ": " + what);
    }

    private static String name(int kind) {
        return kind <= CLOSE ? NAMES.get(kind - OPEN) : SASL_NAMES.get(kind - Descriptors.SASL_MECHANISMS);
    }

    private static int kind(ByteBuffer body, int from, int to, String where) {
        int start = body.position();
        try {
            long code = Encodings.descriptor(body);
            body.position(start);
            if (code >= from && code <= to) {
                return (int) code;
            }
        } catch (MalformedException | BufferUnderflowException malformed) {
            throw ConnectionError.decode(where + " must begin with a performative: " + malformed.getMessage());
        }
        throw ConnectionError.decode(where + " must begin with a performative");
    }

    private Object decode(ByteBuffer body, int kind) {
        int start = body.position();
        Encodings.descriptor(body);
        fields.enter(body);
        Fields known = Objects.requireNonNull(FIELDS.get(kind));
        for (int i = 0; i < known.count(); i++) {
            String name = i < known.mandatory().size() ? known.mandatory().get(i) : "-";
            if (!fields.skip(MAX_ELEMENTS) && !name.equals("-")) {
                throw new MalformedException("field " + name + " is missing");
            }
        }
        fields.leave();
        Object decoded = ProtonCodec.decode(body.position(start));
        if (decoded == null) {
            throw new MalformedException("it is null");
        }
        return decoded;
    }

    private static void check(Attach attach) {
        attach.setProperties(SymbolMaps.checkedOrNull("properties", attach.getProperties()));
        if (attach.getRole() == Role.SENDER && attach.getInitialDeliveryCount() == null) {
            throw new MalformedException("field initial-delivery-count is missing");
        }
        if (attach.getSource() instanceof Source source) {
            source.setFilter(SymbolMaps.checkedOrNull("filter", source.getFilter()));
            source.setDynamicNodeProperties(
                    SymbolMaps.checkedOrNull("dynamic-node-properties", source.getDynamicNodeProperties()));
        }
        if (attach.getTarget() instanceof Target target) {
            target.setDynamicNodeProperties(
                    SymbolMaps.checkedOrNull("dynamic-node-properties", target.getDynamicNodeProperties()));
        }
    }

    private void encode(int type, int channel, Object performative, Output out) {
        ByteBuffer frame = ProtonCodec.encode(performative, FrameReader.HEADER);
        int size = frame.limit();
        if (size > maxFrameSize) {
            throw new ConnectionError(
                    AmqpError.FRAME_SIZE_TOO_SMALL,
                    "a " + performative.getClass().getSimpleName().toLowerCase(java.util.Locale.ROOT) + " of " + size
                            + " bytes is more than the peer's max-frame-size " + maxFrameSize
                            + "; open with a larger one");
        }
        frame.putInt(0, size).putShort(4, (short) (0x0200 | type)).putShort(6, (short) channel);
        out.out(size).put(frame.position(0));
    }
}
