package io.turnstone.store.bench;

import java.util.Arrays;

/** Numbers in the order they were added. Owned by one thread. */
final class Longs {

    private long[] values = new long[1024];
    private int size;

    void add(long value) {
        if (size == values.length) {
            values = Arrays.copyOf(values, 2 * size);
        }
        values[size++] = value;
    }

    int size() {
        return size;
    }

    long get(int index) {
        return values[index];
    }

    void set(int index, long value) {
        values[index] = value;
    }

    void clear() {
        size = 0;
    }

    /** The numbers from an index on, at most so many. */
    long[] slice(int from, int atMost) {
        return Arrays.copyOfRange(values, from, Math.min(size, from + atMost));
    }
}
