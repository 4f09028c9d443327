package io.turnstone.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.api.Loop;
import io.turnstone.api.store.Marks;
import io.turnstone.api.store.MessageStore;
import io.turnstone.api.store.StoreRecord;
import io.turnstone.api.store.StoredQueue;
import io.turnstone.store.files.SimulatedFiles;
import io.turnstone.store.journal.StoreOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Several real loops submit at once; the order promised by MessageStore is checked where it is heard. */
@DisplayName("The order of commits")
final class OrderTest {

    private static final int LOOPS = 4;
    private static final int RECORDS = 4_000;

    @TempDir
    Path folder;

    private final List<RealLoop> loops = new ArrayList<>();
    private final List<String> wrong = java.util.Collections.synchronizedList(new ArrayList<>());
    private final Set<StoreRecord> applied = ConcurrentHashMap.newKeySet();

    private static final class RealLoop implements Loop {
        final ExecutorService thread = Executors.newSingleThreadExecutor();
        final int index;
        volatile @Nullable Thread owner;

        RealLoop(int index) {
            this.index = index;
            thread.execute(() -> owner = Thread.currentThread());
        }

        @Override
        public int index() {
            return index;
        }

        @Override
        public boolean inLoop() {
            return Thread.currentThread() == owner;
        }

        @Override
        public void execute(Runnable task) {
            thread.execute(task);
        }

        @Override
        public void atEndOfTurn(Runnable task) {
            execute(task);
        }

        @Override
        public Timer schedule(long delayMs, Runnable task) {
            throw new AssertionError("the store sets no timers");
        }

        @Override
        public long now() {
            return 0;
        }
    }

    private final class CheckingQueue implements StoredQueue {
        final int id;
        final RealLoop home;
        final Set<StoreRecord> seen = new HashSet<>();
        final int[] lastOfSubmitter = new int[LOOPS];
        long last;

        CheckingQueue(int id, RealLoop home) {
            this.id = id;
            this.home = home;
        }

        @Override
        public int id() {
            return id;
        }

        @Override
        public int levels() {
            return 1;
        }

        @Override
        public Loop home() {
            return home;
        }

        @Override
        public void apply(StoreRecord record, long position) {
            var tag = (int[]) ((StoreRecord.Enqueue) record).payload();
            boolean written = ((StoreRecord.Enqueue) record).written();
            check(home.inLoop(), "applied outside of the home");
            check(seen.add(record), "applied twice");
            check(written ? position > last : position == MessageStore.UNWRITTEN, "position " + position);
            check(tag[1] > lastOfSubmitter[tag[0]], "records of one loop out of order");
            lastOfSubmitter[tag[0]] = tag[1];
            last = written ? position : last;
            applied.add(record);
        }
    }

    private void check(boolean right, String what) {
        if (!right) {
            wrong.add(what);
        }
    }

    @AfterEach
    void end() {
        loops.forEach(loop -> loop.thread.shutdownNow());
    }

    @ParameterizedTest
    @ValueSource(strings = {"mapdb", "memory"})
    void isOneForAllAndHomesHearFirst(String type) throws InterruptedException {
        for (int i = 0; i < LOOPS; i++) {
            loops.add(new RealLoop(i));
        }
        var queues = new ArrayList<CheckingQueue>();
        for (int i = 0; i < 6; i++) {
            queues.add(new CheckingQueue(i + 1, loops.get(i % (LOOPS - 1)))); // the last loop is nobody's home
        }
        MessageStore store = type.equals("memory")
                ? new MemoryStoreProvider().open(folder, Map.of())
                : MapDbStore.open(new SimulatedFiles(), folder, new StoreOptions(1 << 20, 64 << 10, 2, 50));
        store.recover(new Recovered(store));
        var done = new CountDownLatch(LOOPS * RECORDS);
        for (var loop : loops) {
            loop.execute(() -> submitAll(store, loop, queues, done));
        }
        assertThat(done.await(60, TimeUnit.SECONDS)).isTrue();
        store.close();
        assertThat(wrong).isEmpty();
    }

    private void submitAll(MessageStore store, RealLoop loop, List<CheckingQueue> queues, CountDownLatch done) {
        var random = new Random(loop.index);
        var heard = new int[1];
        for (int i = 1; i <= RECORDS; i++) {
            int number = i;
            var targets = new ArrayList<CheckingQueue>(List.of(queues.get(random.nextInt(queues.size()))));
            var second = queues.get(random.nextInt(queues.size()));
            if (second != targets.get(0)) {
                targets.add(second);
            }
            boolean written = random.nextInt(4) > 0;
            var body = io.turnstone.api.Body.Inline.of(new byte[random.nextInt(200)]);
            var record = new StoreRecord.Enqueue(
                    targets, "f", body, new byte[0], Marks.lasting(4), written, new int[] {loop.index, number});
            store.submit(record, loop, (position, failure) -> {
                check(loop.inLoop(), "heard outside of the submitting loop");
                check(failure == null, "failed: " + failure);
                check(++heard[0] == number, "heard out of order");
                for (var queue : targets) {
                    // what the submitter now sends to a home arrives behind the record
                    queue.home.execute(() -> {
                        check(queue.seen.contains(record), "home " + queue.home.index + " did not know yet");
                        if (queue == targets.get(targets.size() - 1)) {
                            done.countDown();
                        }
                    });
                }
            });
        }
    }
}
