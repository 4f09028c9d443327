package io.turnstone.router.queue;

import io.turnstone.api.Message;
import io.turnstone.api.store.StoredRun;
import org.jspecify.annotations.Nullable;

/**
 * First in, first out: a linked line of {@link Run}s, of which those in the middle may be paged out. Every operation is
 * constant time, but for finding the first ready entry behind held ones and a lost cursor, which look at one word or one
 * link per 64 entries.
 */
final class FifoMessages implements ReadyMessages {

    /** A place: the number of the next entry, and the run it was last seen in. */
    static final class At implements Cursor {
        private long next;
        private @Nullable Run run;
        private @Nullable Run before;

        @Override
        public @Nullable Run before() {
            return before;
        }

        @Override
        public boolean passed(Entry entry) {
            return entry.number() < next;
        }

        @Override
        public void back(Entry entry) {
            back(entry.run, entry.number());
        }

        @Override
        public void back(Run to) {
            back(to, to.base);
        }

        @Override
        public void back(Cursor other) {
            back((At) other);
        }

        void back(At other) {
            if (other.next < next) {
                next = other.next;
                run = other.run;
            }
        }

        private void back(Run to, long number) {
            if (number < next) {
                next = number;
                run = to;
            }
        }

        @Override
        public At copy() {
            var copy = new At();
            copy.next = next;
            copy.run = run;
            return copy;
        }
    }

    private final ExpiryHeap expiry;
    private final Paging paging;
    private final Eviction eviction;
    private final int level;
    private Run head;

    /** The last run, never paged out: it takes what comes. */
    private Run tail;

    /** No run before this one has a ready entry. */
    private Run lead;

    private int size;

    FifoMessages(int level, ExpiryHeap expiry, Paging paging) {
        this.level = level;
        this.expiry = expiry;
        this.paging = paging;
        eviction = paging.eviction();
        head = new Run(level, 0, true);
        tail = head;
        lead = head;
    }

    @Override
    public boolean isEmpty() {
        return size == 0;
    }

    @Override
    public void add(Entry entry) {
        Run run = tail;
        if (run.full()) {
            run = extend();
        }
        run.add(entry);
        size++;
        expiry.watch(entry);
    }

    private Run extend() {
        Run full = tail;
        Run run = new Run(level, full.end(), false);
        run.before = full;
        full.after = run;
        tail = run;
        eviction.done(this, full);
        return run;
    }

    @Override
    public void recover(int ofLevel, long[] positions, long bytes, long expiresAtMs) {
        Run run = tail.before;
        if (run == null || !run.join(positions, bytes)) {
            run = insert(new Run(level, tail.base, positions, bytes));
        }
        tail.base = run.end();
        size += positions.length;
        expiry.watch(run, expiresAtMs);
    }

    private Run insert(Run run) {
        Run before = tail.before;
        run.before = before;
        run.after = tail;
        tail.before = run;
        if (before == null) {
            head = run;
            lead = run;
        } else {
            before.after = run;
        }
        return run;
    }

    @Override
    public Run withhold(int ofLevel, StoredRun recovered) {
        Run run = insert(new Run(level, tail.base, recovered.positions(), recovered.bytes()));
        tail.base = run.end();
        run.withhold();
        run.expiresAtMs = recovered.expiresAtMs() == Message.NONE ? Run.NEVER : recovered.expiresAtMs();
        return run;
    }

    @Override
    public void claim(Run run, @Nullable Entry[] found) {
        run.pageIn(found);
        run.ready = 0;
        run.expiresAtMs = Run.NEVER;
        if (run.live == 0) {
            unlink(run);
        }
    }

    /** Consumers may have looked at what was recovered. */
    void maybeSeen() {
        for (Run run = head; run != null; run = run.after) {
            if (run.page != null) {
                run.page.seen = -1;
            }
        }
    }

    /** The first run with a ready entry; any run when there is none. */
    Run lead() {
        Run run = lead;
        if (run.ready == 0 && run.after != null) {
            do {
                run = run.after;
            } while (run.ready == 0 && run.after != null);
            lead = run;
        }
        return run;
    }

    @Override
    public @Nullable Entry first() {
        if (size == 0) {
            return null;
        }
        Run before = lead;
        Run run = lead();
        if (run != before || run.page != null) {
            paging.reach(run);
        }
        return run.page == null ? run.entries[Long.numberOfTrailingZeros(run.ready)] : null;
    }

    @Override
    public @Nullable Entry least() {
        return first();
    }

