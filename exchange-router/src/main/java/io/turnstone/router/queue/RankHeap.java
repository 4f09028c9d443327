package io.turnstone.router.queue;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A binary heap whose items know their place, so that any of them can leave or change rank in logarithmic time. Items
 * that are equal in rank and tie leave in any order. Owned by one loop.
 */
final class RankHeap<T extends RankHeap.Ranked> {

    /** Something in at most one heap at a time. */
    interface Ranked {
        /** Place of an item that is in no heap. */
        int OUTSIDE = -1;

        /** What it is ordered by, lowest first; {@link RankHeap#update} after a change. */
        long rank();

        /** What it is ordered by among equal ranks, lowest first. */
        default long tie() {
            return 0;
        }

        /** Its index in the heap, {@link #OUTSIDE} at first; kept for the heap. */
        int place();

        /** Remembers the index. */
        void place(int index);
    }

    private final List<T> items = new ArrayList<>();

    boolean isEmpty() {
        return items.isEmpty();
    }

    int size() {
        return items.size();
    }

    @Nullable
    T first() {
        return items.isEmpty() ? null : items.get(0);
    }

    T get(int index) {
        return items.get(index);
    }

    /** Puts an item in, or to its right place after its rank changed. */
    void update(T item) {
        if (item.place() == Ranked.OUTSIDE) {
            items.add(item);
            item.place(items.size() - 1);
        }
        up(item, item.place());
        down(item, item.place());
    }

    /** Takes an item out; does nothing when it is not in. */
    void remove(T item) {
        int at = item.place();
        if (at == Ranked.OUTSIDE) {
            return;
        }
        item.place(Ranked.OUTSIDE);
        T last = items.remove(items.size() - 1);
        if (last != item) {
            put(last, at);
            up(last, at);
            down(last, last.place());
        }
    }

    void clear() {
        for (T item : items) {
            item.place(Ranked.OUTSIDE);
        }
        items.clear();
    }

    private void up(T item, int from) {
        int at = from;
        while (at > 0) {
            T parent = items.get((at - 1) >>> 1);
            if (!before(item, parent)) {
                break;
            }
            put(parent, at);
            at = (at - 1) >>> 1;
        }
        put(item, at);
    }

    private void down(T item, int from) {
        int at = from;
        for (int child = 2 * at + 1; child < items.size(); child = 2 * at + 1) {
            if (child + 1 < items.size() && before(items.get(child + 1), items.get(child))) {
                child++;
            }
            T least = items.get(child);
            if (!before(least, item)) {
                break;
            }
            put(least, at);
            at = child;
        }
        put(item, at);
    }

    private static boolean before(Ranked one, Ranked other) {
        return one.rank() < other.rank() || (one.rank() == other.rank() && one.tie() < other.tie());
    }

    private void put(T item, int at) {
        items.set(at, item);
        item.place(at);
    }
}
