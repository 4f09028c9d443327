package io.turnstone.router.queue;

import io.turnstone.api.Loop;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the queues of one loop have on the heap, and how much of it they may keep there. While it is short, a sweep has
 * queues let go of what is needed last. Owned by that loop; {@link #used}: any thread.
 */
public final class HeapShare {

    /** What a message costs on the heap beside its bytes: its index, its entry, its overlay. Measured: about 250. */
    public static final long MESSAGE_BYTES = 256;

    /** What a message costs of which only the position is known, if it is far from its neighbours. */
    private static final long PAGED_BYTES = 4;

    /*
     * However much heap there is: what stays on it for long is copied by the garbage collector, which costs more than
     * reading it again when its turn comes. Filling a queue with 3 M messages of 1 KiB took 9.2 µs of processor time
     * each while half of a budget of 1.5 GiB was kept, and 2.8 GiB of memory.
     */
    private static final long MOST_KEPT = 64 << 20;

    /** Every queue may keep all it has. */
    static final int ALL = Integer.MAX_VALUE;

    private static final long SWEEP_MS = 100;

    /** Runs and queues that one sweep looks at. */
    private static final int MOST_LOOKS = 2000;

    private final Loop loop;
    private final long budget;
    private final List<Eviction> queues = new ArrayList<>();
    private final Runnable sweep = this::sweep;
    private Loop.@Nullable Timer timer;
    private int next;
    private long entries;
    private long reading;
    private long paged;
    private volatile long used;

    /** For the queues of a loop, which may have so many bytes. */
    public HeapShare(Loop loop, long budgetBytes) {
        this.loop = loop;
        budget = budgetBytes;
    }

    /** Bytes that the queues have on the heap. */
    public long used() {
        return used;
    }

    /** A queue has more or less on the heap than when it said so last, and in the store alone. */
    void changed(long entryBytes, long pagedMessages) {
        entries += entryBytes;
        paged += pagedMessages;
        used = entries + reading + PAGED_BYTES * paged;
        if (timer == null && window() != ALL && !queues.isEmpty()) {
            timer = loop.schedule(SWEEP_MS, sweep);
        }
    }

    /** So many bytes are asked for, or (negative) were read. */
    void reading(long bytes) {
        reading += bytes;
        changed(0, 0);
    }

    /** How many runs of a queue stay on the heap, from the next to be delivered on. */
    int window() {
        long now = entries + reading;
        if (now <= Math.min(budget / 2, MOST_KEPT)) {
            return ALL;
        }
        return now <= budget - budget / 4 ? Paging.MAX_RUNS : now <= budget ? 1 : 0;
    }

    void add(Eviction queue) {
        queues.add(queue);
    }

    void remove(Eviction queue) {
        queues.remove(queue);
    }

    private void sweep() {
        timer = null;
        int looks = 0;
        for (int i = queues.size(); i > 0 && looks < MOST_LOOKS && window() != ALL; i--) {
            next = next < queues.size() ? next : 0;
            looks += queues.get(next).sweep(MOST_LOOKS - looks);
            next += looks < MOST_LOOKS ? 1 : 0; // the one in which it ends goes on next time
        }
        changed(0, 0);
    }
}
