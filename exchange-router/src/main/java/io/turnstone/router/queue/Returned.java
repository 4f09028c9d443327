package io.turnstone.router.queue;

import io.turnstone.api.Outcome;
import io.turnstone.api.Overlay;
import io.turnstone.api.RetrySpec;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * What a delivery that did not succeed makes of a message. Immutable.
 *
 * @param changed whether the overlay is another one than before
 * @param exhausted whether it has failed too often to be tried again
 */
record Returned(Overlay overlay, boolean changed, boolean exhausted) {

    /** Annotations that consumers may add to one message; more are ignored. */
    private static final int MAX_ANNOTATIONS = 64;

    /** After {@code modified}. */
    static Returned modified(
            Overlay old, Outcome.Modified modified, RetrySpec retry, long nowMs, SplittableRandom random) {
        Map<String, Object> added = modified.annotations();
        if (old.annotations().size() + added.size() > MAX_ANNOTATIONS) {
            added = Map.of();
        }
        long availableAtMs = modified.availableAtMs() > nowMs ? modified.availableAtMs() : 0;
        if (modified.deliveryFailed()) {
            Returned failed = failed(old, added, retry, nowMs, random);
            Overlay overlay = failed.overlay();
            return failed.with(overlay.availableAt(Math.max(overlay.availableAtMs(), availableAtMs)));
        }
        return added.isEmpty() && availableAtMs == 0
                ? new Returned(old, false, false)
                : new Returned(old.returned(old.attempts(), old.deliveryCount(), availableAtMs, added), true, false);
    }

    private Returned with(Overlay other) {
        return new Returned(other, changed, exhausted);
    }

    /** After a failed attempt. */
    static Returned failed(
            Overlay old, Map<String, Object> added, RetrySpec retry, long nowMs, SplittableRandom random) {
        int attempts = old.attempts() + 1;
        long waitMs = Retry.waitMs(retry, attempts, random);
        long availableAtMs = waitMs == 0 ? 0 : nowMs + waitMs;
        Overlay changed = old.returned(attempts, old.deliveryCount() + 1, availableAtMs, added);
        return new Returned(changed, true, Retry.exhausted(retry, attempts));
    }
}
