package io.turnstone.broker.host;

import java.util.concurrent.atomic.AtomicLong;

/** Lets one line per second into the log, however often others make it happen. Any thread. */
final class LogRate {

    private static final long SECOND_MS = 1_000;

    private final AtomicLong lastMs = new AtomicLong(Long.MIN_VALUE / 2);

    /** Whether this line may be written. */
    boolean enter(long nowMs) {
        long last = lastMs.get();
        return nowMs - last >= SECOND_MS && lastMs.compareAndSet(last, nowMs);
    }
}
