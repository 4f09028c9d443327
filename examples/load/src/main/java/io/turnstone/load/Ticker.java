package io.turnstone.load;

import java.nio.channels.Selector;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * Wakes the loops whenever a message is due at a fixed rate, because a selector sleeps in whole milliseconds.
 * Any thread may stop it.
 */
final class Ticker implements Runnable {

    /** Messages due within so short a time leave together. */
    private static final long MIN_INTERVAL_NANOS = 50_000;

    private final List<Selector> selectors;
    private final long startNanos;
    private final double intervalNanos;
    private volatile boolean stopping;

    /** Ticks when the messages of a phase are due. */
    Ticker(List<Selector> selectors, Phase phase) {
        this.selectors = selectors;
        startNanos = phase.startNanos();
        intervalNanos = Math.max(MIN_INTERVAL_NANOS, 1e9 / phase.rate());
    }

    @Override
    public void run() {
        for (long tick = 1; !stopping; tick++) {
            long due = startNanos + (long) (tick * intervalNanos);
            for (long now = System.nanoTime(); now < due && !stopping; now = System.nanoTime()) {
                LockSupport.parkNanos(due - now);
            }
            selectors.forEach(Selector::wakeup);
        }
    }

    void stop() {
        stopping = true;
    }
}
