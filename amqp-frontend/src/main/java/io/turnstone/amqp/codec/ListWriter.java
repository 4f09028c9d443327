package io.turnstone.amqp.codec;

import java.nio.ByteBuffer;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.Modified;
import org.apache.qpid.proton.amqp.messaging.Rejected;
import org.apache.qpid.proton.amqp.messaging.Released;
import org.apache.qpid.proton.amqp.transport.DeliveryState;
import org.jspecify.annotations.Nullable;

/**
 * Writes one described list of at most 255 bytes, in its smallest encoding and without trailing nulls, with or
 * without a frame around it. Reused; owned by whoever made it.
 */
public final class ListWriter {

    /** Room for a frame with a flow, a disposition or a transfer without its payload. */
    public static final int FRAME_BYTES = 96;

    /** Fields of a transfer before that. */
    private static final int RESUME = 8;

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);
    private static final int LIST_HEADER = 6;

    /** Bytes of a frame before its first field. */
    public static final int FRAME_HEADERS = FrameReader.HEADER + LIST_HEADER;

    private ByteBuffer buffer = NOTHING;
    private int frameAt;
    private int listAt;
    private int count;
    private int usedCount;
    private int usedEnd;

    /** Begins a frame and the list in it. */
    public ByteBuffer beginFrame(Output out, int atLeast, int channel, int code) {
        ByteBuffer room = out.out(atLeast);
        frameAt = room.position();
        room.putInt(0).putShort((short) 0x0200).putShort((short) channel);
        beginList(room, code);
        return room;
    }

    /** Begins a list that stands alone. */
    public void beginList(ByteBuffer room, int code) {
        buffer = room;
        listAt = room.position();
        room.put((byte) Encodings.DESCRIBED).put((byte) Encodings.SMALL_ULONG).put((byte) code);
        room.put((byte) Encodings.LIST8).putShort((short) 0);
        count = 0;
        usedCount = 0;
        usedEnd = room.position();
    }

    /** Puts an absent field. */
    public void none() {
        buffer.put((byte) Encodings.NULL);
        count++;
    }

    /** Puts a uint. */
    public void uint(int value) {
        if (value == 0) {
            buffer.put((byte) Encodings.UINT0);
        } else if ((value & ~0xff) == 0) {
            buffer.put((byte) Encodings.SMALL_UINT).put((byte) value);
        } else {
            buffer.put((byte) Encodings.UINT).putInt(value);
        }
        used();
    }

    /** Puts a uint that may be absent. */
    public void uint(boolean present, int value) {
        if (present) {
            uint(value);
        } else {
            none();
        }
    }

    /** Puts a boolean. */
    public void bool(boolean value) {
        buffer.put((byte) (value ? Encodings.TRUE : Encodings.FALSE));
        used();
    }

    /** Puts a boolean that is false when absent. */
    public void flag(boolean value) {
        if (value) {
            bool(true);
        } else {
            none();
        }
    }

    /** Leaves out what comes before the ninth field, in which a transfer says that it resumes. */
    public void atResume() {
        while (count < RESUME) {
            none();
        }
    }

    /** Puts a ubyte. */
    public void ubyte(int value) {
        buffer.put((byte) Encodings.UBYTE).put((byte) value);
        used();
    }

    /** Puts a binary of at most 32 bytes. */
    public void binary(byte[] value) {
        buffer.put((byte) Encodings.BINARY8).put((byte) value.length).put(value);
        used();
    }

    /** Puts an outcome {@linkplain #simple without details}, or null. */
    void state(@Nullable DeliveryState state) {
        if (state == null) {
            none();
            return;
        }
        buffer.put((byte) Encodings.DESCRIBED).put((byte) Encodings.SMALL_ULONG);
        if (state instanceof Accepted) {
            buffer.put((byte) Descriptors.ACCEPTED).put((byte) Encodings.LIST0);
        } else if (state instanceof Released) {
            buffer.put((byte) Descriptors.RELEASED).put((byte) Encodings.LIST0);
        } else if (state instanceof Rejected) {
            buffer.put((byte) Descriptors.REJECTED).put((byte) Encodings.LIST0);
        } else {
            var modified = (Modified) state;
            buffer.put((byte) Descriptors.MODIFIED)
                    .put((byte) Encodings.LIST8)
                    .put((byte) 3)
                    .put((byte) 2);
            buffer.put(trueOrFalse(modified.getDeliveryFailed())).put(trueOrFalse(modified.getUndeliverableHere()));
        }
        used();
    }

    /** Puts the state of a delivery in a transaction, without an outcome; the id has at most 32 bytes. */
    public void transactional(byte[] id) {
        buffer.put((byte) Encodings.DESCRIBED).put((byte) Encodings.SMALL_ULONG);
        buffer.put((byte) Descriptors.TRANSACTIONAL_STATE).put((byte) Encodings.LIST8);
        buffer.put((byte) (id.length + 3)).put((byte) 1);
        binary(id);
    }

    /** Whether {@link #state} can write it: an outcome without error and annotations. */
    static boolean simple(@Nullable DeliveryState state) {
        return state == null
                || state instanceof Accepted
                || state instanceof Released
                || (state instanceof Rejected rejected && rejected.getError() == null)
                || (state instanceof Modified modified && modified.getMessageAnnotations() == null);
    }

    /** Whether no field of the list has a value. */
    public boolean empty() {
        return usedCount == 0;
    }

    /** Ends the list; what follows is put behind it. */
    public void endList() {
        buffer.position(usedEnd);
        buffer.put(listAt + 4, (byte) (usedEnd - listAt - LIST_HEADER + 1));
        buffer.put(listAt + 5, (byte) usedCount);
    }

    /** Ends the frame where the buffer's position is now. */
    public void endFrame() {
        buffer.putInt(frameAt, buffer.position() - frameAt);
        buffer = NOTHING;
    }

    private void used() {
        usedCount = ++count;
        usedEnd = buffer.position();
    }

    private static byte trueOrFalse(@Nullable Boolean value) {
        return (byte) (Boolean.TRUE.equals(value) ? Encodings.TRUE : Encodings.FALSE);
    }
}
