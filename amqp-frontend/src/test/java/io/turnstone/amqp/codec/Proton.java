package io.turnstone.amqp.codec;

import java.nio.ByteBuffer;
import org.apache.qpid.proton.codec.AMQPDefinedTypes;
import org.apache.qpid.proton.codec.DecoderImpl;
import org.apache.qpid.proton.codec.EncoderImpl;

/** Proton-J's codec as the judge of ours. */
public final class Proton {

    private static final DecoderImpl DECODER = new DecoderImpl();
    private static final EncoderImpl ENCODER = new EncoderImpl(DECODER);

    static {
        AMQPDefinedTypes.registerAllTypes(DECODER, ENCODER);
    }

    private Proton() {}

    public static ByteBuffer encode(Object value) {
        ByteBuffer bytes = ByteBuffer.allocate(32 * 1024);
        ENCODER.setByteBuffer(bytes);
        ENCODER.writeObject(value);
        return bytes.flip();
    }

    public static Object decode(ByteBuffer bytes) {
        DECODER.setByteBuffer(bytes);
        return DECODER.readObject();
    }
}
