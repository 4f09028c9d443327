package io.turnstone.router.queue;

import java.util.Arrays;
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

    private static final Ranked[] NOTHING = {};
    private static final int FIRST_CAPACITY = 4;

    private @Nullable Ranked[] items = NOTHING;
    private int size;

    boolean isEmpty() {
        return size == 0;
    }

    int size() {
        return size;
    }

    @Nullable
    T first() {
        return size == 0 ? null : get(0);
    }

    /** The item at a place below its size. */
    @SuppressWarnings({"unchecked", "NullAway"}) // only update puts items in, and all places below the size are taken
    T get(int index) {
        return (T) items[index];
    }

    /** Puts an item in, or to its right place after its rank changed. */
    void update(T item) {
        if (item.place() == Ranked.OUTSIDE) {
            if (size == items.length) {
                items = Arrays.copyOf(items, Math.max(FIRST_CAPACITY, size + (size >> 1)));
            }
            items[size] = item;
            item.place(size++);
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
        T last = get(--size);
        items[size] = null;
        if (last != item) {
            put(last, at);
            up(last, at);
            down(last, last.place());
        }
    }

    void clear() {
        for (int i = 0; i < size; i++) {
            get(i).place(Ranked.OUTSIDE);
        }
        items = NOTHING;
        size = 0;
    }

    private void up(T item, int from) {
        int at = from;
        while (at > 0) {
            T parent = get((at - 1) >>> 1);
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
        for (int child = 2 * at + 1; child < size; child = 2 * at + 1) {
            if (child + 1 < size && before(get(child + 1), get(child))) {
                child++;
            }
            T least = get(child);
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
        items[at] = item;
        item.place(at);
    }
}
