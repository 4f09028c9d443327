package io.turnstone.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import org.apache.qpid.proton.amqp.transport.Close;

/**
 * One socket: cuts what arrives into frames, gathers what leaves, one write per turn, and keeps the connection
 * alive as both idle timeouts ask (AMQP 1.0 §2.4.5). Owned by one loop.
 */
final class Connection {

    static final int CHANNEL = 0;

    /** No new message begins behind this position of the output. */
    private static final int WRITE_LIMIT = 128 * 1024;

    /** Frames are handled while the output has so much room for answers. */
    private static final int ANSWER_ROOM = 4 * 1024;

    private static final int BYTES_PER_LINK = 2 * 1024;

    private final SocketChannel socket;
    private final SelectionKey key;
    private final Session session;
    private final long peerIdleNanos;
    private final ByteBuffer in = ByteBuffer.allocateDirect(4 * Handshake.MAX_FRAME_BYTES);
    private final ByteBuffer out;

    private long lastReadNanos = System.nanoTime();
    private long lastWriteNanos = lastReadNanos;
    private boolean framesLeft;

    /** Registers the socket; the first turn asks for the links. */
    Connection(SocketChannel socket, Selector selector, Session session, int links, long peerIdleMs)
            throws IOException {
        this.socket = socket;
        this.session = session;
        peerIdleNanos = peerIdleMs == 0 ? Long.MAX_VALUE : peerIdleMs * 1_000_000;
        out = ByteBuffer.allocateDirect(2 * Handshake.MAX_FRAME_BYTES + ANSWER_ROOM + links * BYTES_PER_LINK);
        socket.configureBlocking(false);
        key = socket.register(selector, SelectionKey.OP_READ, this);
        session.attach(out);
    }

    Session session() {
        return session;
    }

    /** Reads what is there and handles it. */
    void read(long nowNanos) throws IOException {
        int bytes = socket.read(in);
        if (bytes < 0) {
            throw new BrokerFailure("the broker closed the socket");
        }
        if (bytes > 0) {
            lastReadNanos = nowNanos;
        }
        frames(nowNanos);
    }

    private void frames(long nowNanos) throws IOException {
        int at = 0;
        int end = in.position();
        framesLeft = false;
        while (end - at >= 8) {
            int size = in.getInt(at);
            if (size < 8 || size > Handshake.MAX_FRAME_BYTES) {
                throw new MalformedFrame("a frame of " + Integer.toUnsignedLong(size) + " bytes");
            }
            if (end - at < size) {
                break;
            }
            if (out.remaining() < ANSWER_ROOM) {
                framesLeft = true;
                break;
            }
            int body = at + (in.get(at + 4) & 0xff) * 4;
            if (body < at + size) {
                session.frame(in, body, at + size, nowNanos, out);
            }
            at += size;
        }
        in.limit(end).position(at);
        in.compact();
    }

    /**
     * Ends a turn: writes answers and as many messages as the socket takes.
     *
     * @return whether the next turn can go on at once, without waiting for the socket
     */
    boolean write(long nowNanos) throws IOException {
        if (framesLeft) {
            frames(nowNanos);
        }
        boolean more = session.write(out, WRITE_LIMIT, nowNanos);
        keepAlive(nowNanos);
        boolean flushed = flush(nowNanos);
        int interest = flushed ? SelectionKey.OP_READ : SelectionKey.OP_READ | SelectionKey.OP_WRITE;
        if (key.interestOps() != interest) {
            key.interestOps(interest);
        }
        return flushed && (more || framesLeft);
    }

    private boolean flush(long nowNanos) throws IOException {
        if (out.position() == 0) {
            return true;
        }
        out.flip();
        if (socket.write(out) > 0) {
            lastWriteNanos = nowNanos;
        }
        out.compact();
        return out.position() == 0;
    }

    private void keepAlive(long nowNanos) throws BrokerFailure {
        if (nowNanos - lastWriteNanos > peerIdleNanos / 2 && out.position() == 0) {
            HotFrames.empty(out);
        }
        if (nowNanos - lastReadNanos > 2_000_000L * Handshake.IDLE_TIMEOUT_MS) {
            throw new BrokerFailure("the broker was silent for " + 2 * Handshake.IDLE_TIMEOUT_MS + " ms");
        }
    }

    /** How long the loop may sleep without missing a keep-alive. */
    long maxSleepMs() {
        return Math.max(1, Math.min(peerIdleNanos / 4_000_000, Handshake.IDLE_TIMEOUT_MS));
    }

    /** Says goodbye as far as the socket takes it at once. */
    void close(Performatives performatives) {
        try (socket) {
            if (out.position() == 0 && socket.isConnected()) {
                socket.write(ByteBuffer.wrap(performatives.frame(CHANNEL, new Close())));
            }
        } catch (IOException gone) {
            // The run is over and its figures are taken: a broker that closed first changes nothing.
        }
    }
}
