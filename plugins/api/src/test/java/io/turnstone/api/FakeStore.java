package io.turnstone.api;

import io.turnstone.api.store.MessageStore;
import io.turnstone.api.store.StoreException;
import io.turnstone.api.store.StoreRecord;
import io.turnstone.api.store.StoreStatus;
import io.turnstone.api.store.StoredQueue;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A store in memory that keeps the contract of {@link MessageStore}: one order, groups, apply before committed, homes
 * before submitters. Commits when a test calls {@link #commit}, or by itself at once when {@link #automatic}. What it
 * holds can be recovered by another core, as after a crash.
 */
public final class FakeStore implements MessageStore {

    private record Submitted(
            StoreRecord record, Loop from, @Nullable Committed committed) {}

    private record Kept(String format, Body body, byte[] overlay) {}

    private final List<Submitted> waiting = new ArrayList<>();
    private final Map<String, Map<String, byte[]>> definitions = new LinkedHashMap<>();
    private final Map<Integer, TreeMap<Long, Kept>> messages = new TreeMap<>();
    private final boolean automatic;
    private @Nullable StoreException failure;
    private boolean congested;
    private long position;
    private long commits;

    /** A store that commits each submission at once. */
    public static FakeStore automatic() {
        return new FakeStore(true);
    }

    /** A store that commits when the test says so. */
    public static FakeStore manual() {
        return new FakeStore(false);
    }

    private FakeStore(boolean automatic) {
        this.automatic = automatic;
    }

    /** Makes every later commit fail with this (null: heals). */
    public void fail(@Nullable StoreException failure) {
        this.failure = failure;
    }

    /** Sets what {@link #congested} answers. */
    public void congested(boolean value) {
        congested = value;
    }

    /** Commits everything submitted as one group; the loops hear of it in their next turn. */
    public void commit() {
        var group = List.copyOf(waiting);
        waiting.clear();
        if (group.isEmpty()) {
            return;
        }
        commits++;
        var failed = failure;
        var positions = new long[group.size()];
        if (failed == null) {
            for (int i = 0; i < positions.length; i++) {
                positions[i] = keep(group.get(i).record());
            }
        }
        var loops = new LinkedHashSet<Loop>();
        for (Submitted s : group) {
            s.record().queues().forEach(queue -> loops.add(queue.home()));
        }
        for (Submitted s : group) {
            loops.add(s.from());
        }
        for (Loop loop : loops) {
            loop.execute(() -> {
                for (int i = 0; i < positions.length; i++) {
                    handOver(group.get(i), positions[i], loop, failed);
                }
            });
        }
    }

    private static void handOver(Submitted s, long position, Loop loop, @Nullable StoreException failed) {
        if (failed == null) {
            for (StoredQueue queue : s.record().queues()) {
                if (queue.home() == loop) {
                    queue.apply(s.record(), position);
                }
            }
        }
        if (s.from() == loop && s.committed() != null) {
            s.committed().committed(position, failed);
        }
    }

    private long keep(StoreRecord record) {
        if (record instanceof StoreRecord.Enqueue enqueue) {
            if (!enqueue.written()) {
                return UNWRITTEN;
            }
            var kept = new Kept(enqueue.format(), enqueue.body(), enqueue.overlay());
            position++;
            enqueue.queues().forEach(queue -> of(queue.id()).put(position, kept));
        } else if (record instanceof StoreRecord.Remove remove) {
            position++;
            for (long gone : remove.positions()) {
                require(of(remove.queue().id()).remove(gone), record);
            }
        } else if (record instanceof StoreRecord.Amend amend) {
            position++;
            var old = require(of(amend.queue().id()).get(amend.position()), record);
            of(amend.queue().id()).put(amend.position(), new Kept(old.format(), old.body(), amend.overlay()));
        } else if (record instanceof StoreRecord.Move move) {
            position++;
            var old = require(of(move.source().id()).remove(move.position()), record);
            var kept = new Kept(old.format(), old.body(), move.overlay());
            move.targets().forEach(queue -> of(queue.id()).put(position, kept));
        } else if (record instanceof StoreRecord.Define define) {
            position++;
            var kind = definitions.computeIfAbsent(define.kind(), k -> new LinkedHashMap<>());
            byte[] value = define.value();
            if (value == null) {
                kind.remove(define.name());
            } else {
                kind.put(define.name(), value);
            }
        } else if (record instanceof StoreRecord.Drop drop) {
            position++;
            messages.remove(drop.queue().id());
        }
        return position;
    }

    private static Kept require(@Nullable Kept kept, StoreRecord record) {
        if (kept == null) {
            throw new IllegalStateException("the store holds no such message: " + record);
        }
        return kept;
    }

    private TreeMap<Long, Kept> of(int queueId) {
        return messages.computeIfAbsent(queueId, id -> new TreeMap<>());
    }

    /** The positions a queue holds, ascending. */
    public List<Long> positions(int queueId) {
        return List.copyOf(of(queueId).keySet());
    }

    /** How many groups were committed. */
    public long commits() {
        return commits;
    }

    /** How many records wait for {@link #commit}. */
    public int waiting() {
        return waiting.size();
    }

    /** A store with what this one has committed and nothing that waits: what a crash leaves behind. */
    public FakeStore afterCrash() {
        var other = new FakeStore(automatic);
        definitions.forEach((kind, values) -> other.definitions.put(kind, new LinkedHashMap<>(values)));
        messages.forEach((queue, kept) -> other.messages.put(queue, new TreeMap<>(kept)));
        other.position = position;
        return other;
    }

    @Override
    public void recover(Recovery recovery) {
        definitions.forEach((kind, values) -> values.forEach((name, value) -> recovery.definition(kind, name, value)));
        messages.forEach((queue, kept) -> kept.forEach(
                (at, message) -> recovery.message(queue, at, message.format(), message.body(), message.overlay())));
        recovery.done(messages.isEmpty());
    }

    @Override
    public void submit(StoreRecord record, Loop from, @Nullable Committed committed) {
        if (!from.inLoop()) {
            throw new IllegalStateException("submit is called on the submitting loop");
        }
        waiting.add(new Submitted(record, from, committed));
        if (automatic) {
            commit();
        }
    }

    @Override
    public int maxBodyBytes() {
        return 16 << 20;
    }

    @Override
    public boolean congested() {
        return congested;
    }

    @Override
    public StoreStatus status() {
        return new StoreStatus("ok", "", 0, 0, commits, position, 0, new long[0], new long[] {commits});
    }

    @Override
    public void close() {
        commit();
    }
}
