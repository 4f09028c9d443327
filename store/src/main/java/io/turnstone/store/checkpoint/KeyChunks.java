package io.turnstone.store.checkpoint;

import io.turnstone.api.store.MessageKey;
import io.turnstone.api.store.MessageStore.Recovery;
import io.turnstone.store.checkpoint.LiveIndex.DefinitionKey;
import io.turnstone.store.journal.Fields;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The keys of messages as MapDB keeps them: those of one queue in one segment of the journal in definitions of a kind of
 * its own, some of them in each. They leave when younger ones are as many as the queue remembers, or when no message is
 * left that could have repeated them. Owned by the checkpointer; while the store recovers, by the thread that opens it.
 */
final class KeyChunks {

    static final String KIND = "keys";

    /** So many make a definition of about 44 KB. */
    private static final int MAX_KEYS = 2000;

    /** Repetitions count too, but so many times as much may be kept for them. */
    private static final int MOST_PER_REMEMBERED = 4;

    private static final int HEAD_BYTES = 8;
    private static final int MOST_BYTES = 46;

    /** Hears of keys. */
    interface Visitor {
        void key(long position, MessageKey key);
    }

    /**
     * What decides when a definition leaves.
     *
     * @param untilMs when the time of its last key ends
     * @param neededUntilMs when the time of a message ends that repeated one of them as late as it could
     * @param distinct how many different keys
     */
    private record Chunk(
            int queue, long lastPosition, long untilMs, long neededUntilMs, int count, int distinct, int max) {}

    /** Makes a chunk of keys in log order. */
    private static final class ChunkBuilder implements Visitor {
        private final Set<Long> different = new HashSet<>();
        private int count;
        private int max;
        private long lastPosition;
        private long untilMs = Long.MIN_VALUE;
        private long neededUntilMs = Long.MIN_VALUE;

        @Override
        public void key(long position, MessageKey key) {
            different.add(key.low());
            count++;
            max = key.max();
            lastPosition = position;
            untilMs = Math.max(untilMs, key.untilMs());
            long window = key.untilMs() - key.atMs();
            neededUntilMs = Math.max(neededUntilMs, key.untilMs() + Math.min(window, Long.MAX_VALUE - key.untilMs()));
        }

        Chunk chunk(int queue) {
            return new Chunk(queue, lastPosition, untilMs, neededUntilMs, count, different.size(), max);
        }
    }

    /** Up to when, and up to where, a key that is left may have repeated one that was forgotten. */
    private record Forgotten(long untilMs, long position) {

        Forgotten and(Forgotten more) {
            return new Forgotten(Math.max(untilMs, more.untilMs), Math.max(position, more.position));
        }

        byte[] encoded() {
            return ByteBuffer.allocate(HEAD_BYTES + 2 * Long.BYTES)
                    .putInt(0)
                    .putInt(0)
                    .putLong(untilMs)
                    .putLong(position)
                    .array();
        }
    }

    /** The keys of one queue behind a chunk. */
    private static final class Younger {
        private final long lastPosition;
        private long distinct;
        private long count;

        Younger(long lastPosition) {
            this.lastPosition = lastPosition;
        }

        boolean outlive(Chunk chunk, long nowMs) {
            return chunk.neededUntilMs <= nowMs
                    || distinct >= chunk.max
                    || count >= (long) MOST_PER_REMEMBERED * chunk.max;
        }

        /** The broker itself forgets a key with so many others behind it; else its time decides. */
        Forgotten without(Chunk chunk, long nowMs) {
            return chunk.neededUntilMs > nowMs && distinct >= chunk.max
                    ? new Forgotten(Long.MIN_VALUE, lastPosition)
                    : new Forgotten(chunk.untilMs, 0);
        }
    }

    /** The keys of one queue in the segment that is being absorbed. */
    private static final class Gathered {
        private final List<Long> positions = new ArrayList<>();
        private final List<MessageKey> keys = new ArrayList<>();
    }

    private final Map<String, Chunk> chunks = new HashMap<>();
    private final Map<Integer, Gathered> gathered = new TreeMap<>();
    private final Map<Integer, Forgotten> forgotten = new TreeMap<>();
    private final BiConsumer<DefinitionKey, byte @Nullable []> definitions;

    /** @param definitions told what MapDB has to keep, and what to forget */
    KeyChunks(BiConsumer<DefinitionKey, byte @Nullable []> definitions) {
        this.definitions = definitions;
    }

    /** Takes notice of what MapDB keeps. */
    void found(String name, byte[] value) {
        var bytes = ByteBuffer.wrap(value, Integer.BYTES, value.length - Integer.BYTES);
        if (bytes.getInt() == 0) {
            forgotten.put(queue(name), new Forgotten(bytes.getLong(), bytes.getLong()));
            return;
        }
        var chunk = new ChunkBuilder();
        read(name, value, chunk);
        chunks.put(name, chunk.chunk(queue(name)));
    }

