package io.turnstone.amqp;

import java.nio.ByteBuffer;
import org.apache.qpid.proton.amqp.security.SaslFrameBody;
import org.apache.qpid.proton.amqp.transport.FrameBody;

/**
 * Decodes and encodes the performatives of one connection with Proton-J's codec. The frequent ones have views of
 * their own: {@link TransferFrame}, {@link FlowFrame}, {@link DispositionFrame}. Owned by the loop of its connection.
 */
final class PerformativeCodec {

    /** Descriptor code of {@code open}. */
    static final int OPEN = 0x10;
    /** Descriptor code of {@code begin}. */
    static final int BEGIN = 0x11;
    /** Descriptor code of {@code attach}. */
    static final int ATTACH = 0x12;
    /** Descriptor code of {@code flow}. */
    static final int FLOW = 0x13;
    /** Descriptor code of {@code transfer}. */
    static final int TRANSFER = 0x14;
    /** Descriptor code of {@code disposition}. */
    static final int DISPOSITION = 0x15;
    /** Descriptor code of {@code detach}. */
    static final int DETACH = 0x16;
    /** Descriptor code of {@code end}. */
    static final int END = 0x17;
    /** Descriptor code of {@code close}. */
    static final int CLOSE = 0x18;

    PerformativeCodec() {}

    /**
     * Which performative a frame carries.
     *
     * @param body a frame's body; its position does not change
     * @return {@link #OPEN} to {@link #CLOSE}
     * @throws ConnectionError when it is none of them
     */
    int kind(ByteBuffer body) {
        throw new UnsupportedOperationException();
    }

    /**
     * Decodes any performative; for transfer, flow and disposition use the views.
     *
     * @param body a frame's body; afterwards its position is behind the performative
     * @throws ConnectionError {@code amqp:decode-error} naming the performative and what is wrong with it
     */
    FrameBody decode(ByteBuffer body) {
        throw new UnsupportedOperationException();
    }

    /** Decodes the body of a SASL frame; errors as in {@link #decode}. */
    SaslFrameBody decodeSasl(ByteBuffer body) {
        throw new UnsupportedOperationException();
    }

    /** Writes a whole frame with a performative. */
    void encode(int channel, FrameBody performative, Output out) {
        throw new UnsupportedOperationException();
    }

    /** Writes a whole SASL frame. */
    void encodeSasl(SaslFrameBody body, Output out) {
        throw new UnsupportedOperationException();
    }

    /** Writes an empty frame. */
    static void encodeHeartbeat(Output out) {
        out.out(FrameReader.HEADER).putInt(FrameReader.HEADER).putInt(2 << 24);
    }
}
