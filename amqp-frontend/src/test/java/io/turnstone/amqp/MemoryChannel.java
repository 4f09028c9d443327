package io.turnstone.amqp;

import io.turnstone.api.Loop;
import io.turnstone.api.plugin.Protocol;
import java.nio.ByteBuffer;

/** A channel without a socket: what is written stays until a test takes it. */
public final class MemoryChannel implements Protocol.Channel {

    private final Loop loop;
    private ByteBuffer written = ByteBuffer.allocate(4096);
    private int seen;
    private boolean reading = true;
    private boolean closed;
    private boolean stuck;

    public MemoryChannel(Loop loop) {
        this.loop = loop;
    }

    @Override
    public Loop loop() {
        return loop;
    }

    @Override
    public String remoteAddress() {
        return "192.0.2.1:40000";
    }

    @Override
    public ByteBuffer out(int atLeast) {
        if (closed) {
            throw new IllegalStateException("written after close");
        }
        if (written.remaining() < atLeast) {
            written = ByteBuffer.allocate(2 * written.capacity() + atLeast).put(written.flip());
        }
        return written;
    }

    @Override
    public long pendingBytes() {
        return stuck ? written.position() : 0;
    }

    @Override
    public void read(boolean on) {
        reading = on;
    }

    @Override
    public void close() {
        closed = true;
    }

    /** All that was written since the last call. */
    ByteBuffer take() {
        written.flip();
        var taken = new byte[written.remaining()];
        written.get(taken);
        written.clear();
        seen = 0;
        return ByteBuffer.wrap(taken);
    }

    /** What was written since the last look; it stays while the other end takes nothing. */
    public ByteBuffer look() {
        ByteBuffer since = written.duplicate().flip().position(seen);
        ByteBuffer copy = ByteBuffer.allocate(since.remaining()).put(since).flip();
        seen = written.position();
        if (!stuck) {
            written.clear();
            seen = 0;
        }
        return copy;
    }

    /** Whether the other end takes nothing, so that bytes pile up. */
    public void stuck(boolean on) {
        stuck = on;
    }

    public boolean stuck() {
        return stuck;
    }

    public boolean closed() {
        return closed;
    }

    boolean reading() {
        return reading;
    }
}
