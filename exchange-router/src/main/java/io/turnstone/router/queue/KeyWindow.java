package io.turnstone.router.queue;

import io.turnstone.api.store.MessageKey;
import io.turnstone.api.store.StoredRun;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.function.LongConsumer;

/**
 * The keys of messages that entered a queue lately, in the order in which they came: about 50 bytes each. What was decided
 * once is decided again when the same keys come in the same order. Owned by the queue's home loop; before that starts, by
 * the starting thread.
 */
public final class KeyWindow {

    private static final int FIRST_CAPACITY = 16;
    private static final int FREE = -1;
    private static final long[] NOTHING = {};
    private static final int[] NO_TABLE = {FREE};

    /** A ring of keys, oldest first. */
    private long[] high = NOTHING;

    private long[] low = NOTHING;
    private long[] untilMs = NOTHING;

    /** Where each key stands in the ring, by its hash; open addressing, at most half full. */
    private int[] table = NO_TABLE;

    private int head;
    private int size;
    private long left;

    /** What the store forgot; a key from before may be of a message that itself repeated another, and did not enter. */
    private long forgottenUntilMs = Long.MIN_VALUE;

    private long forgottenThrough;

    /** So many keys are from before, counted from the first that ever came. */
    private long doubtful;

    /** Where messages stood before the restart that had come before: a crash came between them and their removal. */
    private final Set<Long> repeated = new HashSet<>(0);

    private static int[] empty(int length) {
        var table = new int[length];
        Arrays.fill(table, FREE);
        return table;
    }

    /** Takes notice of a message; false when its key came before and is not forgotten. */
    boolean enters(MessageKey key) {
        while (size > 0 && (untilMs[head] <= key.atMs() || size > key.max())) {
            forgetOldest();
        }
        int slot = slot(key.high(), key.low());
        int known = table[slot];
        if (known != FREE) {
            if (untilMs[known] > key.atMs()) {
                return false;
            }
            untilMs[known] = key.untilMs(); // of another clock or another window than its neighbours
            return true;
        }
        if (size == key.max()) {
            forgetOldest();
            slot = slot(key.high(), key.low());
        }
        if (size == high.length) {
            grow();
            slot = slot(key.high(), key.low());
        }
        int at = (head + size++) & (high.length - 1);
        high[at] = key.high();
        low[at] = key.low();
        untilMs[at] = key.untilMs();
        table[slot] = at;
        return true;
    }

    /** The store forgot keys that those which came before a moment, or not behind a position, may have repeated. */
    public void forgotten(long untilMs, long position) {
        forgottenUntilMs = untilMs;
        forgottenThrough = position;
    }

    /** Takes notice of a message from before the restart; in log order, after {@link #forgotten}. */
    public void recovered(long position, MessageKey key) {
        boolean certain = key.atMs() >= forgottenUntilMs && position > forgottenThrough;
        if (enters(key)) {
            doubtful = certain ? doubtful : left + size;
        } else if (certain && number(key) >= doubtful) {
            repeated.add(position);
        } // else this one may be what entered: better twice than never
    }

    /** Of a key that is there, how many came before it. */
    private long number(MessageKey key) {
        return left + ((table[slot(key.high(), key.low())] - head) & (high.length - 1));
    }

    /** Of messages from before the restart those that came first; the others are told. */
    StoredRun first(StoredRun run, LongConsumer repeat) {
        if (repeated.isEmpty()) {
            return run;
        }
        long[] all = run.positions();
        long[] first = Arrays.stream(all)
                .filter(position -> !repeated.contains(position))
                .toArray();
        if (first.length == all.length) {
            return run;
        }
        Arrays.stream(all).filter(repeated::contains).forEach(repeat);
        return new StoredRun(first, run.bytes() * first.length / all.length, run.expiresAtMs());
    }

    int size() {
        return size;
    }

    private int slot(long keyHigh, long keyLow) {
        int slot = (int) keyLow & (table.length - 1);
        while (table[slot] != FREE && (high[table[slot]] != keyHigh || low[table[slot]] != keyLow)) {
            slot = (slot + 1) & (table.length - 1);
        }
        return slot;
    }

    private void forgetOldest() {
        int hole = slot(high[head], low[head]);
        table[hole] = FREE;
        // Who stands behind a hole that is nearer to its own place moves into it.
        for (int next = (hole + 1) & (table.length - 1); table[next] != FREE; next = (next + 1) & (table.length - 1)) {
            int home = (int) low[table[next]] & (table.length - 1);
            boolean reachable = ((next - home) & (table.length - 1)) >= ((next - hole) & (table.length - 1));
            if (reachable) {
                table[hole] = table[next];
                table[next] = FREE;
                hole = next;
            }
        }
        head = (head + 1) & (high.length - 1);
        size--;
        left++;
    }

    private void grow() {
        high = turned(high);
        low = turned(low);
        untilMs = turned(untilMs);
        head = 0;
        table = empty(2 * high.length);
        for (int i = 0; i < size; i++) {
            table[slot(high[i], low[i])] = i;
        }
    }

    private long[] turned(long[] ring) {
        var larger = new long[Math.max(FIRST_CAPACITY, 2 * ring.length)];
        System.arraycopy(ring, head, larger, 0, ring.length - head);
        System.arraycopy(ring, 0, larger, ring.length - head, head);
        return larger;
    }
}
