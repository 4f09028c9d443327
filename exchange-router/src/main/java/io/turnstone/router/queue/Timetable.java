package io.turnstone.router.queue;

import org.jspecify.annotations.Nullable;

/** What happens to the entries of a queue by time alone: they expire, and what is delayed becomes due. Owned by the home loop. */
final class Timetable {

    /** Expiry is exact at delivery; those nobody takes are removed on this grid, many at once. */
    private static final long EXPIRY_GRID_MS = 100;

    /** What is delayed is never early, and late by less than this. */
    private static final long DELAY_GRID_MS = 10;

    private static final int MAX_PER_TURN = 1024;

    private final ExpiryHeap expiry = new ExpiryHeap();
    private final DelayedMessages delayed = new DelayedMessages();
    private final MessageQueue queue;
    private final Entries entries;
    private final QueueHome home;
    private final boolean durable;
    private @Nullable Postponed postponed;

    /** For one queue, which may be {@code durable}. */
    Timetable(MessageQueue queue, Entries entries, QueueHome home, boolean durable) {
        this.queue = queue;
        this.entries = entries;
        this.home = home;
        this.durable = durable;
    }

    ExpiryHeap expiry() {
        return expiry;
    }

    /** What waits on the heap. */
    DelayedMessages delayed() {
        return delayed;
    }

    /** What waits in the store alone. */
    Postponed postponed() {
        if (postponed == null) {
            postponed = new Postponed(queue, entries, home, durable);
        }
        return postponed;
    }

    /** What was recovered may have been seen by consumers before the queue {@linkplain #start starts}. */
    void maybeSeen() {
        if (postponed != null) {
            postponed.maybeSeen();
        }
    }

    void start() {
        if (postponed != null) {
            postponed.start();
        }
    }

    private long postponedMs() {
        return postponed == null ? Run.NEVER : postponed.firstMs();
    }

    private long postponedOrder() {
        return postponed == null ? 0 : postponed.firstOrder();
    }

    /** Whether something is due that has to be read first. */
    boolean awaits(long nowMs) {
        return postponedMs() <= nowMs;
    }

    /** Does what is due, some of it; whether there is more. */
    boolean run(long nowMs) {
        expiry.expire(nowMs, MAX_PER_TURN, entries);
        if (postponed != null) {
            postponed.run(nowMs);
        }
        long beforeMs = postponedMs(); // who is due later waits for those who are being read
        long beforeOrder = postponedOrder();
        Entry due = delayed.due(nowMs, beforeMs, beforeOrder);
        for (int done = 1; due != null; done++) {
            entries.ready(due);
            due = done < MAX_PER_TURN ? delayed.due(nowMs, beforeMs, beforeOrder) : null;
        }
        return nextAtMs(1, 1) <= nowMs;
    }

    /** When there is something to do next, {@link Run#NEVER} if nothing. */
    long nextAtMs() {
        return nextAtMs(EXPIRY_GRID_MS, DELAY_GRID_MS);
    }

    private long nextAtMs(long expiryGridMs, long delayGridMs) {
        // Who waits for a message that is being read waits for the answer, which wakes the queue.
        long delayedMs = delayed.nextAtMs(postponedMs(), postponedOrder());
        long readMs = postponed == null ? Run.NEVER : postponed.nextAtMs();
        return Math.min(upTo(expiryGridMs, expiry.nextAtMs()), upTo(delayGridMs, Math.min(delayedMs, readMs)));
    }

    private static long upTo(long gridMs, long atMs) {
        return atMs > Run.NEVER - gridMs ? Run.NEVER : (atMs + gridMs - 1) / gridMs * gridMs;
    }

    /** A delayed entry that is due soon, compared with the others; null when there is none, or while it is being read. */
    @Nullable
    Entry next() {
        Entry next = delayed.any();
        if (next == null && postponed != null) {
            postponed.hurry();
        }
        return next;
    }

    void clear() {
        expiry.clear();
        delayed.clear();
        if (postponed != null) {
            postponed.clear();
        }
    }
}
