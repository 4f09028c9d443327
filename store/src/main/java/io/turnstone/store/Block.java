package io.turnstone.store;

import java.nio.ByteBuffer;

/**
 * Where in MapDB up to 64 messages of one queue are, and which of them still live. The positions are kept as distances
 * in a byte or two each. Owned by the checkpointer.
 */
final class Block {

    static final int MAX_ENTRIES = 64;

    final int queue;
    final long recid;
    final long first;
    final long last;

    /** Whether bodies of it are records of their own. */
    final boolean external;

    private final byte[] distances;

    /** Bit i is entry i: what lives now. */
    long alive;

    /** What MapDB says lives. */
    long stored;

    /** The record that holds {@link #stored} when the block was not written with all alive, or 0. */
    long maskRecid;

    /** Whether the checkpointer has it on its list of changed blocks. */
    boolean changed;

    /** @param positions ascending, at most 64 */
    Block(int queue, long recid, long[] positions, boolean external) {
        this.queue = queue;
        this.recid = recid;
        this.external = external;
        first = positions[0];
        last = positions[positions.length - 1];
        alive = stored = positions.length == 64 ? -1L : (1L << positions.length) - 1;
        var bytes = ByteBuffer.allocate(10 * positions.length);
        for (int i = 1; i < positions.length; i++) {
            RecordEncoder.putVar(bytes, positions[i] - positions[i - 1]);
        }
        distances = java.util.Arrays.copyOf(bytes.array(), bytes.position());
    }

    /** The number of a position in the block, or -1. */
    int indexOf(long position) {
        if (position < first || position > last) {
            return -1;
        }
        var bytes = ByteBuffer.wrap(distances);
        long at = first;
        for (int i = 0; ; i++) {
            if (at >= position) {
                return at == position ? i : -1;
            }
            at += RecordDecoder.var(bytes);
        }
    }

    boolean alive(int index) {
        return (alive & 1L << index) != 0;
    }

    boolean overlaps(Block other) {
        return first <= other.last && other.first <= last;
    }
}
