package io.turnstone.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.api.Durability;
import io.turnstone.api.Message;
import io.turnstone.api.store.Marks;
import io.turnstone.api.store.MessageStore;
import io.turnstone.api.store.StoreException;
import io.turnstone.api.store.StoreRecord;
import io.turnstone.store.files.Manifest;
import io.turnstone.store.files.SimulatedFiles;
import io.turnstone.store.journal.Fsync;
import io.turnstone.store.journal.StoreOptions;
import io.turnstone.store.journal.Targets;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * One random history of a store against a model: a number of lives, each ended in order, by a kill or by a power cut, and
 * in some of them the disk fails. Segments are tiny, so that everything happens often. All of it follows from the seed but
 * for what threads do.
 */
final class History {

    static final List<String> FSYNC = List.of("always", "interval:1ms", "never");

    private static final int QUEUES = 5;

    /**
     * How long it is.
     *
     * @param lives how often the store is opened and used
     * @param fewest records in a life
     * @param most records in a life
     */
    record Shape(int lives, int fewest, int most) {}

    /** What is wrong with the disk of a history. */
    enum Trouble {
        NONE,
        FULL,
        ERROR,
        ROT
    }

    private final long seed;
    private final Shape shape;
    private final Trouble trouble;
    private final Path folder;
    private final StoreOptions options;
    private final Durability usual;
    private final Random random;
    private final FailingDisk disk;
    private final TestLoop loop = new TestLoop(0);
    private final Deque<StoreRecord> unanswered = new ArrayDeque<>();

    /** Answered, and not promised to survive a power cut: from some place on they may be lost. */
    private final Deque<Answered> losable = new ArrayDeque<>();

    /** Answered with a failure of the disk, which says nothing of whether they are there. */
    private final Deque<StoreRecord> doubtful = new ArrayDeque<>();

    private final Set<String> published = new HashSet<>();
    private final List<TestQueue> queues = new ArrayList<>();
    private final ExpectedReads reads = new ExpectedReads();
    private SimulatedFiles files = new SimulatedFiles();
    private Model model = new Model();
    private Model durable = new Model();
    private int bodies;
    private int queueNumbers;
    private int life;
    private boolean closing;

    /** Messages of transactions that are open, by the position at which they wait. */
    private final List<TreeMap<Long, StoreRecord.Pending>> transactions = new ArrayList<>();

    /** To which transaction messages belong that are on their way. */
    private final IdentityHashMap<StoreRecord, TreeMap<Long, StoreRecord.Pending>> joining = new IdentityHashMap<>();

    private record Answered(StoreRecord record, long position) {}

    History(long seed, Shape shape, Trouble trouble, Path folder) {
        this.seed = seed;
        this.shape = shape;
        this.trouble = trouble;
        this.folder = folder;
        var fsync = Objects.requireNonNull(Fsync.of(FSYNC.get((int) (seed % FSYNC.size()))));
        var tiny = new StoreOptions(16 << 10, 4096, 2, 3, fsync);
        options = copying() ? tiny.shrinking(0, 0) : tiny;
        usual = fsync.promise();
        random = new Random(seed);
        disk = new FailingDisk(random);
        for (int i = 0; i < QUEUES; i++) {
            queues.add(newQueue());
        }
    }

    /** Whether what lives in MapDB is copied to a new file all the time. */
    private boolean copying() {
        return seed % 2 == 0;
    }

    @Override
    public String toString() {
        return "seed " + seed + ", fsync " + options.fsync() + ", " + trouble + ", life " + life;
    }

    /** Runs it; fails with what a life found that no model explains. */
    void run() throws IOException {
        for (life = 1; life <= shape.lives; life++) {
            disk.sound(files);
            var store = MapDbStore.open(files, folder, options);
            accept(Recovered.of(store));
            assertThat(store.status().state()).as(toString()).isEqualTo("ok");
            live(store);
            end(store);
        }
        disk.sound(files);
        if (trouble == Trouble.ROT) {
            acceptRotten();
        } else {
            var store = MapDbStore.open(files, folder, options);
            try (store) {
                accept(Recovered.of(store));
            }
        }
    }

