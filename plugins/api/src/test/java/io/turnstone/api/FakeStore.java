package io.turnstone.api;

import io.turnstone.api.store.Marks;
import io.turnstone.api.store.MessageKey;
import io.turnstone.api.store.MessageStore;
import io.turnstone.api.store.StoreException;
import io.turnstone.api.store.StoreRecord;
import io.turnstone.api.store.StoreStatus;
import io.turnstone.api.store.StoredMessage;
import io.turnstone.api.store.StoredQueue;
import io.turnstone.api.store.StoredRun;
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

    private record Kept(String format, Body body, byte[] overlay, int level, long expiresAtMs) {}

    private final List<Submitted> waiting = new ArrayList<>();
    private final Map<String, Map<String, byte[]>> definitions = new LinkedHashMap<>();
    private final Map<Integer, TreeMap<Long, Kept>> messages = new TreeMap<>();
    private final TreeMap<Long, StoreRecord.Pending> pending = new TreeMap<>();
    private final Map<Integer, TreeMap<Long, MessageKey>> keys = new TreeMap<>();
    private final boolean automatic;
    private @Nullable StoreException failure;
    private @Nullable StoreException readFailure;
    private boolean congested;
    private long position;
    private long commits;
    private long reads;
    private final List<Runnable> reading = new ArrayList<>();

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

    /** The definitions of a kind that it keeps, by name. */
    public Map<String, byte[]> definitions(String kind) {
        return Map.copyOf(definitions.getOrDefault(kind, Map.of()));
    }

    /** Makes every later commit fail with this (null: heals). */
    public void fail(@Nullable StoreException failure) {
        this.failure = failure;
    }

    /** Makes every later read fail with this (null: heals). */
    public void failReads(@Nullable StoreException failure) {
        readFailure = failure;
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
            position++;
            enter(enqueue.queues(), enqueue.marks(), enqueue.format(), enqueue.body(), enqueue.overlay());
        } else if (record instanceof StoreRecord.Change change) {
            position++;
            keep(change);
        } else if (record instanceof StoreRecord.Pending body) {
            pending.put(++position, body);
        } else if (record instanceof StoreRecord.Abandon abandon) {
            position++;
            for (long gone : abandon.positions()) {
                if (pending.remove(gone) == null) {
                    throw new IllegalStateException("no transaction has a message " + gone);
                }
            }
        } else if (record instanceof StoreRecord.Commit commit) {
            if (commit.changes().isEmpty()) {
                return UNWRITTEN;
            }
            long first = position + 1;
            for (StoreRecord.Change change : commit.changes()) {
                position += change.positioned() ? 1 : 0;
                keep(change);
            }
            position = first + commit.span() - 1;
            return first;
        } else if (record instanceof StoreRecord.Drop drop) {
            position++;
            messages.remove(drop.queue().id());
            keys.remove(drop.queue().id());
        }
        return position;
    }

    private void keep(StoreRecord.Define define) {
        var kind = definitions.computeIfAbsent(define.kind(), k -> new LinkedHashMap<>());
        byte[] value = define.value();
        if (value == null) {
            kind.remove(define.name());
        } else {
            kind.put(define.name(), value);
        }
    }

    private void keep(StoreRecord.Change change) {
        if (change instanceof StoreRecord.Define define) {
            keep(define);
        } else if (change instanceof StoreRecord.Remove remove) {
            for (long gone : remove.positions()) {
                require(of(remove.queue().id()).remove(gone), change);
            }
        } else if (change instanceof StoreRecord.Amend amend) {
            var old = require(of(amend.queue().id()).get(amend.position()), change);
            var kept = new Kept(old.format(), old.body(), amend.overlay(), old.level(), old.expiresAtMs());
            of(amend.queue().id()).put(amend.position(), kept);
        } else if (change instanceof StoreRecord.Move move) {
            var old = require(of(move.source().id()).remove(move.position()), change);
            enter(move.targets(), move.marks(), old.format(), old.body(), move.overlay());
        } else if (change instanceof StoreRecord.Enter enter) {
            var body = pending.remove(enter.pending());
            if (body == null) {
                throw new IllegalStateException("no transaction has such a message: " + enter);
            }
            enter(enter.queues(), enter.marks(), body.format(), body.body(), body.overlay());
        }
    }

    private void enter(List<? extends StoredQueue> queues, Marks marks, String format, Body body, byte[] overlay) {
        for (StoredQueue queue : queues) {
            var kept = new Kept(format, body, overlay, marks.level(queue.levels()), marks.expiresAtMs());
            of(queue.id()).put(position, kept);
        }
        for (MessageKey key : marks.keys()) {
            keys.computeIfAbsent(key.queueId(), id -> new TreeMap<>()).put(position, key);
        }
    }

    /** How many messages of transactions that have not ended it keeps. */
    public int pending() {
        return pending.size();
    }

    private static Kept require(@Nullable Kept kept, Object record) {
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
        keys.forEach((queue, all) -> other.keys.put(queue, new TreeMap<>(all)));
        other.position = position;
        return other;
    }

    @Override
    public void recover(Recovery recovery) {
        definitions.forEach((kind, values) -> values.forEach((name, value) -> recovery.definition(kind, name, value)));
        keys.values().forEach(all -> all.forEach(recovery::key));
        messages.forEach((queue, kept) -> {
            var runs = new TreeMap<Integer, List<Long>>();
            kept.forEach((at, message) -> {
                var run = runs.computeIfAbsent(message.level(), level -> new ArrayList<>());
                run.add(at);
                if (run.size() == StoredRun.MAX) {
                    recovery.run(queue, message.level(), run(kept, run));
                    run.clear();
                }
            });
            runs.forEach((level, rest) -> {
                if (!rest.isEmpty()) {
                    recovery.run(queue, level, run(kept, rest));
                }
            });
        });
        recovery.done(messages.isEmpty());
    }

    private static StoredRun run(Map<Long, Kept> kept, List<Long> positions) {
        long bytes = 0;
        long expiresAtMs = Long.MAX_VALUE;
        for (long each : positions) {
            Kept message = kept.get(each);
            bytes += message.body().length();
            expiresAtMs = Math.min(
                    expiresAtMs, message.expiresAtMs() == Message.NONE ? Long.MAX_VALUE : message.expiresAtMs());
        }
        long[] run = positions.stream().mapToLong(Long::longValue).toArray();
        return new StoredRun(run, bytes, expiresAtMs == Long.MAX_VALUE ? Message.NONE : expiresAtMs);
    }

    @Override
    public void read(StoredQueue queue, long[] positions, Loop loop, Loaded loaded) {
        if (!loop.inLoop() || positions.length > MAX_READ) {
            throw new IllegalStateException("read is called on the queue's home, for a bounded number");
        }
        reads++;
        reading.add(() -> {
            var found = new ArrayList<StoredMessage>();
            for (long at : positions) {
                Kept kept = of(queue.id()).get(at);
                if (kept != null) {
                    found.add(new StoredMessage(at, kept.format(), kept.body(), kept.overlay()));
                }
            }
            var failed = readFailure;
            loop.execute(() -> loaded.loaded(failed == null ? found : null, failed));
        });
        if (automatic) {
            answerReads();
        }
    }

    /** Answers every {@link #read} that waits, if any; the loops hear of it in their next turn. */
    public boolean answerReads() {
        var answers = List.copyOf(reading);
        reading.clear();
        answers.forEach(Runnable::run);
        return !answers.isEmpty();
    }

    /** What it keeps of a queue, in order. */
    public List<StoredMessage> kept(int queueId) {
        var all = new ArrayList<StoredMessage>();
        of(queueId).forEach((at, kept) -> all.add(new StoredMessage(at, kept.format(), kept.body(), kept.overlay())));
        return all;
    }

    /** Loses a message, as a damaged disk would. */
    public void lose(int queueId, long at) {
        of(queueId).remove(at);
    }

    /** How often {@link #read} was called. */
    public long readCalls() {
        return reads;
    }

    @Override
    public boolean reads() {
        return true;
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
        return new StoreStatus("ok", "", "", 0, 0, commits, position, 0, new long[0], new long[] {commits});
    }

    @Override
    public void close() {
        commit();
    }
}
