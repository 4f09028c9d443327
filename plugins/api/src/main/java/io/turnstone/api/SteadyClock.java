package io.turnstone.api;

import java.util.concurrent.TimeUnit;

/** Counts from when it is first asked, so that no moment is negative, as those of {@link System#nanoTime} may be. */
final class SteadyClock {

    private static final long BEGAN = System.nanoTime();

    private SteadyClock() {}

    static long ms() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - BEGAN);
    }
}
