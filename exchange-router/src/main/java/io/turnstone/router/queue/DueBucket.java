package io.turnstone.router.queue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Messages whose time comes in one interval, as positions: about ten bytes each. The further the interval was away when it
 * was made, the wider it is; when it comes near, its messages go into narrower ones, and from the narrowest they are read.
 * Owned by the queue's home loop.
 */
final class DueBucket implements RankHeap.Ranked {

    /** Two to the power of that many milliseconds is the narrowest interval. */
    private static final int NARROWEST = 12;

    /** Positions take fewer bits than this, whatever the store: at a million messages a second, for seventy years. */
    private static final int POSITION_BITS = Long.SIZE - 1 - NARROWEST;

    /** As many parts the way to an interval has at least, compared with its width, on a scale of powers of two. */
    private static final int FINENESS = 3;

    private final PackedWriter packed = new PackedWriter(32);
    private final int shift;
    private final long startMs;
    private long lastPosition;
    private long firstMs = Run.NEVER;
    private int count;
    private long bytes;
    private PackedReader reader = new PackedReader(new byte[0]);
    private int taken;
    private int place = OUTSIDE;

    /** What {@link #next} found. */
    long position;

    long atMs;
    long size;

    /** For what is due at a moment, seen from now. */
    DueBucket(long dueAtMs, long nowMs) {
        shift = shift(dueAtMs, nowMs);
        startMs = (dueAtMs >> shift) << shift;
    }

    private static int shift(long dueAtMs, long nowMs) {
        long away = Math.max(1, dueAtMs - nowMs);
        return Math.max(NARROWEST, Long.SIZE - 1 - Long.numberOfLeadingZeros(away) - FINENESS);
    }

    /** The same for moments that go into the same bucket, seen from now. */
    static long key(long dueAtMs, long nowMs) {
        int shift = shift(dueAtMs, nowMs);
        return key(dueAtMs >> shift, shift);
    }

    private static long key(long interval, int shift) {
        return interval << (Byte.SIZE - 2) | shift;
    }

    long key() {
        return key(startMs >> shift, shift);
    }

    void add(long newPosition, long dueAtMs, long newSize) {
        packed.number(newPosition - lastPosition);
        packed.number(dueAtMs - startMs);
        packed.number(newSize);
        lastPosition = newPosition;
        firstMs = Math.min(firstMs, dueAtMs);
        count++;
        bytes += newSize;
    }

    /** Whether there is no narrower one. */
    boolean narrowest() {
        return shift == NARROWEST;
    }

    /** Messages in it that were not taken. */
    int left() {
        return count - taken;
    }

    /** Takes the next message out, in log order; from then on nothing may be added. False when it is empty. */
    boolean next() {
        if (taken == 0) {
            reader = new PackedReader(packed.toBytes());
            position = 0;
        }
        if (taken == count) {
            return false;
        }
        taken++;
        position += reader.number();
        atMs = startMs + reader.number();
        size = reader.number();
        bytes -= size;
        return true;
    }

    /** All that is left in it, in order of time and log if it is a narrowest one, in parts that are read at once. */
    List<DueBatch> cut(int mostMessages, long mostBytes) {
        long meanBytes = Math.max(1, bytes / Math.max(1, left()));
        int part = (int) Math.max(1, Math.min(mostMessages, mostBytes / meanBytes));
        var ordered = new long[left()];
        long leftBytes = bytes;
        for (int i = 0; next(); i++) {
            ordered[i] = narrowest() ? ((atMs - startMs) << POSITION_BITS) | position : position;
        }
        Arrays.sort(ordered);
        var batches = new ArrayList<DueBatch>();
        for (int from = 0; from < ordered.length; from += part) {
            int size = Math.min(part, ordered.length - from);
            boolean last = from + size == ordered.length;
            long batchBytes = last ? leftBytes : Math.min(leftBytes, meanBytes * size);
            leftBytes -= batchBytes;
            long dueAtMs = narrowest() ? startMs + (ordered[from] >>> POSITION_BITS) : firstMs;
            var positions = new long[size];
            for (int i = 0; i < size; i++) {
                positions[i] = ordered[from + i] & ((1L << POSITION_BITS) - 1);
            }
            batches.add(DueBatch.of(positions, batchBytes, dueAtMs));
        }
        return batches;
    }

    /** No message in it is due before. */
    @Override
    public long rank() {
        return firstMs;
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
