package io.turnstone.router.queue;

import io.turnstone.api.Loop;
import org.jspecify.annotations.Nullable;

/**
 * Gives a queue one turn at the end of each turn of its loop in which something happened to it, and one when its clock
 * rings. What a queue causes in its own turn waits for the next one. Owned by the home loop.
 */
final class Turns implements Runnable {

    private static final long LONGEST_SLEEP_MS = 60_000;

    private final Loop loop;
    private final MessageQueue queue;
    private Loop.@Nullable Timer timer;
    private long timerAtMs = Run.NEVER;
    private boolean started;
    private boolean stopped;
    private boolean awake;
    private boolean working;

    /** Since when time stands still for the queue; 0 when it does not. */
    private long stoppedAtMs;

    Turns(Loop loop, MessageQueue queue) {
        this.loop = loop;
        this.queue = queue;
    }

    void start() {
        started = true;
        wake();
    }

    boolean started() {
        return started;
    }

    /** No turns any more. */
    void stop() {
        stopped = true;
        cancel();
    }

    /** Asks for a turn. */
    void wake() {
        if (awake || !started || stopped) {
            return;
        }
        awake = true;
        if (working) {
            loop.execute(this);
        } else {
            loop.atEndOfTurn(this);
        }
    }

    /**
     * Asks for a turn at a moment, and perhaps some before; a moment before replaces a later one. However far it is, the
     * clock is looked at each minute, for it may have been set.
     */
    void wakeAt(long atMs) {
        if (atMs == Run.NEVER || stopped) {
            return;
        }
        long ringsAtMs = Math.min(atMs, loop.now() + LONGEST_SLEEP_MS);
        if (ringsAtMs >= timerAtMs) {
            return;
        }
        cancel();
        timerAtMs = ringsAtMs;
        timer = loop.schedule(Math.max(0, ringsAtMs - loop.now()), this::alarm);
    }

    /** What time it is for the queue. */
    long now() {
        return stoppedAtMs == 0 ? loop.now() : stoppedAtMs;
    }

    /** Lets time stand still until everything is offered that comes until then: since when it does. */
    long stopTime() {
        stoppedAtMs = now();
        return stoppedAtMs;
    }

    /** A turn is over, with or without more to offer in the next. */
    void ended(boolean more) {
        if (more) {
            wake();
        } else {
            stoppedAtMs = 0;
        }
    }

    private void cancel() {
        if (timer != null) {
            timer.cancel();
            timer = null;
            timerAtMs = Run.NEVER;
        }
    }

    private void alarm() {
        timer = null;
        timerAtMs = Run.NEVER;
        wake();
    }

    /** The turn. */
    @Override
    public void run() {
        awake = false;
        if (stopped) {
            return;
        }
        working = true;
        try {
            queue.turn();
        } finally {
            working = false;
        }
    }
}
