package io.turnstone.router.queue;

import io.turnstone.api.Loop;
import org.jspecify.annotations.Nullable;

/**
 * Gives a queue one turn at the end of each turn of its loop in which something happened to it, and one when its clock
 * rings. What a queue causes in its own turn waits for the next one. Owned by the home loop.
 */
final class Turns {

    private static final long LONGEST_SLEEP_MS = 60_000;

    private final Loop loop;
    private final Runnable work;
    private final Runnable turn = this::turn;
    private final Runnable alarm = this::alarm;
    private Loop.@Nullable Timer timer;
    private long timerAtMs = Run.NEVER;
    private boolean started;
    private boolean stopped;
    private boolean awake;
    private boolean working;

    Turns(Loop loop, Runnable work) {
        this.loop = loop;
        this.work = work;
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
            loop.execute(turn);
        } else {
            loop.atEndOfTurn(turn);
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
        timer = loop.schedule(Math.max(0, ringsAtMs - loop.now()), alarm);
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

    private void turn() {
        awake = false;
        if (stopped) {
            return;
        }
        working = true;
        try {
            work.run();
        } finally {
            working = false;
        }
    }
}
