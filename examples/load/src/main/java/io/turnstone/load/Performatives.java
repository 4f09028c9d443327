package io.turnstone.load;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.apache.qpid.proton.codec.AMQPDefinedTypes;
import org.apache.qpid.proton.codec.DecoderImpl;
import org.apache.qpid.proton.codec.EncoderImpl;

/**
 * Writes and reads the frames outside the hot path (SASL, open, begin, attach, detach, end, close) with
 * Proton-J's codec. Owned by one thread.
 */
final class Performatives {

    private static final int MAX_BYTES = 16 * 1024;
    private static final byte AMQP = 0;
    private static final byte SASL = 1;

    private final DecoderImpl decoder = new DecoderImpl();
    private final EncoderImpl encoder = new EncoderImpl(decoder);
    private final ByteBuffer scratch = ByteBuffer.allocate(MAX_BYTES);

    Performatives() {
        AMQPDefinedTypes.registerAllTypes(decoder, encoder);
    }

    byte[] frame(int channel, Object performative) {
        return encode(AMQP, channel, performative);
    }

    byte[] saslFrame(Object performative) {
        return encode(SASL, 0, performative);
    }

    private byte[] encode(byte type, int channel, Object performative) {
        scratch.clear();
        scratch.putInt(0).put((byte) 2).put(type).putShort((short) channel);
        encoder.setByteBuffer(scratch);
        encoder.writeObject(performative);
        scratch.putInt(0, scratch.position());
        return Arrays.copyOf(scratch.array(), scratch.position());
    }

    /** The performative at the position of {@code in}; what follows it, a payload, stays unread. */
    Object read(ByteBuffer in) {
        decoder.setByteBuffer(in);
        return decoder.readObject();
    }
}
