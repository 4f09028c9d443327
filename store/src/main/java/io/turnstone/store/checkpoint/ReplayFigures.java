package io.turnstone.store.checkpoint;

import io.turnstone.api.Message;
import io.turnstone.store.journal.Targets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Sizes and expiry of the messages that a replay found in the journal: four bytes per record, for as long as it takes
 * to tell the runs. Owned by the thread that opens the store.
 */
final class ReplayFigures {

    private static final int CHUNK = 4096;
    private static final int STRIDE = 64;

    private static final class Chunk {
        final int[] sizes = new int[CHUNK];
        final long[] expiresAtMs = new long[CHUNK / STRIDE];

        Chunk() {
            Arrays.fill(expiresAtMs, Message.NONE);
        }
    }

    private final Map<Long, Chunk> chunks = new HashMap<>();
    private long lastKey = -1;
    private Chunk last = new Chunk();

    private Chunk chunk(long position) {
        long key = position / CHUNK;
        if (key != lastKey) {
            last = chunks.computeIfAbsent(key, k -> new Chunk());
            lastKey = key;
        }
        return last;
    }

    void put(long position, int bodyBytes, long expiresAtMs) {
        var chunk = chunk(position);
        int index = (int) (position % CHUNK);
        chunk.sizes[index] = bodyBytes;
        chunk.expiresAtMs[index / STRIDE] = Targets.earlier(chunk.expiresAtMs[index / STRIDE], expiresAtMs);
    }

    /** Size of the body in bytes. */
    int size(long position) {
        return chunk(position).sizes[(int) (position % CHUNK)];
    }

    /** The message does not expire before. */
    long expiresAtMs(long position) {
        return chunk(position).expiresAtMs[(int) (position % CHUNK) / STRIDE];
    }
}
