package io.turnstone.store.checkpoint;

import io.turnstone.api.store.MessageKey;
import io.turnstone.api.store.MessageStore.Recovery;
import io.turnstone.store.checkpoint.LiveIndex.DefinitionKey;
import io.turnstone.store.files.StoreHealth;
import io.turnstone.store.journal.Journal;
import io.turnstone.store.journal.JournalFiles.Found;
import io.turnstone.store.journal.JournalVisitor;
import io.turnstone.store.journal.LiveSet;
import io.turnstone.store.journal.PendingQueue;
import io.turnstone.store.journal.RecordOffsets;
import io.turnstone.store.journal.Segment;
import io.turnstone.store.journal.SegmentPool;
import io.turnstone.store.journal.SegmentReader;
import io.turnstone.store.journal.Targets;
import io.turnstone.store.spool.SpoolFolder;
import io.turnstone.store.spool.SpoolReference;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Brings the index to where the last run left off: what MapDB holds, then the journal behind it, record by record. No
 * body stays in memory. Owned by the thread that opens the store.
 */
public final class Replay implements JournalVisitor {

    private static final Logger log = LogManager.getLogger(Replay.class);

    private final LiveIndex index;
    private final StoreHealth health;
    private final SegmentPool pool;
    private final long storeId;
    private final long absorbedThrough;
    private final Map<DefinitionKey, byte[]> definitions;
    private final LiveSet dropped = new LiveSet();
    private final ReplayFigures figures = new ReplayFigures();
    private final SpoolFolder spool;

    /** Of each queue by position: what MapDB keeps and what is in the journal may overlap. */
    private final Map<Integer, TreeMap<Long, MessageKey>> keys = new HashMap<>();

    private long sequence;
    private long end;
    private long position;
    private boolean clean = true;
    private @Nullable Segment current;

    public Replay(
            LiveIndex index,
            StoredPages stored,
            StoreHealth health,
            SegmentPool pool,
            SpoolFolder spool,
            long storeId) {
        this.index = index;
        this.spool = spool;
        this.health = health;
        this.pool = pool;
        this.storeId = storeId;
        definitions = new HashMap<>(stored.definitionValues);
        definitions.forEach((key, value) -> {
            if (key.kind().equals(KeyChunks.KIND)) {
                index.keys.found(key.name(), value);
                KeyChunks.read(key.name(), value, this::key);
            }
        });
        definitions.keySet().removeIf(key -> key.kind().equals(KeyChunks.KIND));
        sequence = absorbedThrough = stored.meta.absorbedThrough();
        position = stored.meta.position();
    }

    /** Replays the journal into the index. */
    public void run(List<Found> found) throws IOException {
        index.replaying(true);
        for (int i = 0; i < found.size(); i++) {
            var segment = found.get(i).segment();
            pool.used(segment);
            if (segment.sequence <= absorbedThrough) {
                pool.recycle(segment);
                continue;
            }
            checkGap(found.get(i));
            read(segment, i + 1 < found.size() ? found.get(i + 1) : null);
            sequence = segment.sequence;
            end = segment.end;
        }
        index.replaying(false);
        index.through(position);
    }

    private void keys(long at, Targets targets) {
        if (!targets.keys().isEmpty()) {
            index.keyed();
            targets.keys().forEach(key -> key(at, key));
        }
    }

    private void key(long at, MessageKey key) {
        keys.computeIfAbsent(key.queueId(), queue -> new TreeMap<>()).put(at, key);
    }

    private void checkGap(Found found) {
        var segment = found.segment();
        long missing = segment.sequence - sequence - 1;
        if (missing > 0 && (!index.segments().isEmpty() || !found.mayBeOldest())) {
            health.damaged(missing + " journal segments before " + segment + " are missing");
        }
    }

    private void read(Segment segment, @Nullable Found next) throws IOException {
        current = segment;
        index.at(segment, segment.end);
        var reader = new SegmentReader(storeId, segment, this, health::damaged);
        boolean endKnown = next != null && next.previousEnd() >= 0 && next.segment().sequence == segment.sequence + 1;
        if (next != null && endKnown) {
            reader.readUntil(next.previousEnd());
            segment.end = next.previousEnd();
        } else {
            segment.end = reader.readLast();
            if (reader.overtaken()) {
                log.warn(
                        "journal segment={} ends at {}: what follows had not been forced when the power failed",
                        segment,
                        segment.end);
            }
        }
        position = Math.max(position, Math.max(reader.lastPosition(), segment.firstPosition - 1));
        clean = reader.sealed();
    }

    @Override
    public void record(long at, long offset) {
        if (current != null && RecordOffsets.wanted(at)) {
            current.offsets.put(at, offset);
        }
    }

    @Override
    public void enqueue(long at, Targets targets, String format, ByteBuffer overlay, ByteBuffer body) {
        var present = targets.without(dropped);
        keys(at, targets);
        for (int i = 0; i < present.size(); i++) {
            index.enqueue(present.queue(i), present.level(i), at);
        }
        if (SpoolReference.is(format)) {
            var use = SpoolReference.use(body, spool);
            for (int i = 0; i < present.size(); i++) {
                index.spooled.add(present.queue(i), at, use);
            }
        }
        figures.put(at, body.remaining(), targets.expiresAtMs());
    }

    @Override
    public void remove(long at, int queue, long[] positions) {
        for (long each : positions) {
            index.remove(queue, each);
        }
    }

    @Override
    public void amend(long at, int queue, long target, ByteBuffer overlay) {
        index.amend(at, queue, target);
    }

    @Override
    public void move(long at, int source, long from, Targets targets, ByteBuffer overlay) {
        var body = index.move(at, source, from, targets.without(dropped));
        put(at, body, targets);
    }

    private void put(long at, Moves.@Nullable Source body, Targets targets) {
        if (body != null) {
            var block = body.block();
            int size = block == null ? figures.size(body.position()) : block.size(block.indexOf(body.position()));
            figures.put(at, size, targets.expiresAtMs());
        }
    }

    @Override
    public void enter(long at, long pending, Targets targets) {
        keys(at, targets);
        put(at, index.enter(at, pending, targets.without(dropped)), targets);
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
        keys.remove(queue);
    }

    /** Where the journal goes on. */
    public Journal.JournalEnd end() {
        return new Journal.JournalEnd(storeId, sequence, end, position);
    }

    /** Tells what was kept: definitions, then the messages of each queue and level in log order. */
    public void tell(Recovery recovery, boolean closed) {
        definitions.forEach((key, value) -> recovery.definition(key.kind(), key.name(), value));
        index.keys.tellForgotten(recovery);
        keys.values().forEach(all -> all.forEach(recovery::key));
        var queues = new ArrayList<QueueEntries>();
        index.forEachQueue(queues::add);
        queues.removeIf(entries -> entries.queue == PendingQueue.ID);
        queues.sort(Comparator.comparingInt(entries -> entries.queue));
        var runs = new RecoveredRuns(recovery, figures, index.spooled);
        queues.forEach(entries -> entries.forEachLevel(runs::tell));
        recovery.done(clean && closed);
    }
}
