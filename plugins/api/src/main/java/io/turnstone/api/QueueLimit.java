package io.turnstone.api;

/**
 * How much a queue may hold, unsettled messages included. Immutable.
 *
 * @param messages most messages, or {@link #UNLIMITED}
 * @param bytes most bytes, or {@link #UNLIMITED}
 * @param overflow what happens beyond
 */
public record QueueLimit(long messages, long bytes, Overflow overflow) {
    /** No limit. */
    public static final long UNLIMITED = Long.MAX_VALUE;

    /** A queue without limits. */
    public static final QueueLimit NONE = new QueueLimit(UNLIMITED, UNLIMITED, Overflow.REJECT);

    public QueueLimit {
        if (messages < 1) {
            throw new IllegalArgumentException("limit messages " + messages + " must be at least 1");
        }
        if (bytes < 1) {
            throw new IllegalArgumentException("limit bytes " + bytes + " must be at least 1");
        }
    }
}
