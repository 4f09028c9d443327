package io.turnstone.amqp;

import io.turnstone.api.Loop;
import io.turnstone.api.plugin.Protocol;
import java.nio.ByteBuffer;

/** A channel whose other end only counts what it is sent. Owned by its loop. */
final class SilentChannel implements Protocol.Channel {

    private static final int ROOM = 1 << 20;
    private static final int TRANSFER = 0x14;
    private static final int FLOW = 0x13;
    private static final int CLOSE = 0x18;
    private static final int DETACH = 0x16;

    private final Loop loop;
    private final ByteBuffer out = ByteBuffer.allocateDirect(ROOM);
    private boolean greeted;
    private int transfers;
    private int flows;

    SilentChannel(Loop loop) {
        this.loop = loop;
    }

    /** Transfers since the last look. */
    int transfers() {
        count();
        int counted = transfers;
        transfers = 0;
        return counted;
    }

    /** Flows since the last look. */
    int flows() {
        count();
        int counted = flows;
        flows = 0;
        return counted;
    }

    private void count() {
        out.flip();
        if (!greeted && out.hasRemaining()) {
            greeted = true;
            out.position(8);
        }
        while (out.hasRemaining()) {
            int start = out.position();
            int size = out.getInt(start);
            int kind = size == 8 ? 0 : out.get(start + 10);
            switch (kind) {
                case TRANSFER -> transfers++;
                case FLOW -> flows++;
                case DETACH, CLOSE -> throw new IllegalStateException("the broker ended it");
                default -> {}
            }
            out.position(start + size);
        }
        out.clear();
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
        if (out.remaining() < atLeast) {
            throw new IllegalStateException("more than " + ROOM + " bytes in a turn");
        }
        return out;
    }

    @Override
    public long pendingBytes() {
        return 0;
    }

    @Override
    public void read(boolean on) {
        // Nobody is made to wait.
    }

    @Override
    public void close() {
        throw new IllegalStateException("the connection ended");
    }
}
