package io.turnstone.router.queue;

import io.turnstone.api.Message;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What is left of a {@link Run} whose entries are not on the heap: where the store has them. Its messages stand in the
 * slots that are ready in the run, in this order; their positions ascend but for those that were delayed. Owned by the
 * queue's home loop.
 */
final class Page {

    private static final int SEVEN_BITS = 0x7f;

    private final long first;

    /** From each position to the next, as variable-length numbers, small ones short; null when each follows the one before. */
    private final byte @Nullable [] distances;

    /** One bit per slot whose message a consumer may have looked at. */
    long seen;

    /** When its first message arrived, {@link Message#NONE} when that is not known. */
    long arrivedAtMs;

    /** Whether it is being read, or about to be. */
    boolean loading;

    /**
     * Of messages at these positions.
     *
     * @param positions at least one
     */
    Page(long[] positions, int count, long seen, long arrivedAtMs) {
        first = positions[0];
        distances = distances(positions, count);
        this.seen = seen;
        this.arrivedAtMs = arrivedAtMs;
    }

    /** What a run becomes without its entries; null when one of them must stay on the heap, or nothing is left of it. */
    static @Nullable Page of(Run run) {
        if (run.live == 0 || Long.bitCount(run.ready) != run.live) {
            return null;
        }
        long[] positions = new long[run.live];
        int count = 0;
        long seen = 0;
        long arrivedAtMs = Message.NONE;
        for (long rest = run.ready; rest != 0; rest &= rest - 1) {
            int slot = Long.numberOfTrailingZeros(rest);
            Entry entry = run.entries[slot];
            if (entry == null || !entry.inStore()) {
                return null;
            }
            if (count == 0) {
                arrivedAtMs = entry.overlay().arrivedAtMs();
            }
            positions[count++] = entry.position;
            seen |= entry.firstAcquirer() ? 0 : 1L << slot;
        }
        return new Page(positions, count, seen, arrivedAtMs);
    }

    /** Whether nobody has looked at its messages since the restart. */
    boolean unknown() {
        return arrivedAtMs == Message.NONE;
    }

    private static boolean consecutive(long[] positions, int count) {
        for (int i = 1; i < count; i++) {
            if (positions[i] != positions[i - 1] + 1) {
                return false;
            }
        }
        return true;
    }

    private static byte @Nullable [] distances(long[] positions, int count) {
        if (consecutive(positions, count)) {
            return null;
        }
        var packed = new byte[(count - 1) * 10];
        int size = 0;
        for (int i = 1; i < count; i++) {
            long distance = positions[i] - positions[i - 1];
            long rest = distance << 1 ^ distance >> 63;
            for (; rest > SEVEN_BITS; rest >>>= 7) {
                packed[size++] = (byte) (rest | ~SEVEN_BITS);
            }
            packed[size++] = (byte) rest;
        }
        return Arrays.copyOf(packed, size);
    }

    /** The positions of its messages. */
    long[] positions(int count) {
        var positions = new long[count];
        positions[0] = first;
        byte[] packed = distances;
        for (int i = 1, at = 0; i < count; i++) {
            long distance = 1;
            if (packed != null) {
                distance = packed[at] & SEVEN_BITS;
                for (int shift = 7; packed[at++] < 0; shift += 7) {
                    distance |= (long) (packed[at] & SEVEN_BITS) << shift;
                }
                distance = distance >>> 1 ^ -(distance & 1);
            }
            positions[i] = positions[i - 1] + distance;
        }
        return positions;
    }
}
