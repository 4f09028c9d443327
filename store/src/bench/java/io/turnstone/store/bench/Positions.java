package io.turnstone.store.bench;

/** Ascending positions, neighbours as one range, so that ten million of them weigh nothing. Owned by one thread. */
final class Positions {

    // Ends are exclusive.
    private final Longs starts = new Longs();
    private final Longs ends = new Longs();
    private int range;
    private long taken;

    void add(long position) {
        int last = ends.size() - 1;
        if (last >= 0 && ends.get(last) == position) {
            ends.set(last, position + 1);
        } else {
            starts.add(position);
            ends.add(position + 1);
        }
    }

    boolean isEmpty() {
        return range == starts.size();
    }

    /** The next ones, at most so many, no longer in here. */
    long[] take(int atMost) {
        var next = new Longs();
        while (next.size() < atMost && !isEmpty()) {
            next.add(starts.get(range) + taken++);
            if (starts.get(range) + taken == ends.get(range)) {
                range++;
                taken = 0;
            }
        }
        return next.slice(0, atMost);
    }
}