    @Override
    public void take(Entry entry) {
        long bit = 1L << entry.slot;
        if ((entry.run.ready & bit) != 0) {
            entry.run.ready &= ~bit;
            size--;
        }
    }

    @Override
    public void restore(Entry entry) {
        Run run = entry.run;
        long bit = 1L << entry.slot;
        if ((run.ready & bit) == 0) {
            run.ready |= bit;
            size++;
            returned(run);
        }
        expiry.watch(entry);
    }

    private void returned(Run run) {
        if (run.base < lead.base) {
            lead = run;
        }
    }

    @Override
    public void remove(Entry entry) {
        take(entry);
        Run run = entry.run;
        run.entries[entry.slot] = null;
        run.live--;
        if (run.live > 0) {
            return;
        }
        if (run == tail) {
            run.base = run.end(); // used again: nothing of it is left
            run.used = 0;
            run.bytes = 0;
            run.excluded = null;
            expiry.forget(run);
        } else {
            unlink(run);
        }
    }

    @Override
    public void take(Run run) {
        size -= run.live;
        run.ready = 0;
    }

    @Override
    public void restore(Run run, long ready) {
        run.ready = ready;
        size += run.live;
        returned(run);
        expiry.watch(run, run.expiresAtMs);
    }

    @Override
    public void remove(Run run) {
        unlink(run);
    }

    @Override
    public void pageIn(Run run, @Nullable Entry[] found) {
        expiry.forget(run);
        size -= run.live;
        run.pageIn(found);
        size += run.live;
        for (Entry entry : found) {
            if (entry != null) {
                expiry.watch(entry);
            }
        }
        if (run.live == 0) {
            unlink(run);
        }
    }

    private void unlink(Run run) {
        expiry.forget(run);
        Run before = run.before;
        Run after = run.after;
        if (after == null) {
            throw new IllegalStateException("the last run is used again, not unlinked");
        }
        if (before == null) {
            head = after;
        } else {
            before.after = after;
        }
        after.before = before;
        if (lead == run) {
            lead = after;
        }
        run.unlinked = true;
        run.before = null;
        run.after = null; // or a browser that stands still would keep all that went
    }

    /** The number from which entries are so many runs, or bytes, behind the next to be delivered. */
    long beyond(int runs, long bytes) {
        Run run = lead();
        long left = bytes;
        for (int i = 0; i < runs; i++) {
            left -= run.bytes;
            if (run.after == null || left < 0) {
                return run.end();
            }
            run = run.after;
        }
        return run.base;
    }

    /**
     * The last run that may be paged out; null when there is none.
     *
     * @param all whether that may be what takes entries now: it takes no more
     */
    @Nullable
    Run last(boolean all) {
        if (all && Page.of(tail) != null) {
            extend();
        }
        return tail.before;
    }

    @Override
    public @Nullable Entry next(Cursor cursor, int leastLevel) {
        return next((At) cursor);
    }

    @Nullable
    Entry next(At at) {
        at.before = null;
        Run run = at.run;
        if (run == null || run.unlinked) {
            run = find(at.next);
        }
        while (true) {
            int from = (int) Math.min(run.used, Math.max(0, at.next - run.base));
            if (run.page == null) {
                for (int i = from; i < run.used; i++) {
                    Entry entry = run.entries[i];
                    if (entry != null && entry.state == Entry.State.READY) {
                        at.run = run;
                        at.next = run.base + i + 1;
                        return entry;
                    }
                }
            } else if (from < run.used && run.ready >>> from != 0) {
                at.run = run;
                at.before = run;
                return null;
            }
            at.run = run;
            at.next = Math.max(at.next, run.end());
            Run after = run.after;
            if (after == null) {
                return null;
            }
            eviction.done(this, run);
            run = after;
        }
    }

    private Run find(long number) {
        if (number >= tail.base) {
            return tail;
        }
        Run run = head;
        while (run.end() <= number && run.after != null) {
            run = run.after;
        }
        return run;
    }

    @Override
    public void clear() {
        head = new Run(level, tail.end(), true);
        tail = head;
        lead = head;
        size = 0;
    }

    @Override
    public Cursor cursor() {
        return new At();
    }

    @Override
    public long oldestAtMs() {
        if (size == 0) {
            return Message.NONE;
        }
        Run run = lead();
        Page page = run.page;
        if (page != null) {
            return page.arrivedAtMs;
        }
        Entry first = run.entries[Long.numberOfTrailingZeros(run.ready)];
        return first == null ? Message.NONE : first.overlay().arrivedAtMs();
    }

    @Override
    public int levels() {
        return 1;
    }

    @Override
    public FifoMessages level(int index) {
        return this;
    }
}
