package io.turnstone.api;

/**
 * When a failed delivery is tried again. Immutable.
 *
 * @param attempts failed attempts after which the message is dead-lettered, 1 to 1,000,000
 * @param backoff how the wait grows
 * @param firstMs wait before the second attempt in milliseconds, 0 for none
 * @param maxMs longest wait in milliseconds
 * @param jitter share of the wait that is random, 0 to 1
 */
public record RetrySpec(int attempts, Backoff backoff, long firstMs, long maxMs, double jitter) {

    /** Ten attempts without a wait. */
    public static final RetrySpec DEFAULT = new RetrySpec(10, Backoff.FIXED, 0, 0, 0);

    public RetrySpec {
        if (attempts < 1 || attempts > 1_000_000) {
            throw new IllegalArgumentException("retry attempts " + attempts + " must be 1 to 1000000");
        }
        if (firstMs < 0 || maxMs < firstMs) {
            throw new IllegalArgumentException(
                    "retry waits must be 0 <= first <= max, not first " + firstMs + " ms, max " + maxMs + " ms");
        }
        if (!(jitter >= 0 && jitter <= 1)) {
            throw new IllegalArgumentException("retry jitter " + jitter + " must be 0 to 1");
        }
    }

    /** How the wait between attempts grows. */
    public enum Backoff {
        /** Always the first wait. */
        FIXED,
        /** Longer by the first wait each time, up to the longest. */
        LINEAR,
        /** Doubles each time, up to the longest. */
        EXPONENTIAL
    }
}
