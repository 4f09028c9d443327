package io.turnstone.fuzz;

import io.turnstone.api.Loop;
import io.turnstone.api.plugin.Protocol;
import java.nio.ByteBuffer;

/** A channel without a socket, which may take nothing for a while; what it took goes to a witness. */
final class MemorySocket implements Protocol.Channel {

    private final Loop loop;
    private ByteBuffer written = ByteBuffer.allocate(4096);
    private int seen;
    private boolean closed;
    private boolean stuck;

    MemorySocket(Loop loop) {
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
    public void read(boolean on) {}

    @Override
    public void close() {
        closed = true;
    }

    boolean closed() {
        return closed;
    }

    boolean stuck() {
        return stuck;
    }

    void stuck(boolean on) {
        stuck = on;
    }

    /** What was written since the last call, whether it was taken or not. */
    ByteBuffer look() {
        ByteBuffer since = written.duplicate().flip().position(seen);
        ByteBuffer copy = ByteBuffer.allocate(since.remaining()).put(since).flip();
        seen = written.position();
        if (!stuck) {
            written.clear();
            seen = 0;
        }
        return copy;
    }
}
