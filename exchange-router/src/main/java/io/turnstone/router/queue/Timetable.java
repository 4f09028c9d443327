package io.turnstone.router.queue;

/** What happens to the entries of a queue by time alone: they expire, and retries become due. Owned by the home loop. */
final class Timetable {

    /** Expiry is exact at delivery; those nobody takes are removed on this grid, many at once. */
    private static final long EXPIRY_GRID_MS = 100;

    /** Retries are never early, and late by less than this. */
    private static final long RETRY_GRID_MS = 10;

    private static final int MAX_PER_TURN = 1024;

    private final ExpiryHeap expiry = new ExpiryHeap();
    private final DelayedMessages delayed = new DelayedMessages();

    ExpiryHeap expiry() {
        return expiry;
    }

    DelayedMessages delayed() {
        return delayed;
    }

    /** Does what is due, some of it; whether there is more. */
    boolean run(long nowMs, Entries entries) {
        expiry.expire(nowMs, MAX_PER_TURN, entries);
        Entry due = delayed.due(nowMs);
        for (int done = 1; due != null; done++) {
            entries.ready(due);
            due = done < MAX_PER_TURN ? delayed.due(nowMs) : null;
        }
        return nextAtMs(1, 1) <= nowMs;
    }

    /** When there is something to do next, {@link Run#NEVER} if nothing. */
    long nextAtMs() {
        return nextAtMs(EXPIRY_GRID_MS, RETRY_GRID_MS);
    }

    private long nextAtMs(long expiryGridMs, long retryGridMs) {
        return Math.min(upTo(expiryGridMs, expiry.nextAtMs()), upTo(retryGridMs, delayed.nextAtMs()));
    }

    private static long upTo(long gridMs, long atMs) {
        return atMs > Run.NEVER - gridMs ? Run.NEVER : (atMs + gridMs - 1) / gridMs * gridMs;
    }

    void clear() {
        expiry.clear();
        delayed.clear();
    }
}
