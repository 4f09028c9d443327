package io.turnstone.amqp.codec;

import java.nio.ByteBuffer;

/** Takes the frames that are written, one at a time or many. */
public final class Frames implements Output {

    private ByteBuffer room = ByteBuffer.allocate(1024);
    private int start;

    @Override
    public ByteBuffer out(int atLeast) {
        if (room.remaining() < atLeast) {
            room = ByteBuffer.allocate(2 * room.capacity() + atLeast).put(room.flip());
        }
        return room;
    }

    /** Takes all that was written since the last take. */
    public ByteBuffer take() {
        var taken = new byte[room.position() - start];
        room.get(start, taken);
        room.clear();
        return ByteBuffer.wrap(taken);
    }

    int channel() {
        return room.getShort(6) & 0xffff;
    }

    int type() {
        return room.get(5);
    }

    /** The body of the one frame that was written; its header is right. */
    public ByteBuffer body() {
        ByteBuffer frame = take();
        if (frame.getInt() != frame.limit() || frame.get() != 2) {
            throw new AssertionError("a wrong frame header");
        }
        return frame.position(8);
    }

    /** The one frame that was written, as Proton-J reads it. */
    public Object performative() {
        return Proton.decode(body());
    }
}
