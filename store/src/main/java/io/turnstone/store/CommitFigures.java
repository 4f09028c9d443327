package io.turnstone.store;

import java.util.concurrent.atomic.AtomicLongArray;

/** Counts and latencies of group commits. Written by the writer's thread, read by any. */
final class CommitFigures {

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

    long commits() {
        return figures.get(COMMITS);
    }

    long records() {
        return figures.get(RECORDS);
    }

    long nanos() {
        return figures.get(NANOS);
    }

    static long[] bounds() {
        return BOUNDS.clone();
    }

    long[] buckets() {
        var buckets = new long[BOUNDS.length + 1];
        for (int i = 0; i < buckets.length; i++) {
            buckets[i] = figures.get(BUCKETS + i);
        }
        return buckets;
    }
}
