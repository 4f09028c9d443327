package io.turnstone.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.api.Durability;
import io.turnstone.api.Message;
import io.turnstone.api.store.Marks;
import io.turnstone.api.store.MessageStore;
import io.turnstone.api.store.StoreRecord;
import io.turnstone.api.store.StoredQueue;
import io.turnstone.store.files.Manifest;
import io.turnstone.store.files.SimulatedFiles;
import io.turnstone.store.journal.Fsync;
import io.turnstone.store.journal.StoreOptions;
import io.turnstone.store.journal.Targets;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A random history against a model, cut by kills and power failures; segments are tiny, so that everything happens often. */
@DisplayName("After any kill or power cut, a store")
final class HistoryTest {

    private static final int QUEUES = 5;
    private static final int CUTS = 25;
    private static final List<String> FSYNC = List.of("always", "interval:1ms", "never");

    @TempDir
    Path folder;

    /** What must be there: bodies and overlays by queue, oldest first; positions where they are known. */
    static final class Model {
        record Entry(long position, int level, long expiresAtMs, String body, String overlay) {
            Entry as(String newOverlay) {
                return new Entry(position, level, expiresAtMs, body, newOverlay);
            }
        }

        final Map<Integer, List<Entry>> queues = new TreeMap<>();
        final Map<String, String> definitions = new TreeMap<>();

        List<Entry> queue(int id) {
            return queues.computeIfAbsent(id, q -> new ArrayList<>());
        }

        Entry take(int queue, long position) {
            var entries = queue(queue);
            for (int i = 0; i < entries.size(); i++) {
                if (entries.get(i).position == position) {
                    return entries.remove(i);
                }
            }
            throw new AssertionError("no " + position + " in " + queue);
        }

        void apply(StoreRecord record, long position) {
            if (record instanceof StoreRecord.Enqueue enqueue) {
                String body = (String) enqueue.payload();
                enqueue.queues().forEach(queue -> add(queue, position, enqueue.marks(), body, enqueue.overlay()));
            } else if (record instanceof StoreRecord.Remove remove) {
                for (long gone : remove.positions()) {
                    take(remove.queue().id(), gone);
                }
            } else if (record instanceof StoreRecord.Amend amend) {
                queue(amend.queue().id())
                        .replaceAll(
                                entry -> entry.position != amend.position() ? entry : entry.as(text(amend.overlay())));
            } else if (record instanceof StoreRecord.Move move) {
                var entry = take(move.source().id(), move.position());
                move.targets().forEach(queue -> add(queue, position, move.marks(), entry.body, move.overlay()));
            } else if (record instanceof StoreRecord.Define define) {
                byte[] value = define.value();
                if (value == null) {
                    definitions.remove(define.kind() + "/" + define.name());
                } else {
                    definitions.put(define.kind() + "/" + define.name(), text(value));
                }
            } else if (record instanceof StoreRecord.Drop drop) {
                queues.remove(drop.queue().id());
            }
        }

        private void add(StoredQueue queue, long position, Marks marks, String body, byte[] overlay) {
            int level = marks.level(queue.levels());
            queue(queue.id()).add(new Entry(position, level, marks.expiresAtMs(), body, text(overlay)));
        }

        boolean matches(Recovered recovered) {
            if (!definitions.equals(recovered.definitions)) {
                return false;
            }
            for (int id = 1; id < 1000; id++) {
                var expected = queues.getOrDefault(id, List.of());
                var found = recovered.queue(id);
                if (expected.size() != found.size()) {
                    return false;
                }
                for (int i = 0; i < expected.size(); i++) {
                    var entry = expected.get(i);
                    var message = found.get(i);
                    boolean same = entry.body.equals(message.body())
                            && entry.level == message.level()
                            && entry.overlay.equals(message.overlay())
                            && (entry.position < 0 || entry.position == message.position());
                    if (!same) {
                        return false;
                    }
                }
            }
            return true;
        }

        /** With the positions that the store told, now that the content is known to match. */
        Model known(Recovered recovered) {
            var known = new Model();
            known.definitions.putAll(definitions);
            recovered.queues.forEach((id, messages) -> {
                for (int i = 0; i < messages.size(); i++) {
                    var entry = queue(id).get(i);
                    known.queue(id)
                            .add(new Entry(
                                    messages.get(i).position(),
                                    entry.level,
                                    entry.expiresAtMs,
                                    entry.body,
                                    entry.overlay));
                }
            });
            return known;
        }

        private static String text(byte[] bytes) {
            return Records.text(bytes, 0, bytes.length);
        }
    }

    private final TestLoop loop = new TestLoop(0);
    private final Deque<StoreRecord> unanswered = new ArrayDeque<>();

    /** Answered, and not promised to survive a power cut: from some place on they may be lost. */
    private final Deque<Answered> losable = new ArrayDeque<>();

    private final List<TestQueue> queues = new ArrayList<>();
    private final ExpectedReads reads = new ExpectedReads();
    private Model model = new Model();
    private Model durable = new Model();
    private Durability usual = Durability.ALWAYS;
    private Random random = new Random();
    private int bodies;
    private int queueNumbers;
    private int cuts;

    private record Answered(StoreRecord record, long position) {}

    /** More with {@code -Dturnstone.histories=N}. */
    static Stream<Arguments> histories() {
        return LongStream.rangeClosed(1, Integer.getInteger("turnstone.histories", 12))
                .mapToObj(seed -> Arguments.of(seed, FSYNC.get((int) (seed % FSYNC.size()))));
    }

