package io.turnstone.router.queue;

import org.jspecify.annotations.Nullable;

/**
 * Lets one queue's {@link Run}s go from the heap that are not needed soon, as far as the {@link HeapShare} asks for it:
 * those that become full beyond the window at once, what was there before by a sweep from the end. Owned by the queue's
 * home loop.
 */
final class Eviction {

    private final Entries entries;
    private final HeapShare share;
    private final boolean possible;

    /** Where the sweep goes on: the level, and in it the run; null for its last. */
    private int level;

    private @Nullable Run at;
    private long reportedBytes;
    private long reportedPaged;

    /**
     * Of one queue.
     *
     * @param possible whether its messages can be read again
     */
    Eviction(Entries entries, HeapShare share, boolean possible) {
        this.entries = entries;
        this.share = share;
        this.possible = possible;
    }

    void start() {
        if (possible) {
            share.add(this);
        }
    }

    void stop() {
        at = null;
        if (possible) {
            share.remove(this);
        }
    }

    /** Says what the queue has on the heap now. */
    void report() {
        QueueCounters counters = entries.counters();
        long bytes = counters.bytesOnHeap();
        long paged = counters.paged();
        if (bytes != reportedBytes || paged != reportedPaged) {
            share.changed(bytes - reportedBytes, paged - reportedPaged);
            reportedBytes = bytes;
            reportedPaged = paged;
        }
    }

    /** A run is full and another takes what comes, or a cursor has left it behind. */
    void done(FifoMessages line, Run run) {
        int window = share.window();
        if (possible && window != HeapShare.ALL && run.base >= line.beyond(Math.max(1, window), Paging.MAX_BYTES)) {
            evict(run);
        }
    }

    private void evict(Run run) {
        Page page = run.page == null ? Page.of(run) : null;
        if (page != null) {
            long heapBytes = run.pageOut(page);
            entries.counters().pagedOut(run.live, heapBytes);
        }
    }

    /** Looks at so many runs at most, those that are needed last first; how many it looked at. */
    int sweep(int most) {
        int window = share.window();
        if (entries.counters().fits((long) window * Run.SIZE, Paging.MAX_BYTES)) {
            return 1;
        }
        int looked = 1;
        ReadyMessages lines = entries.line();
        for (int i = lines.levels(); i > 0 && looked < most && share.window() <= window; i--) {
            FifoMessages line = lines.level(level);
            looked += line == null ? 1 : sweep(line, window, most - looked);
            if (at == null) {
                level = (level + 1) % lines.levels();
            }
        }
        return looked;
    }

    /** Leaves {@link #at} null when it came to the window. */
    private int sweep(FifoMessages line, int window, int most) {
        long beyond = line.beyond(window, Paging.MAX_BYTES);
        Run run = at;
        if (run == null || run.unlinked) {
            run = line.last(window == 0);
        }
        int looked = 1;
        for (; run != null && run.base >= beyond && looked < most && share.window() <= window; run = run.before) {
            evict(run);
            report();
            looked++;
        }
        at = run == null || run.base < beyond ? null : run;
        return looked;
    }
}
