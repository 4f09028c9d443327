package io.turnstone.router.queue;

/**
 * How much is kept for one claim after a restart; the youngest messages beyond it return to their queue. Immutable.
 *
 * @param messages most of them
 * @param bytes of them, about
 */
public record HeldLimit(int messages, long bytes) {

    /** As much as a suspended link holds that was not told otherwise. */
    public static final HeldLimit DEFAULT = new HeldLimit(10_000, 64L << 20);

    public HeldLimit {
        if (messages < 0 || bytes < 0) {
            throw new IllegalArgumentException(
                    "limit of " + messages + " messages and " + bytes + " bytes held must be at least 0");
        }
    }
}