    @ParameterizedTest(name = "seed {0}, fsync {1}")
    @MethodSource("histories")
    void holdsWhatWasPromisedAndNothingThatWasRemoved(long seed, String word) throws IOException {
        var fsync = Objects.requireNonNull(Fsync.of(word));
        boolean copying = seed % 2 == 0;
        var tiny = new StoreOptions(16 << 10, 4096, 2, 3, fsync);
        var options = copying ? tiny.shrinking(0, 0) : tiny;
        usual = fsync.promise();
        random = new Random(seed);
        for (int i = 0; i < QUEUES; i++) {
            queues.add(newQueue());
        }
        var files = slowToForce(new SimulatedFiles());
        var place = Files.createDirectory(folder.resolve("0"));
        for (int cut = 1; cut <= CUTS; cut++) {
            var store = MapDbStore.open(files, place, options);
            var recovered = Recovered.of(store);
            accept(recovered, "seed " + seed + ", cut " + cut);
            assertThat(store.status().state()).isEqualTo("ok");
            run(store, 20 + random.nextInt(400));
            int end = random.nextInt(6);
            boolean inOrder = end == 0;
            if (inOrder) {
                store.close();
                loop.runUntil(() -> unanswered.isEmpty() && reads.waiting == 0);
            }
            var nextPlace = Files.createDirectory(folder.resolve(String.valueOf(cut)));
            var next = end == 1 ? files.afterKill(place, nextPlace) : files.afterCrash(random, place, nextPlace);
            if (end <= 1) {
                keepLosable();
            }
            if (!inOrder) {
                cuts++;
                store.close();
                loop.runPending();
            }
            files = slowToForce(next);
            place = nextPlace;
        }
        assertThat(Manifest.read(files, place).generation()).isGreaterThan(copying ? 5 : 0);
    }

    /** So that much happens in the middle of a commit. */
    private static SimulatedFiles slowToForce(SimulatedFiles files) {
        files.fault((what, path) -> {
            if (what.equals("force")) {
                LockSupport.parkNanos(ThreadLocalRandom.current().nextInt(50_000));
            }
        });
        return files;
    }

    /** The state after some number of the records that may be lost, in their order, must be what was recovered. */
    private void accept(Recovered recovered, String where) {
        while (!durable.matches(recovered)) {
            var answered = losable.poll();
            var next = answered == null ? unanswered.poll() : answered.record;
            assertThat(next)
                    .as("%s: recovered %.2000s, expected %.2000s", where, recovered.queues, model.queues)
                    .isNotNull();
            durable.apply(next, answered == null ? -1 : answered.position);
        }
        losable.clear();
        unanswered.clear();
        model = durable.known(recovered);
        durable = durable.known(recovered);
        reads.reset(model.queues);
        recovered.runs.forEach(this::acceptRun);
    }

    private void acceptRun(Recovered.Run told) {
        long bytes = 0;
        long expiresAtMs = Message.NONE;
        var positions = LongStream.of(told.run().positions()).boxed().toList();
        for (var entry : model.queue(told.queue())) {
            if (positions.contains(entry.position)) {
                bytes += entry.body.length();
                expiresAtMs = Targets.earlier(expiresAtMs, entry.expiresAtMs);
            }
        }
        assertThat(told.run().bytes()).isEqualTo(bytes);
        assertThat(Targets.earlier(expiresAtMs, told.run().expiresAtMs()))
                .isEqualTo(told.run().expiresAtMs());
    }

    private void run(MapDbStore store, int records) {
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
        }
    }

    private void submit(MapDbStore store, StoreRecord record) {
        unanswered.add(record);
        reads.submitted(record);
        int before = cuts;
        store.submit(record, loop, (position, failure) -> {
            if (cuts == before) {
                assertThat(failure).isNull();
                assertThat(unanswered.remove()).isSameAs(record);
                model.apply(record, position);
                losable.add(new Answered(record, position));
                if (promisedAlways(record)) {
                    keepLosable();
                }
                reads.committed(record, position);
            }
        });
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
        int before = cuts;
        var expected = reads.expected(queue.id(), positions);
        store.read(queue, positions, loop, (messages, failure) -> {
            if (cuts == before) {
                reads.answered(expected, messages, failure);
            }
        });
    }

    private TestQueue anyQueue() {
        return queues.get(random.nextInt(queues.size()));
    }

    /** Only entries of which no unanswered record speaks may be touched, as the core does it too. */
    private StoreRecord next() {
        int kind = random.nextInt(100);
        var queue = anyQueue();
        var entries = unanswered.isEmpty() ? model.queue(queue.id()) : List.<Model.Entry>of();
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
            if (kind < 77) {
                return Records.amend(queue, entry.position(), overlay);
            }
            var target = anyQueue();
            var second = anyQueue();
            if (target == queue) {
                return Records.amend(queue, entry.position(), overlay);
            }
            return second == queue || second == target || random.nextBoolean()
                    ? Records.move(queue, entry.position(), overlay, marks(), target)
                    : Records.move(queue, entry.position(), overlay, marks(), target, second);
        }
        if (kind < 99) {
            String name = "d" + random.nextInt(8);
            return new StoreRecord.Define(
                    "kind", name, random.nextInt(3) == 0 ? null : Records.bytes("value " + ++bodies));
        }
        if (!unanswered.isEmpty()) {
            return enqueue(queue);
        }
        queues.remove(queue);
        queues.add(newQueue());
        return new StoreRecord.Drop(queue);
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

    private StoreRecord enqueue(TestQueue queue) {
        int size = random.nextInt(8) == 0 ? random.nextInt(9000) : random.nextInt(300);
        String body = "m" + ++bodies + "-" + "x".repeat(size);
        String overlay = "first" + bodies;
        var second = anyQueue();
        return second == queue || random.nextInt(4) > 0
                ? Records.enqueue(body, overlay, marks(), queue)
                : Records.enqueue(body, overlay, marks(), queue, second);
    }
}