    /** Tells of which keys there may have been others before that are forgotten. */
    void tellForgotten(Recovery recovery) {
        forgotten.forEach((queue, what) -> recovery.keysForgotten(queue, what.untilMs, what.position));
    }

    private static int queue(String name) {
        return Integer.parseInt(name.substring(0, name.indexOf('/')));
    }

    /** A segment follows. */
    void begin() {
        gathered.clear();
    }

    /** Takes the keys of a message in; in log order. */
    void add(long position, List<MessageKey> keys) {
        for (MessageKey key : keys) {
            var queue = gathered.computeIfAbsent(key.queueId(), id -> new Gathered());
            queue.positions.add(position);
            queue.keys.add(key);
        }
    }

    /** All keys of a segment were taken in, as far as it is written. */
    void segment(long sequence) {
        gathered.forEach((queue, all) -> {
            for (int from = 0, part = 0; from < all.keys.size(); from += MAX_KEYS, part++) {
                int to = Math.min(all.keys.size(), from + MAX_KEYS);
                put(queue + "/" + sequence + "/" + part, queue, all, from, to);
            }
        });
        gathered.clear();
    }

    private void put(String name, int queue, Gathered all, int from, int to) {
        var bytes = ByteBuffer.allocate(HEAD_BYTES + MOST_BYTES * (to - from));
        int max = all.keys.get(to - 1).max();
        bytes.putInt(max).putInt(to - from);
        long position = 0;
        long atMs = 0;
        var chunk = new ChunkBuilder();
        for (int i = from; i < to; i++) {
            MessageKey key = all.keys.get(i);
            chunk.key(all.positions.get(i), key);
            Fields.putVar(bytes, all.positions.get(i) - position);
            bytes.putLong(key.high()).putLong(key.low());
            Fields.putVar(bytes, zigzag(key.atMs() - atMs));
            Fields.putVar(bytes, key.untilMs() - key.atMs());
            position = all.positions.get(i);
            atMs = key.atMs();
        }
        chunks.put(name, chunk.chunk(queue));
        definitions.accept(new DefinitionKey(KIND, name), java.util.Arrays.copyOf(bytes.array(), bytes.position()));
    }

    private static long zigzag(long value) {
        return (value << 1) ^ (value >> (Long.SIZE - 1));
    }

    /** Reads keys back, in log order. */
    static void read(String name, byte[] value, Visitor visitor) {
        read(queue(name), value, visitor);
    }

    private static void read(int queue, byte[] value, Visitor visitor) {
        var bytes = ByteBuffer.wrap(value);
        int max = bytes.getInt();
        long position = 0;
        long atMs = 0;
        for (int left = bytes.getInt(); left > 0; left--) {
            position += Fields.var(bytes);
            long high = bytes.getLong();
            long low = bytes.getLong();
            long step = Fields.var(bytes);
            atMs += (step >>> 1) ^ -(step & 1);
            visitor.key(position, new MessageKey(queue, high, low, atMs, atMs + Fields.var(bytes), max));
        }
    }

    /** Forgets what no queue needs any more. */
    void prune(long nowMs) {
        var before = Map.copyOf(forgotten);
        var younger = new HashMap<Integer, Younger>();
        var youngestFirst = new ArrayList<>(chunks.entrySet());
        youngestFirst.sort(Comparator.comparingLong(each -> -each.getValue().lastPosition));
        for (var each : youngestFirst) {
            Chunk chunk = each.getValue();
            var behind = younger.computeIfAbsent(chunk.queue, queue -> new Younger(chunk.lastPosition));
            if (behind.outlive(chunk, nowMs)) {
                forgotten.merge(chunk.queue, behind.without(chunk, nowMs), Forgotten::and);
                forget(each.getKey());
            }
            behind.distinct += chunk.distinct;
            behind.count += chunk.count;
        }
        forgotten.forEach((queue, what) -> {
            if (!what.equals(before.get(queue))) {
                definitions.accept(forgottenBy(queue), what.encoded());
            }
        });
    }

    /** A queue is gone. */
    void drop(int queue) {
        for (String name : List.copyOf(chunks.keySet())) {
            Chunk chunk = chunks.get(name);
            if (chunk != null && chunk.queue == queue) {
                forget(name);
            }
        }
        if (forgotten.remove(queue) != null) {
            definitions.accept(forgottenBy(queue), null);
        }
    }

    private static DefinitionKey forgottenBy(int queue) {
        return new DefinitionKey(KIND, queue + "/0/0");
    }

    private void forget(String name) {
        chunks.remove(name);
        definitions.accept(new DefinitionKey(KIND, name), null);
    }
}
