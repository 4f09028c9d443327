package io.turnstone.amqp;

import io.turnstone.amqp.codec.FrameWriter;
import io.turnstone.api.Loop;
import org.jspecify.annotations.Nullable;

/**
 * Watches one connection for silence, both ways (part 2, section 2.4.5): frames only set a mark, and a coarse timer
 * looks at the marks. Owned by the loop of its connection.
 */
final class IdleTimeout {

    /** Silence of a peer may be noticed this fraction of its limit late; ours stays below half of its limit. */
    private static final int LOOKS = 4;

    private final Loop loop;
    private final FrameWriter out;
    private final long limitMs;
    private final Runnable expired;
    private boolean received = true;

    /** How long there was nothing, by the looks that were in vain: what a clock says may be set. */
    private long silentMs;

    private long periodMs;
    private boolean beatsExpected;
    private Loop.@Nullable Timer timer;

    /**
     * @param limitMs silence after which the peer counts as gone, or 0
     * @param expired told once
     */
    IdleTimeout(Loop loop, FrameWriter out, long limitMs, Runnable expired) {
        this.loop = loop;
        this.out = out;
        this.limitMs = limitMs;
        this.expired = expired;
    }

    /**
     * Starts watching.
     *
     * @param peerLimitMs the peer's idle-time-out, or 0
     */
    void start(long peerLimitMs) {
        long shortest = peerLimitMs == 0 ? limitMs : limitMs == 0 ? peerLimitMs : Math.min(limitMs, peerLimitMs);
        if (shortest > 0) {
            periodMs = Math.max(1, shortest / LOOKS);
            beatsExpected = peerLimitMs > 0;
            timer = loop.schedule(periodMs, this::look);
        }
    }

    /** Something came. */
    void received() {
        received = true;
    }

    /** Stops watching. */
    void stop() {
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
    }

    private void look() {
        silentMs = received ? 0 : silentMs + periodMs;
        received = false;
        if (limitMs > 0 && silentMs >= limitMs) {
            timer = null;
            expired.run();
            return;
        }
        if (!out.wrote() && beatsExpected) {
            out.heartbeat();
            out.wrote();
        }
        timer = loop.schedule(periodMs, this::look);
    }
}