    /** The generation of MapDB's file that it came to. */
    int generation() throws IOException {
        return Manifest.read(files, folder).generation();
    }

    private void live(MapDbStore store) {
        int records = shape.fewest + random.nextInt(shape.most - shape.fewest);
        if (trouble == Trouble.FULL || trouble == Trouble.ERROR) {
            disk.failsSometime(files, trouble == Trouble.FULL);
        }
        for (int i = 0; i < records; i++) {
            submit(store, next());
            if (random.nextInt(4) == 0) {
                read(store, anyQueue());
            }
            if (unanswered.size() > random.nextInt(12)) {
                loop.runUntil(unanswered::isEmpty);
            } else {
                loop.runPending();
            }
            disk.turn(files);
        }
    }

    private void end(MapDbStore store) throws IOException {
        int end = random.nextInt(6);
        boolean inOrder = end == 0;
        if (inOrder) {
            disk.sound(files);
            closing = true;
            close(store);
            loop.runUntil(unanswered::isEmpty);
            closing = false;
        }
        var next = end == 1 ? files.afterKill(folder, folder) : files.afterCrash(random, folder, folder);
        if (end == 1 || (inOrder && !store.status().state().equals("failed"))) {
            keepLosable();
        }
        if (!inOrder) {
            life++; // answers that come now are no longer heard
            close(store);
            loop.runPending();
            life--;
        }
        files = next;
    }

    private void close(MapDbStore store) {
        try {
            store.close();
        } catch (StoreException e) {
            if (trouble != Trouble.ERROR && trouble != Trouble.FULL) {
                throw e;
            }
        }
    }

    /** The state after some number of the records that may be lost, in their order, must be what was recovered. */
    private void accept(Recovered recovered) {
        if (!explains(recovered)) {
            throw new AssertionError("%s: recovered %s, expected %s"
                    .formatted(this, brief(recovered.queues.toString()), brief(model.queues.toString())));
        }
        losable.clear();
        doubtful.clear();
        unanswered.clear();
        transactions.clear();
        joining.clear();
        model = durable.known(recovered);
        durable = durable.known(recovered);
        reads.reset(model.queues);
        recovered.runs.forEach(this::acceptRun);
    }

    private static String brief(String queues) {
        return queues.replaceAll("-x*", "").replaceAll("level=\\d+, |format=[^,]*, |expiresAtMs=-?\\d+, ", "");
    }

    private boolean explains(Recovered recovered) {
        while (!durable.matches(recovered)) {
            var answered = losable.poll();
            var next = answered != null ? answered.record : doubtful.isEmpty() ? unanswered.poll() : doubtful.poll();
            if (next == null) {
                return false;
            }
            if (answered != null || !refusedUnheard(next, recovered)) {
                durable.apply(next, answered == null ? -1 : answered.position);
            }
        }
        return true;
    }

    /** A full disk refuses what publishes and goes on with the rest; of the last records nobody has heard which. */
    private boolean refusedUnheard(StoreRecord record, Recovered recovered) {
        return trouble == Trouble.FULL && !recovered.bodies().containsAll(Model.bodies(record));
    }

    private void acceptRun(Recovered.Run told) {
        long bytes = 0;
        long expiresAtMs = Message.NONE;
        var positions = LongStream.of(told.run().positions()).boxed().toList();
        for (var entry : model.queue(told.queue())) {
            if (positions.contains(entry.position())) {
                bytes += entry.body().length();
                expiresAtMs = Targets.earlier(expiresAtMs, entry.expiresAtMs());
            }
        }
        assertThat(told.run().bytes()).as(toString()).isEqualTo(bytes);
        assertThat(Targets.earlier(expiresAtMs, told.run().expiresAtMs()))
                .as(toString())
                .isEqualTo(told.run().expiresAtMs());
    }

