package io.turnstone.router.queue;

import io.turnstone.api.Message;
import org.jspecify.annotations.Nullable;

/**
 * First in, first out: a linked line of {@link Run}s. Every operation is constant time, but for finding the first ready
 * entry behind held ones and a lost cursor, which look at one word or one link per 64 entries.
 */
final class FifoMessages implements ReadyMessages {

    /** A browser's place: the number of the next entry, and the run it was last seen in. */
    static final class At implements Cursor {
        private long next;
        private @Nullable Run run;
    }

    private final ExpiryHeap expiry;
    private Run head = new Run(0, Run.SIZE);
    private Run tail = head;

    /** No run before this one has a ready entry. */
    private Run lead = head;

    private int size;

    FifoMessages(ExpiryHeap expiry) {
        this.expiry = expiry;
    }

    boolean isEmpty() {
        return size == 0;
    }

    @Override
    public void add(Entry entry) {
        Run run = tail;
        if (run.used == Run.SIZE) {
            run = new Run(tail.base + Run.SIZE, Run.SIZE);
            run.before = tail;
            tail.after = run;
            tail = run;
        }
        entry.run = run;
        entry.slot = run.used;
        run.entries[run.used] = entry;
        run.ready |= 1L << run.used;
        run.used++;
        run.live++;
        size++;
        expiry.watch(entry);
    }

    @Override
    public @Nullable Entry first() {
        if (size == 0) {
            return null;
        }
        Run run = lead;
        while (run.ready == 0 && run.after != null) {
            run = run.after;
        }
        lead = run;
        return run.entries[Long.numberOfTrailingZeros(run.ready)];
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
            if (run.base < lead.base) {
                lead = run;
            }
        }
        expiry.watch(entry);
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
            run.base += run.used; // used again: nothing of it is left
            run.used = 0;
            expiry.forget(run);
        } else if (run.used == Run.SIZE) {
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

    @Override
    public @Nullable Entry next(Cursor cursor) {
        return next((At) cursor);
    }

    @Nullable
    Entry next(At at) {
        Run run = at.run;
        if (run == null || run.unlinked) {
            run = find(at.next);
        }
        while (true) {
            for (int i = (int) Math.max(0, at.next - run.base); i < run.used; i++) {
                Entry entry = run.entries[i];
                if (entry != null && (entry.state == Entry.State.READY || entry.state == Entry.State.STRANDED)) {
                    at.run = run;
                    at.next = run.base + i + 1;
                    return entry;
                }
            }
            at.run = run;
            at.next = Math.max(at.next, run.base + run.used);
            Run after = run.after;
            if (after == null) {
                return null;
            }
            run = after;
        }
    }

    private Run find(long number) {
        if (number >= tail.base) {
            return tail;
        }
        Run run = head;
        while (run.base + run.used <= number && run.after != null) {
            run = run.after;
        }
        return run;
    }

    @Override
    public void clear() {
        head = new Run(tail.base + Run.SIZE, Run.SIZE);
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
        Entry first = first();
        return first == null ? Message.NONE : first.overlay().arrivedAtMs();
    }
}
