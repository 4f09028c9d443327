package io.turnstone.amqp.codec;

import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import org.apache.qpid.proton.codec.AMQPDefinedTypes;
import org.apache.qpid.proton.codec.DecoderImpl;
import org.apache.qpid.proton.codec.EncoderImpl;
import org.jspecify.annotations.Nullable;

/**
 * Proton-J's decoder and encoder, one pair for each thread: they weigh some fifty kilobytes and keep nothing between
 * calls, so the connections of a loop share them.
 */
public final class ProtonCodec {

    private static final ThreadLocal<ProtonCodec> OF_THREAD = ThreadLocal.withInitial(ProtonCodec::new);
    private static final int SCRATCH = 4 * 1024;
    /** A larger scratch buffer is not kept. */
    private static final int KEPT = 64 * 1024;
    /** Nothing that is encoded here may become larger. */
    private static final int LARGEST = 16 * 1024 * 1024;

    private final DecoderImpl decoder = new DecoderImpl();
    private final EncoderImpl encoder = new EncoderImpl(decoder);
    private ByteBuffer scratch = ByteBuffer.allocate(SCRATCH);

    private ProtonCodec() {
        AMQPDefinedTypes.registerAllTypes(decoder, encoder);
        decoder.setMaxDecodeDepth(Encodings.MAX_DEPTH + 2);
    }

    /**
     * Decodes one value, the structure of which {@link Encodings#skip} has checked; the position is behind it then.
     *
     * @throws MalformedException when it is not what Proton-J expects
     */
    public static @Nullable Object decode(ByteBuffer bytes) {
        ProtonCodec codec = OF_THREAD.get();
        try {
            codec.decoder.setByteBuffer(bytes);
            Object value = codec.decoder.readObject();
            codec.decoder.setBuffer(null);
            return value;
        } catch (ClassCastException wrongType) {
            OF_THREAD.remove();
            throw new MalformedException("a field has the wrong type");
        } catch (RuntimeException malformed) {
            // The decoder's depth may be off now, so it goes too.
            OF_THREAD.remove();
            throw new MalformedException(String.valueOf(malformed.getMessage()));
        }
    }

    /**
     * Encodes one value.
     *
     * @param reserved bytes to leave free before it
     * @return the bytes from 0 to the end of the encoding; valid until the next call on this thread
     * @throws IllegalArgumentException when Proton-J knows no encoding for it, or it is too large
     */
    public static ByteBuffer encode(@Nullable Object value, int reserved) {
        ProtonCodec codec = OF_THREAD.get();
        ByteBuffer scratch = codec.scratch;
        while (true) {
            try {
                scratch.clear().position(reserved);
                codec.encoder.setByteBuffer(scratch);
                codec.encoder.writeObject(value);
                break;
            } catch (BufferOverflowException tooSmall) {
                if (scratch.capacity() >= LARGEST) {
                    throw new IllegalArgumentException("a value larger than " + LARGEST + " bytes", tooSmall);
                }
                scratch = ByteBuffer.allocate(4 * scratch.capacity());
            }
        }
        codec.scratch = scratch.capacity() <= KEPT ? scratch : codec.scratch;
        return scratch.flip();
    }
}
