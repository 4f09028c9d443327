package io.turnstone.store.checkpoint;

import io.turnstone.api.store.MessageKey;
import io.turnstone.store.checkpoint.LiveIndex.DefinitionKey;
import io.turnstone.store.journal.Fields;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The keys of messages as MapDB keeps them: those of one queue in one segment of the journal in definitions of a kind of
 * its own, some of them in each. They leave with their time, or when younger ones are as many as the queue remembers.
 * Owned by the checkpointer; while the store recovers, by the thread that opens it.
 */
final class KeyChunks {

    static final String KIND = "keys";

    /** So many make a definition of about 44 KB. */
    private static final int MAX_KEYS = 2000;

    private static final int HEAD_BYTES = 8;
    private static final int MOST_BYTES = 46;

    /** Hears of keys. */
    interface Visitor {
        void key(long position, MessageKey key);
    }

    private record Chunk(int queue, long untilMs, int count, int max) {}

    /** The keys of one queue in the segment that is being absorbed. */
    private static final class Gathered {
        private final List<Long> positions = new ArrayList<>();
        private final List<MessageKey> keys = new ArrayList<>();
    }

    private final Map<String, Chunk> chunks = new LinkedHashMap<>();
    private final Map<Integer, Gathered> gathered = new TreeMap<>();
    private final BiConsumer<DefinitionKey, byte @Nullable []> definitions;

    /** @param definitions told what MapDB has to keep, and what to forget */
    KeyChunks(BiConsumer<DefinitionKey, byte @Nullable []> definitions) {
        this.definitions = definitions;
    }

    /** Takes notice of what MapDB keeps. */
    void found(String name, byte[] value) {
        var until = new long[1];
        var last = new MessageKey[1];
        read(queue(name), value, (position, key) -> {
            until[0] = Math.max(until[0], key.untilMs());
            last[0] = key;
        });
        int count = ByteBuffer.wrap(value).getInt(4);
        if (count > 0) {
            chunks.put(name, new Chunk(queue(name), until[0], count, last[0].max()));
        }
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
        long untilMs = 0;
        for (int i = from; i < to; i++) {
            MessageKey key = all.keys.get(i);
            Fields.putVar(bytes, all.positions.get(i) - position);
            bytes.putLong(key.high()).putLong(key.low());
            Fields.putVar(bytes, zigzag(key.atMs() - atMs));
            Fields.putVar(bytes, key.untilMs() - key.atMs());
            position = all.positions.get(i);
            atMs = key.atMs();
            untilMs = Math.max(untilMs, key.untilMs());
        }
        chunks.put(name, new Chunk(queue, untilMs, to - from, max));
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
        var younger = new HashMap<Integer, Long>();
        var names = new ArrayList<>(chunks.keySet());
        for (int i = names.size() - 1; i >= 0; i--) {
            Chunk chunk = chunks.get(names.get(i));
            if (chunk != null) {
                long before = younger.merge(chunk.queue, (long) chunk.count, Long::sum) - chunk.count;
                if (chunk.untilMs <= nowMs || before >= chunk.max) {
                    forget(names.get(i));
                }
            }
        }
    }

    /** A queue is gone. */
    void drop(int queue) {
        for (String name : List.copyOf(chunks.keySet())) {
            Chunk chunk = chunks.get(name);
            if (chunk != null && chunk.queue == queue) {
                forget(name);
            }
        }
    }

    private void forget(String name) {
        chunks.remove(name);
        definitions.accept(new DefinitionKey(KIND, name), null);
    }
}
