package io.turnstone.store;

import io.turnstone.api.Body;
import io.turnstone.api.store.MessageStore.Recovery;
import io.turnstone.store.JournalFiles.Found;
import io.turnstone.store.LiveIndex.DefinitionKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Brings the index to where the last run left off: what MapDB holds, then the journal behind it, record by record. Owned
 * by the thread that opens the store.
 */
final class Replay implements JournalVisitor {

    private record Entry(int queue, long position) {}

    private final LiveIndex index;
    private final StoredPages stored;
    private final StoreHealth health;
    private final SegmentPool pool;
    private final long storeId;
    private final Map<DefinitionKey, byte[]> definitions;
    private final LiveSet dropped = new LiveSet();
    private final Map<Entry, byte[]> overlays = new HashMap<>();
    private long sequence;
    private long end;
    private long position;
    private boolean clean = true;

    Replay(LiveIndex index, StoredPages stored, StoreHealth health, SegmentPool pool, long storeId) {
        this.index = index;
        this.stored = stored;
        this.health = health;
        this.pool = pool;
        this.storeId = storeId;
        definitions = new HashMap<>(stored.definitionValues);
        sequence = stored.meta.absorbedThrough();
        position = stored.meta.position();
    }

    /** Replays the journal into the index. */
    void run(List<Found> found) throws IOException {
        index.replaying(true);
        for (int i = 0; i < found.size(); i++) {
            var segment = found.get(i).segment();
            pool.used(segment);
            if (segment.sequence <= stored.meta.absorbedThrough()) {
                pool.recycle(segment);
                continue;
            }
            checkGap(segment);
            read(segment, i + 1 < found.size() ? found.get(i + 1) : null);
            sequence = segment.sequence;
            end = segment.end;
        }
        index.replaying(false);
    }

    private void checkGap(Segment segment) {
        long missing = segment.sequence - sequence - 1;
        if (missing > 0 && !index.segments().isEmpty()) {
            health.damaged(missing + " journal segments before " + segment + " are missing");
        }
    }

    private void read(Segment segment, @Nullable Found next) throws IOException {
        index.at(segment, segment.end);
        var reader = new SegmentReader(storeId, segment, this, health::damaged);
        boolean endKnown = next != null && next.previousEnd() >= 0 && next.segment().sequence == segment.sequence + 1;
        if (next != null && endKnown) {
            reader.readUntil(next.previousEnd());
            segment.end = next.previousEnd();
        } else {
            segment.end = reader.readLast();
        }
        position = Math.max(position, Math.max(reader.lastPosition(), segment.firstPosition - 1));
        clean = reader.sealed();
    }

    @Override
    public void enqueue(long at, int[] queues, String format, ByteBuffer overlay, ByteBuffer body) {
        for (int queue : queues) {
            if (!dropped.contains(queue)) {
                index.enqueue(queue, at);
            }
        }
    }

    @Override
    public void remove(long at, int queue, long[] positions) {
        for (long each : positions) {
            index.remove(queue, each);
            overlays.remove(new Entry(queue, each));
        }
    }

    @Override
    public void amend(long at, int queue, long target, ByteBuffer overlay) {
        index.amend();
        if (!dropped.contains(queue)) {
            overlays.put(new Entry(queue, target), Pages.copy(overlay));
        }
    }

    @Override
    public void move(long at, int source, long from, int[] targets, ByteBuffer overlay) {
        int[] present = dropped.size() == 0
                ? targets
                : Arrays.stream(targets)
                        .filter(target -> !dropped.contains(target))
                        .toArray();
        index.move(at, source, from, present);
        overlays.remove(new Entry(source, from));
        byte[] copy = Pages.copy(overlay);
        for (int target : present) {
            overlays.put(new Entry(target, at), copy);
        }
    }

    @Override
    public void define(long at, String kind, String name, byte @Nullable [] value) {
        index.define(kind, name, value);
        var key = new DefinitionKey(kind, name);
        if (value == null) {
            definitions.remove(key);
        } else {
            definitions.put(key, value);
        }
    }

    @Override
    public void drop(long at, int queue) {
        dropped.add(queue); // numbers are never used again: what still names it comes too late
        index.drop(queue);
    }

    /** Where the journal goes on. */
    Journal.JournalEnd end() {
        return new Journal.JournalEnd(storeId, sequence, end, position);
    }

    /** Hands out what was kept: definitions, then the messages of each queue in log order. */
    void tell(Recovery recovery, boolean closed) throws IOException {
        definitions.forEach((key, value) -> recovery.definition(key.kind(), key.name(), value));
        var fresh = freshMessages();
        var queues = new TreeSet<Integer>();
        index.forEachQueue((queue, entries) -> queues.add(queue));
        for (int queue : queues) {
            var messages = fresh.getOrDefault(queue, new ArrayList<>());
            index.entries(queue).forEachBlock(block -> stored.forEachMessage(block, messages::add));
            messages.sort(Comparator.comparingLong(BlockEntry::position));
            for (var message : messages) {
                byte[] overlay = overlays.getOrDefault(new Entry(queue, message.position()), message.overlay());
                recovery.message(queue, message.position(), message.format(), Body.Inline.of(message.body()), overlay);
            }
            fresh.remove(queue);
        }
        recovery.done(clean && closed);
    }

    /** The messages whose bodies are in the journal, and moved ones whose bodies are in a block of another queue. */
    private Map<Integer, List<BlockEntry>> freshMessages() throws IOException {
        var fresh = new HashMap<Integer, List<BlockEntry>>();
        var movesByBody = new HashMap<Long, List<Long>>();
        index.forEachMove((move, moved) -> {
            var block = moved.source.block();
            if (block == null) {
                movesByBody
                        .computeIfAbsent(moved.source.position(), p -> new ArrayList<>(1))
                        .add(move);
            } else {
                stored.body(block, moved.source.position(), entry -> addMoved(fresh, move, entry));
            }
        });
        var collector = new JournalVisitor() {
            @Override
            public void enqueue(long at, int[] queues, String format, ByteBuffer overlay, ByteBuffer body) {
                BlockEntry entry = null;
                for (int queue : queues) {
                    if (lives(queue, at)) {
                        entry = entry == null ? entry(at, format, overlay, body) : entry;
                        add(fresh, queue, entry);
                    }
                }
                for (long move : movesByBody.getOrDefault(at, List.of())) {
                    entry = entry == null ? entry(at, format, overlay, body) : entry;
                    addMoved(fresh, move, entry);
                }
            }
        };
        for (var segment : index.segments()) {
            if (segment.live > 0) {
                new SegmentReader(storeId, segment, collector, what -> {}).readUntil(segment.end);
            }
        }
        return fresh;
    }

    private static BlockEntry entry(long at, String format, ByteBuffer overlay, ByteBuffer body) {
        return new BlockEntry(at, format, Pages.copy(overlay), Pages.copy(body), 0, 0);
    }

    private boolean lives(int queue, long at) {
        var entries = index.known(queue);
        return entries != null && entries.fresh.contains(at);
    }

    private void addMoved(Map<Integer, List<BlockEntry>> fresh, long move, BlockEntry entry) {
        var moved = index.moved(move);
        if (moved != null) {
            for (int queue : moved.queues) {
                if (lives(queue, move)) {
                    add(fresh, queue, entry.movedTo(move));
                }
            }
        }
    }

    private static void add(Map<Integer, List<BlockEntry>> fresh, int queue, BlockEntry entry) {
        fresh.computeIfAbsent(queue, q -> new ArrayList<>()).add(entry);
    }
}
