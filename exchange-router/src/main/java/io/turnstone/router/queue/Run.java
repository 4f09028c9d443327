package io.turnstone.router.queue;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Up to 64 neighbours in line: their entries, which of them are ready, and when the first of them expires. An entry keeps
 * its slot until it is gone, so what was released returns to its old place at once. A run whose entries are all ready and
 * stored may be paged out: a {@link Page} takes the place of the entries. Owned by the queue's home loop.
 */
final class Run implements RankHeap.Ranked {

    static final int SIZE = 64;

    private static final int FIRST_CAPACITY = 4;

    /** A run that holds so many bytes takes no more, because it is read as a whole. */
    static final long MAX_BYTES = 1 << 20;

    /** Earliest expiry of a run in which nothing expires. */
    static final long NEVER = Long.MAX_VALUE;

    private static final @Nullable Entry[] NO_ENTRIES = {};

    /** Where entries are that stand in no line yet. */
    static final Run NOWHERE = new Run(0, 0, NO_ENTRIES);

    /** By slot, at least those that are used; empty while it is paged out. */
    @Nullable
    Entry[] entries;

    /** Where its entries are while they are not on the heap; then exactly those that are ready are left of it. */
    @Nullable
    Page page;

    /** The level of priority it belongs to. */
    final int level;

    /** The number of the first slot; numbers grow along the line. */
    long base;

    /** Slots given out. */
    int used;

    /** Entries that are not gone. */
    int live;

    /** One bit per slot whose entry is ready. */
    long ready;

    /** Bytes of the messages that were put in; while it is paged out, of those that are left. */
    long bytes;

    /** No waiting entry of this run expires before. */
    long expiresAtMs = NEVER;

    /** To which consumers which of its messages are undeliverable. */
    @Nullable
    Exclusion excluded;

    boolean unlinked;

    @Nullable
    Run before;

    @Nullable
    Run after;

    private int place = OUTSIDE;

    private Run(int level, long base, @Nullable Entry[] entries) {
        this.level = level;
        this.base = base;
        this.entries = entries;
    }

    /** A run without entries that takes what comes; the first of a line starts with nothing, for many queues hold little. */
    Run(int level, long base, boolean first) {
        this(level, base, first ? NO_ENTRIES : new Entry[SIZE]);
    }

    /** A run that is paged out: these positions in its first slots. */
    Run(int level, long base, long[] positions, long bytes) {
        this(level, base, NO_ENTRIES);
        used = positions.length;
        live = used;
        ready = firstSlots(used);
        this.bytes = bytes;
        page = new Page(positions, used, 0, io.turnstone.api.Message.NONE);
    }

    private static long firstSlots(int count) {
        return -1L >>> (SIZE - count);
    }

    /** Takes an entry, ready, into its next slot; not when it is {@link #full}. */
    void add(Entry entry) {
        if (used == entries.length) {
            entries = Arrays.copyOf(entries, used == 0 ? FIRST_CAPACITY : SIZE);
        }
        entry.run = this;
        entry.slot = used;
        entries[used] = entry;
        ready |= 1L << used;
        bytes += entry.message().size();
        used++;
        live++;
    }

    /** Whether it takes no more entries. */
    boolean full() {
        return used == SIZE || bytes >= MAX_BYTES;
    }

    /** The number behind its last entry. */
    long end() {
        return base + used;
    }

    /** Whether entries that wait in it have to be read first. */
    boolean out() {
        return page != null && ready != 0;
    }

    /** Takes more messages that are not on the heap, if there is room; only a run made with such. */
    boolean join(long[] positions, long moreBytes) {
        Page old = page;
        if (old == null || ready == 0 || used + positions.length > SIZE || bytes + moreBytes > MAX_BYTES) {
            return false;
        }
        long[] all = Arrays.copyOf(old.positions(live), live + positions.length);
        System.arraycopy(positions, 0, all, live, positions.length);
        page = new Page(all, all.length, old.seen, old.arrivedAtMs);
        used = all.length;
        live = used;
        ready = firstSlots(used);
        bytes += moreBytes;
        return true;
    }

    /** Keeps all that is in it, and not on the heap, from being ready. */
    void withhold() {
        ready = 0;
        if (page != null) {
            page.seen = -1;
        }
    }

    /** What is ready of it when all of it is. */
    long all() {
        return firstSlots(live);
    }

    /** Lets go of its entries; returns how many of their bytes were on the heap. */
    long pageOut(Page kept) {
        bytes = 0;
        long heapBytes = 0;
        for (Entry entry : entries) {
            if (entry != null) {
                bytes += entry.message().size();
                heapBytes += entry.message().body().heapBytes();
            }
        }
        entries = NO_ENTRIES;
        page = kept;
        return heapBytes;
    }

    /** Has its entries again, as far as they were found. */
    void pageIn(@Nullable Entry[] found) {
        entries = found;
        page = null;
        live = 0;
        ready = 0;
        for (int slot = 0; slot < used; slot++) {
            Entry entry = found[slot];
            if (entry != null) {
                entry.run = this;
                entry.slot = slot;
                live++;
                ready |= 1L << slot;
            }
        }
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
