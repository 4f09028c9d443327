package io.turnstone.store.checkpoint;

/** Positions by position, in two arrays; none is 0. Owned by one thread. */
final class PositionMap {

    private static final long[] NOTHING = {};

    private long[] keys = NOTHING;
    private long[] values = NOTHING;
    private int size;

    int size() {
        return size;
    }

    /** The value of a key, or 0. */
    long get(long key) {
        if (size == 0) {
            return 0;
        }
        int at = find(key);
        return keys[at] == key ? values[at] : 0;
    }

    void put(long key, long value) {
        if (size * 2 >= keys.length) {
            resize(Math.max(8, keys.length * 2), 0);
        }
        int at = find(key);
        if (keys[at] == 0) {
            keys[at] = key;
            size++;
        }
        values[at] = value;
    }

    void remove(long key) {
        if (size == 0) {
            return;
        }
        int hole = find(key);
        if (keys[hole] == 0) {
            return;
        }
        size--;
        int mask = keys.length - 1;
        for (int at = (hole + 1) & mask; keys[at] != 0; at = (at + 1) & mask) {
            int home = home(keys[at]);
            if (((at - home) & mask) >= ((at - hole) & mask)) {
                keys[hole] = keys[at];
                values[hole] = values[at];
                hole = at;
            }
        }
        keys[hole] = 0;
    }

    /** Forgets the keys whose values are below a limit. */
    void removeBelow(long limit) {
        int left = 0;
        for (int i = 0; i < keys.length; i++) {
            left += keys[i] != 0 && values[i] >= limit ? 1 : 0;
        }
        if (left < size) {
            resize(left == 0 ? 0 : Math.max(8, Integer.highestOneBit(left) << 2), limit);
        }
    }

    private void resize(int length, long limit) {
        long[] oldKeys = keys;
        long[] oldValues = values;
        keys = new long[length];
        values = new long[length];
        size = 0;
        for (int i = 0; i < oldKeys.length; i++) {
            if (oldKeys[i] != 0 && oldValues[i] >= limit) {
                int at = find(oldKeys[i]);
                keys[at] = oldKeys[i];
                values[at] = oldValues[i];
                size++;
            }
        }
    }

    private int find(long key) {
        int mask = keys.length - 1;
        int at = home(key);
        while (keys[at] != 0 && keys[at] != key) {
            at = (at + 1) & mask;
        }
        return at;
    }

    private int home(long key) {
        return (int) ((key * 0x9E3779B97F4A7C15L) >>> 33) & (keys.length - 1);
    }
}
