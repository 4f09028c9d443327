package io.turnstone.amqp.codec;

import io.turnstone.amqp.error.ConnectionError;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Cuts what a socket delivers into frames (part 2, section 2.3). A frame that lies in one piece is handed on where it
 * is; only a frame split between two reads is copied, into a buffer that grows with what has come, never with what
 * was announced. Owned by the loop of its connection.
 */
public final class FrameReader {

    /** The type of a frame with an AMQP performative. */
    static final int AMQP = 0;

    /** The type of a frame of the security layer. */
    public static final int SASL = 1;

    /** Length of a frame header, and of the smallest frame. */
    static final int HEADER = 8;

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);
    /** A larger buffer is not kept for the next split frame. */
    private static final int KEPT = 32 * 1024;

    private int maxFrameSize;
    /** The beginning of a frame (or protocol header) whose end has not come; filled up to its position. */
    private ByteBuffer partial = NOTHING;
    /** After a size that cannot be: where the next frame begins is not known, so nothing more is read. */
    private boolean astray;

    public FrameReader(int maxFrameSize) {
        this.maxFrameSize = maxFrameSize;
    }

    /** Changes the largest frame the peer may send, in bytes, from the next frame on. */
    public void maxFrameSize(int bytes) {
        maxFrameSize = bytes;
    }

    /** Bytes of an unfinished frame that are kept until the next read. */
    int pending() {
        return partial.position();
    }

    /**
     * Takes a protocol header (part 2, section 2.2) from the bytes.
     *
     * @return what it asks for, or null when its end has not come; then all bytes are taken
     */
    @Nullable
    public ProtocolHeader header(ByteBuffer bytes) {
        if (partial.position() == 0 && bytes.remaining() >= ProtocolHeader.LENGTH) {
            return ProtocolHeader.read(bytes);
        }
        if (!topUp(bytes, ProtocolHeader.LENGTH)) {
            return null;
        }
        partial.flip();
        var header = ProtocolHeader.read(partial);
        partial.clear();
        return header;
    }

    /**
     * Takes at most one frame from the bytes. The caller goes on until the answer is false, unless the frame changed
     * what must come next. A frame is taken, too, when the sink throws. After a frame of a wrong size all bytes are taken,
     * unread.
     *
     * @return whether the sink got a frame or heartbeat; if not, all bytes are taken
     * @throws ConnectionError when the frame header is wrong, or whatever the sink throws
     */
    public boolean next(ByteBuffer bytes, FrameSink sink) {
        if (astray) {
            bytes.position(bytes.limit());
            return false;
        }
        if (partial.position() == 0) {
            if (bytes.remaining() >= HEADER) {
                int size = size(bytes, bytes.position());
                if (bytes.remaining() >= size) {
                    deliver(bytes, size, sink);
                    return true;
                }
            }
            if (!bytes.hasRemaining()) {
                return false;
            }
        }
        if (!topUp(bytes, HEADER)) {
            return false;
        }
        int size = size(partial, 0);
        if (!topUp(bytes, size)) {
            return false;
        }
        ByteBuffer frame = partial.flip();
        // Detached first: a sink that throws must not leave half a frame behind.
        partial = NOTHING;
        deliver(frame, size, sink);
        if (frame.capacity() <= KEPT) {
            partial = frame.clear();
        }
        return true;
    }

    private int size(ByteBuffer bytes, int at) {
        int size = bytes.getInt(at);
        if (size < HEADER || size > maxFrameSize) {
            astray = true;
            throw ConnectionError.framing("frame size " + Integer.toUnsignedString(size) + " must be " + HEADER + " to "
                    + maxFrameSize + ", the max-frame-size");
        }
        return size;
    }

    private static void deliver(ByteBuffer bytes, int size, FrameSink sink) {
        int end = bytes.position() + size;
        int limit = bytes.limit();
        try {
            deliverTo(sink, bytes, size);
        } finally {
            bytes.limit(limit).position(end);
        }
    }

    private static void deliverTo(FrameSink sink, ByteBuffer bytes, int size) {
        int start = bytes.position();
        int offset = (bytes.get(start + 4) & 0xff) * 4;
        int type = bytes.get(start + 5) & 0xff;
        if (offset < HEADER || offset > size) {
            throw ConnectionError.framing(
                    "data offset " + offset / 4 + " must be 2 to " + size / 4 + " in a frame of " + size + " bytes");
        }
        if (type > SASL) {
            throw ConnectionError.framing("frame type " + type + " must be 0 (AMQP) or 1 (SASL)");
        }
        bytes.limit(start + size).position(start + offset);
        if (offset < size) {
            sink.frame(type, type == SASL ? 0 : bytes.getShort(start + 6) & 0xffff, bytes);
        } else if (type == AMQP) {
            sink.heartbeat();
        } else {
            // Part 5, section 5.3.1: an empty SASL frame is an irrecoverable error.
            throw ConnectionError.framing("a SASL frame must not be empty");
        }
    }

    /** Moves bytes behind the partial frame until it has a length; false if they do not suffice. */
    private boolean topUp(ByteBuffer bytes, int length) {
        int have = partial.position();
        int take = Math.min(length - have, bytes.remaining());
        if (take > 0) {
            if (have + take > partial.capacity()) {
                int capacity = Math.min(Math.max(length, 64), Math.max(2 * partial.capacity(), have + take));
                partial = ByteBuffer.allocate(Math.max(capacity, have + take)).put(partial.flip());
            }
            partial.put(have, bytes, bytes.position(), take).position(have + take);
            bytes.position(bytes.position() + take);
        }
        return have + Math.max(take, 0) >= length;
    }
}