    /** After bits have rotted: what is there is right, and what is not there is told. */
    private void acceptRotten() throws IOException {
        String where = disk.rot(files, folder);
        String state;
        boolean right;
        Rotten rotten;
        try (var store = MapDbStore.open(files, folder, options)) {
            var recovered = Recovered.of(store);
            recovered
                    .queues
                    .values()
                    .forEach(messages -> messages.forEach(message -> assertThat(published)
                            .as("%s, rotten at %s: a body nobody sent", this, where)
                            .contains(message.body())));
            right = explains(recovered);
            state = store.status().state() + " " + store.status().detail();
            rotten = new Rotten(files, folder, options, recovered, this + ", rotten at " + where);
            rotten.use(store);
        } catch (StoreException e) {
            assertThat(e).hasMessageContaining("damaged");
            return;
        }
        assertThat(right || state.contains("damaged") || disk.mayBeTorn())
                .as("%s, rotten at %s, says it is %s", this, where, state)
                .isTrue();
        rotten.goesOn();
        rotten.goesOn();
    }

    private void submit(MapDbStore store, StoreRecord record) {
        unanswered.add(record);
        reads.submitted(record);
        int before = life;
        store.submit(record, loop, (position, failure) -> {
            if (life == before) {
                assertThat(unanswered.remove()).isSameAs(record);
                if (failure == null) {
                    committed(record, position);
                } else {
                    refused(store, record, failure);
                }
            }
        });
    }

    private void committed(StoreRecord record, long position) {
        assertThat(doubtful).as("%s: nothing is kept after a failure", this).isEmpty();
        model.apply(record, position);
        if (record instanceof StoreRecord.Pending pending) {
            Objects.requireNonNull(joining.remove(pending)).put(position, pending);
        }
        losable.add(new Answered(record, position));
        if (promisedAlways(record)) {
            keepLosable();
        }
        reads.committed(record, position);
    }

    private void refused(MapDbStore store, StoreRecord record, StoreException failure) {
        if (trouble == Trouble.ERROR) {
            assertThat(store.status().state()).as(toString()).isEqualTo("failed");
            doubtful.add(record);
        } else {
            assertThat(failure).as(toString()).hasMessageContaining("the disk is full");
        }
    }

    private boolean promisedAlways(StoreRecord record) {
        return record instanceof StoreRecord.Define
                || record instanceof StoreRecord.Drop
                || record.queues().stream()
                        .anyMatch(queue -> Objects.requireNonNullElse(queue.durability(), usual) == Durability.ALWAYS);
    }

    private void keepLosable() {
        losable.forEach(answered -> durable.apply(answered.record, answered.position));
        losable.clear();
    }

    private void read(MapDbStore store, TestQueue queue) {
        long[] positions = model.queue(queue.id()).stream()
                .mapToLong(Model.Entry::position)
                .filter(position -> random.nextInt(3) > 0)
                .limit(MessageStore.MAX_READ)
                .toArray();
        int before = life;
        var expected = reads.expected(queue.id(), positions);
        store.read(queue, positions, loop, (messages, failure) -> {
            boolean closed = failure != null && trouble != Trouble.NONE && closing;
            if (life == before && !closed) {
                reads.answered(expected, messages, failure);
            }
        });
    }

    private TestQueue anyQueue() {
        return queues.get(random.nextInt(queues.size()));
    }

