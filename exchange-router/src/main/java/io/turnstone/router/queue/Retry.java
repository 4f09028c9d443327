package io.turnstone.router.queue;

import io.turnstone.api.RetrySpec;
import java.util.SplittableRandom;

/** Decides when a failed delivery is tried again. Pure, but for the dice handed in. */
final class Retry {

    private Retry() {}

    /** Whether a message with so many failed attempts is given up. */
    static boolean exhausted(RetrySpec spec, int attempts) {
        return attempts >= spec.attempts();
    }

    /**
     * The wait before the next attempt in milliseconds, 0 for none. Jitter takes away up to its share, so that no wait is
     * longer than configured.
     *
     * @param attempts failed so far, from 1
     */
    static long waitMs(RetrySpec spec, int attempts, SplittableRandom random) {
        long wait = spec.firstMs();
        if (wait == 0) {
            return 0;
        }
        if (spec.backoff() == RetrySpec.Backoff.EXPONENTIAL) {
            for (int i = 1; i < attempts && wait < spec.maxMs(); i++) {
                wait = wait > spec.maxMs() / 2 ? spec.maxMs() : 2 * wait;
            }
        }
        if (spec.backoff() == RetrySpec.Backoff.LINEAR) {
            wait = attempts > spec.maxMs() / wait ? spec.maxMs() : wait * attempts;
        }
        wait = Math.min(wait, spec.maxMs());
        if (spec.jitter() > 0) {
            wait -= (long) (wait * spec.jitter() * random.nextDouble());
        }
        return Math.max(1, wait);
    }
}
