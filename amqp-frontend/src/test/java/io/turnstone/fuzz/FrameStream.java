package io.turnstone.fuzz;

import io.turnstone.amqp.codec.Proton;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Cuts what one end sends into frames and has Proton-J read them, as far as they are any. Used by one thread. */
final class FrameStream {

    /** What is in a frame; null for an empty one. */
    interface Sink {
        void frame(int channel, @Nullable Object body, byte[] payload);
    }

    private static final int HEADER = 8;
    private static final int PROTOCOL = 0x414d5150;
    private static final int LARGEST = 1 << 20;

    private final Sink sink;
    /** Whether bytes that are no frames are a defect. */
    private final boolean strict;

    private byte[] rest = {};
    private boolean lost;

    FrameStream(boolean strict, Sink sink) {
        this.strict = strict;
        this.sink = sink;
    }

    void add(ByteBuffer bytes) {
        if (lost) {
            return;
        }
        ByteBuffer all = ByteBuffer.allocate(rest.length + bytes.remaining())
                .put(rest)
                .put(bytes.duplicate())
                .flip();
        while (all.remaining() >= HEADER && !lost) {
            int size = all.getInt(all.position());
            if (size == PROTOCOL) {
                all.position(all.position() + HEADER);
                continue;
            }
            int offset = (all.get(all.position() + 4) & 0xff) * 4;
            if (size < HEADER || size > LARGEST || offset < HEADER || offset > size) {
                lose("frame size " + size + " offset " + offset);
                return;
            }
            if (all.remaining() < size) {
                break;
            }
            frame(all.slice(all.position(), size), offset);
            all.position(all.position() + size);
        }
        rest = Arrays.copyOfRange(all.array(), all.position(), all.limit());
    }

    private void frame(ByteBuffer frame, int offset) {
        int channel = frame.getShort(6) & 0xffff;
        frame.position(offset);
        Object body = null;
        if (frame.hasRemaining()) {
            try {
                body = Proton.decode(frame);
            } catch (RuntimeException e) {
                if (strict) {
                    throw new AssertionError("the broker said a frame that Proton-J cannot read", e);
                }
                return;
            }
        }
        var payload = new byte[frame.remaining()];
        frame.get(payload);
        sink.frame(channel, body, payload);
    }

    private void lose(String why) {
        lost = true;
        if (strict) {
            throw new AssertionError("the broker said " + why);
        }
    }
}