    /** Only entries of which no unanswered record speaks may be touched, as the core does it too. */
    private StoreRecord next() {
        int kind = random.nextInt(130);
        if (kind >= 100) {
            return inTransaction();
        }
        var queue = anyQueue();
        var entries = unanswered.isEmpty() && doubtful.isEmpty() ? model.queue(queue.id()) : List.<Model.Entry>of();
        if (kind < 45 || (entries.isEmpty() && kind < 94)) {
            return enqueue(queue);
        }
        if (kind < 65) {
            int from = random.nextInt(3) == 0 ? random.nextInt(entries.size()) : 0;
            int count = Math.min(1 + random.nextInt(6), entries.size() - from);
            return Records.remove(
                    queue,
                    entries.subList(from, from + count).stream()
                            .mapToLong(Model.Entry::position)
                            .toArray());
        }
        if (kind < 94) {
            var entry = entries.get(random.nextInt(entries.size()));
            String overlay = "o" + ++bodies;
            var move = kind < 77 ? null : move(queue, entry, overlay);
            return move == null ? Records.amend(queue, entry.position(), overlay) : move;
        }
        if (kind < 99) {
            String name = "d" + random.nextInt(8);
            return new StoreRecord.Define(
                    "kind", name, random.nextInt(3) == 0 ? null : Records.bytes("value " + ++bodies));
        }
        if (!unanswered.isEmpty() || !doubtful.isEmpty() || trouble == Trouble.FULL) {
            return enqueue(queue);
        }
        queues.remove(queue);
        queues.add(newQueue());
        return new StoreRecord.Drop(queue);
    }

    private StoreRecord.@Nullable Move move(TestQueue queue, Model.Entry entry, String overlay) {
        var target = anyQueue();
        var second = anyQueue();
        if (target == queue) {
            return null;
        }
        return second == queue || second == target || random.nextBoolean()
                ? Records.move(queue, entry.position(), overlay, marks(), target)
                : Records.move(queue, entry.position(), overlay, marks(), target, second);
    }

    private StoreRecord inTransaction() {
        if (transactions.size() < 3) {
            transactions.add(new TreeMap<>());
        }
        var transaction = transactions.get(random.nextInt(transactions.size()));
        int kind = random.nextInt(20);
        if (kind > 3) {
            var pending = Records.pending(body(), "first" + bodies);
            joining.put(pending, transaction);
            return pending;
        }
        if (transaction.isEmpty()) {
            return enqueue(anyQueue());
        }
        transactions.remove(transaction);
        return kind == 0
                ? new StoreRecord.Abandon(
                        transaction.keySet().stream().mapToLong(Long::longValue).toArray())
                : commit(transaction);
    }

    private StoreRecord commit(TreeMap<Long, StoreRecord.Pending> transaction) {
        var changes = new ArrayList<StoreRecord.Change>();
        transaction.keySet().forEach(at -> changes.add(enter(at)));
        for (var queue : unanswered.isEmpty() && doubtful.isEmpty() ? queues : List.<TestQueue>of()) {
            var entries = model.queue(queue.id());
            if (entries.size() > 4 && random.nextBoolean()) {
                changes.add(Records.remove(
                        queue, entries.get(0).position(), entries.get(1).position()));
                changes.add(Records.amend(queue, entries.get(2).position(), "o" + ++bodies));
                var move = move(queue, entries.get(3), "o" + ++bodies);
                if (move != null) {
                    changes.add(move);
                }
            }
        }
        return Records.commit(changes, transaction);
    }

    private StoreRecord.Enter enter(long at) {
        var first = anyQueue();
        var second = anyQueue();
        return second == first || random.nextInt(4) > 0
                ? Records.enter(at, marks(), first)
                : Records.enter(at, marks(), first, second);
    }

    private TestQueue newQueue() {
        queueNumbers++;
        var durability = queueNumbers % 5 == 0 ? Durability.ALWAYS : null;
        return new TestQueue(queueNumbers, loop, true, queueNumbers % 3 == 0 ? 5 : 1, durability);
    }

    private Marks marks() {
        return random.nextInt(4) == 0
                ? new Marks(random.nextInt(10), 1 + random.nextInt(1000))
                : Marks.lasting(random.nextInt(10));
    }

    private String body() {
        int size = random.nextInt(8) == 0 ? random.nextInt(9000) : random.nextInt(300);
        String body = "m" + ++bodies + "-" + "x".repeat(size);
        published.add(body);
        return body;
    }

    private StoreRecord enqueue(TestQueue queue) {
        String body = body();
        String overlay = "first" + bodies;
        var second = anyQueue();
        return second == queue || random.nextInt(4) > 0
                ? Records.enqueue(body, overlay, marks(), queue)
                : Records.enqueue(body, overlay, marks(), queue, second);
    }
}
