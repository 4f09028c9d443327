package io.turnstone.store.journal;

import java.util.concurrent.atomic.AtomicLongArray;

/** Counts and latencies of group commits. Written by the writer's thread, read by any. */
public final class CommitFigures {

    private static final long[] BOUNDS = {
        50_000,
        100_000,
        200_000,
        500_000,
        1_000_000,
        2_000_000,
        5_000_000,
        10_000_000,
        20_000_000,
        50_000_000,
        100_000_000,
        200_000_000,
        500_000_000,
        1_000_000_000
    };
    private static final int COMMITS = 0;
    private static final int RECORDS = 1;
    private static final int NANOS = 2;
    private static final int BUCKETS = 3;

    private final AtomicLongArray figures = new AtomicLongArray(BUCKETS + BOUNDS.length + 1);

    void committed(int records, long nanos) {
        add(COMMITS, 1);
        add(RECORDS, records);
        add(NANOS, nanos);
        int bucket = 0;
        while (bucket < BOUNDS.length && nanos > BOUNDS[bucket]) {
            bucket++;
        }
        add(BUCKETS + bucket, 1);
    }

    private void add(int index, long value) {
        figures.lazySet(index, figures.getPlain(index) + value);
    }

    /** Groups written. */
    public long commits() {
        return figures.get(COMMITS);
    }

    /** Records in them. */
    public long records() {
        return figures.get(RECORDS);
    }

    /** Time that took, in nanoseconds. */
    public long nanos() {
        return figures.get(NANOS);
    }

    /** Upper ends of the buckets, in nanoseconds. */
    public static long[] bounds() {
        return BOUNDS.clone();
    }

    /** Groups by the time they took, with one bucket more than there are bounds. */
    public long[] buckets() {
        var buckets = new long[BOUNDS.length + 1];
        for (int i = 0; i < buckets.length; i++) {
            buckets[i] = figures.get(BUCKETS + i);
        }
        return buckets;
    }
}
