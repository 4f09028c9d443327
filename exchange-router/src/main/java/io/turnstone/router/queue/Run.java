package io.turnstone.router.queue;

import org.jspecify.annotations.Nullable;

/**
 * Up to 64 neighbours in line: their entries, which of them are ready, and when the first of them expires. An entry keeps
 * its slot until it is gone, so what was released returns to its old place at once. Owned by the queue's home loop.
 */
final class Run implements RankHeap.Ranked {

    static final int SIZE = 64;

    /** Earliest expiry of a run in which nothing expires. */
    static final long NEVER = Long.MAX_VALUE;

    /** Where entries are that stand in no line yet. */
    static final Run NOWHERE = new Run(0, 0);

    final @Nullable Entry[] entries;

    /** The number of the first slot; numbers grow along the line. */
    long base;

    /** Slots given out. */
    int used;

    /** Entries that are not gone. */
    int live;

    /** One bit per slot whose entry is ready. */
    long ready;

    /** No waiting entry of this run expires before. */
    long expiresAtMs = NEVER;

    boolean unlinked;

    @Nullable
    Run before;

    @Nullable
    Run after;

    private int place = OUTSIDE;

    Run(long base, int size) {
        this.base = base;
        entries = new Entry[size];
    }

    @Override
    public long rank() {
        return expiresAtMs;
    }

    @Override
    public int place() {
        return place;
    }

    @Override
    public void place(int index) {
        place = index;
    }
}
