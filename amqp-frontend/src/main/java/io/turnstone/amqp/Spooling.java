package io.turnstone.amqp;

import io.turnstone.amqp.error.LinkError;
import io.turnstone.amqp.message.BodyStream;
import io.turnstone.api.Body;
import io.turnstone.api.Message;
import io.turnstone.api.plugin.Protocol;
import io.turnstone.api.store.Spool;
import org.apache.qpid.proton.amqp.transport.AmqpError;
import org.jspecify.annotations.Nullable;

/**
 * What one connection has under way into files, and what waits behind it: holds the peer back when that gets too much.
 * Owned by the loop of its connection.
 */
final class Spooling {

    /*
     * Two steps. First the sessions' windows close, so that acknowledgements and other frames still come through. What
     * the peer may send all the same (it had a window of thousands of frames before its message turned out large) is
     * bounded by not reading the socket, until the disk, which waits for nobody, has taken some.
     */

    private static final int MOST_BODIES = 256;
    private static final long HOLD_BYTES = 1 << 20;
    private static final long PAUSE_BYTES = 8 << 20;
    /** So much every connection may have, however much others have. */
    private static final long SHARE_BYTES = 256 * 1024;

    private final @Nullable Spool spool;
    private final SessionTable sessions;
    private final Protocol.Channel channel;
    private int bodies;
    private long waitingBytes;
    private boolean holding;
    private boolean paused;
    private boolean ended;

    Spooling(@Nullable Spool spool, SessionTable sessions, Protocol.Channel channel) {
        this.spool = spool;
        this.sessions = sessions;
        this.channel = channel;
    }

    /** Where bodies go that are too large for the heap; null when they must fit there. */
    @Nullable
    Spool spool() {
        return spool;
    }

    /** The rest of a body in a file, for who sends it; null when all of it is on the heap. */
    @Nullable
    BodyStream stream(Message message, BodyStream.Listener listener) {
        return spool != null && message.body() instanceof Body.Spooled spooled
                ? new BodyStream(spool, spooled, channel.loop(), listener)
                : null;
    }

    /** A body begins. */
    void begin() {
        if (bodies == MOST_BODIES) {
            throw new LinkError(
                    AmqpError.RESOURCE_LIMIT_EXCEEDED,
                    "the connection has " + bodies + " unfinished large messages; finish some before beginning others");
        }
        bodies++;
    }

    /** A body is whole or given up. */
    void end() {
        bodies--;
    }

    /** So many more (or fewer) bytes wait on the heap to be written, or for others that do. */
    void waits(long change) {
        waitingBytes += change;
        Spool into = spool;
        boolean congested = waitingBytes > SHARE_BYTES && into != null && into.congested();
        boolean hold = waitingBytes > HOLD_BYTES || congested;
        if (hold != holding) {
            holding = hold;
            sessions.all().forEach(session -> session.hold(hold));
        }
        boolean pause = !ended && (waitingBytes > PAUSE_BYTES || congested);
        if (pause != paused) {
            paused = pause;
            channel.read(!pause);
        }
    }

    /** The connection ended: the socket is read to its end, whatever still waits. */
    void connectionEnded() {
        ended = true;
        if (paused) {
            paused = false;
            channel.read(true);
        }
    }
}
