package io.turnstone.store.journal;

import java.util.Arrays;
import java.util.function.LongConsumer;

/**
 * A set of positions that grows at its end and mostly shrinks at its front: runs of 64 positions, each a key and a mask.
 * Sixteen bytes per run that is not empty. Owned by one thread.
 */
public final class LiveSet {

    private static final long[] NOTHING = {};
    private static final int FIRST_CAPACITY = 4;

    private long[] keys = NOTHING;
    private long[] masks = NOTHING;
    private int head;
    private int tail;
    private int empty;
    private long size;

    /** How many positions are in it. */
    public long size() {
        return size;
    }

    /** Adds a position; cheap when it is not below those added before. */
    public void add(long position) {
        long key = position >> 6;
        int at = tail > head && keys[tail - 1] <= key ? keys[tail - 1] == key ? tail - 1 : -tail - 1 : find(key);
        if (at < 0) {
            at = insert(-at - 1, key);
        }
        long bit = 1L << position;
        if ((masks[at] & bit) == 0) {
            if (masks[at] == 0) {
                empty--;
            }
            masks[at] |= bit;
            size++;
        }
    }

    private int insert(int index, long key) {
        int at = index;
        if (tail == keys.length) {
            compact();
            if (keys.length == 0 || tail > keys.length / 2) {
                int capacity = Math.max(FIRST_CAPACITY, keys.length * 2);
                keys = Arrays.copyOf(keys, capacity);
                masks = Arrays.copyOf(masks, capacity);
            }
            at = -find(key) - 1;
        }
        System.arraycopy(keys, at, keys, at + 1, tail - at);
        System.arraycopy(masks, at, masks, at + 1, tail - at);
        keys[at] = key;
        masks[at] = 0;
        tail++;
        empty++;
        return at;
    }

    /** Removes empty runs. */
    private void compact() {
        int to = 0;
        for (int i = head; i < tail; i++) {
            if (masks[i] != 0) {
                keys[to] = keys[i];
                masks[to++] = masks[i];
            }
        }
        head = 0;
        tail = to;
        empty = 0;
    }

    private int find(long key) {
        return Arrays.binarySearch(keys, head, tail, key);
    }

    /** Whether a position is in it. */
    public boolean contains(long position) {
        int at = find(position >> 6);
        return at >= 0 && (masks[at] & 1L << position) != 0;
    }

    /** Whether the position was there. */
    public boolean remove(long position) {
        long key = position >> 6;
        int at = head < tail && keys[head] == key ? head : find(key);
        long bit = 1L << position;
        if (at < 0 || (masks[at] & bit) == 0) {
            return false;
        }
        masks[at] &= ~bit;
        size--;
        if (masks[at] == 0) {
            empty++;
            while (head < tail && masks[head] == 0) {
                head++;
                empty--;
            }
            if (empty > 16 && empty > (tail - head) / 2) {
                compact();
            }
        }
        return true;
    }

    /** The least position that is not below another, or -1. */
    public long next(long from) {
        int at = find(from >> 6);
        long mask = at < 0 ? 0 : masks[at] & -1L << from;
        for (at = at < 0 ? -at - 2 : at; mask == 0 && ++at < tail; ) {
            mask = masks[at];
        }
        return mask == 0 ? -1 : keys[at] << 6 | Long.numberOfTrailingZeros(mask);
    }

    /** Visits the positions in ascending order. The set must not change meanwhile. */
    public void forEach(LongConsumer visitor) {
        for (int i = head; i < tail; i++) {
            for (long mask = masks[i]; mask != 0; mask &= mask - 1) {
                visitor.accept(keys[i] << 6 | Long.numberOfTrailingZeros(mask));
            }
        }
    }
}
