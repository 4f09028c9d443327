package io.turnstone.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.turnstone.api.store.Marks;
import io.turnstone.api.store.StoreException;
import io.turnstone.api.store.StoreRecord;
import io.turnstone.store.files.SimulatedFiles;
import io.turnstone.store.journal.SegmentPool;
import io.turnstone.store.journal.StoreOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("Reading messages back")
final class ReadingTest {

    private static final StoreOptions OPTIONS = new StoreOptions(1 << 20, 256 << 10, 2, 3_600_000);

    @TempDir
    Path folder;

    private final SimulatedFiles files = new SimulatedFiles();
    private final TestLoop loop = new TestLoop(0);
    private final TestQueue queue = new TestQueue(1, loop);

    private void commit(MapDbStore store, StoreRecord record) {
        var answered = new AtomicBoolean();
        store.submit(record, loop, (position, failure) -> {
            assertThat(failure).isNull();
            answered.set(true);
        });
        loop.runUntil(answered::get);
    }

    private MapDbStore opened(StoreOptions options) {
        var store = MapDbStore.open(files, folder, options);
        Recovered.of(store);
        return store;
    }

    private long position(int index) {
        return queue.applied.get(index).position();
    }

    @Test
    void goesOnWhileMapDbIsForced() throws InterruptedException {
        var store = opened(new StoreOptions(1 << 20, 256 << 10, 2, 5));
        var forcing = new CountDownLatch(1);
        var finish = new CountDownLatch(1);
        files.fault((what, path) -> {
            if (what.equals("force") && path.toString().contains("mapdb")) {
                forcing.countDown();
                await(finish);
            }
        });
        commit(store, Records.enqueue("early", "o", queue));
        forcing.await();
        commit(store, Records.enqueue("late", "", queue));
        commit(store, Records.amend(queue, position(0), "amended"));

        assertThat(Recovered.read(store, queue, loop, position(0), position(1)))
                .extracting(message -> Recovered.message(message, 0))
                .containsExactly(
                        new Recovered.Message(position(0), 0, "test-format", "early", "amended"),
                        new Recovered.Message(position(1), 0, "test-format", "late", ""));
        finish.countDown();
        store.close();
    }

    private static void await(CountDownLatch latch) throws IOException {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    @Test
    void leavesOutWhatIsGoneOrOfAnotherQueue() {
        var other = new TestQueue(2, loop);
        try (var store = opened(OPTIONS)) {
            commit(store, Records.enqueue("a", "", queue));
            commit(store, Records.enqueue("b", "", queue));
            commit(store, Records.enqueue("c", "", queue));
            commit(store, Records.remove(queue, position(0)));
            commit(store, Records.move(queue, position(1), "moved", other));

            assertThat(Recovered.read(store, queue, loop, position(0), position(1), position(2)))
                    .hasSize(1);
            assertThat(Recovered.read(store, other, loop, position(2))).isEmpty();
            assertThat(Recovered.read(store, new TestQueue(77, loop), loop, 1, 2, 3))
                    .isEmpty();
        }
    }

    @Test
    void tellsOfADamagedMessageAndGivesTheOthers() throws IOException {
        try (var store = opened(OPTIONS)) {
            for (int i = 0; i < 100; i++) {
                commit(store, Records.enqueue("message " + i + ".", "", queue));
            }
            var segment = SegmentPool.segmentPath(folder, 1);
            var content = new String(files.bytes(segment), StandardCharsets.ISO_8859_1);
            files.damage(segment, content.indexOf("message 7."), 1);

            assertThat(Recovered.read(store, queue, loop, position(6), position(7), position(8)))
                    .extracting(message -> message.position())
                    .containsExactly(position(6), position(8));
            assertThat(store.status().state()).isEqualTo("damaged");
            assertThat(store.status().detail()).contains("record " + position(7) + " cannot be read back");
        }
    }

    @Test
    void goesOnWhenNothingCanBeWritten() {
        var store = opened(OPTIONS);
        commit(store, Records.enqueue("kept", "", queue));
        files.fault((what, path) -> {
            throw new IOException("Input/output error");
        });
        var answered = new AtomicBoolean();
        store.submit(Records.enqueue("lost", "", queue), loop, (position, failure) -> answered.set(failure != null));
        loop.runUntil(answered::get);

        assertThat(Recovered.read(store, queue, loop, position(0))).hasSize(1);
        store.close();
    }

    @Test
    void isRefusedAfterClose() {
        var store = opened(OPTIONS);
        commit(store, Records.enqueue("m", "", queue));
        store.close();

        assertThatThrownBy(() -> Recovered.read(store, queue, loop, position(0)))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("the store is closed");
    }

    @Test
    void isRefusedByTheStoreThatSurvivesNothing() {
        try (var store = new MemoryStoreProvider().open(folder, Map.of())) {
            store.recover(new Recovered(store));
            assertThat(store.reads()).isFalse();
            assertThatThrownBy(() -> Recovered.read(store, queue, loop, 1)).isInstanceOf(StoreException.class);
        }
    }

    @Test
    void findsMessagesOfEveryLevelAndSize() {
        var levels = new TestQueue(3, loop, true, 10);
        var options = new StoreOptions(256 << 10, 64 << 10, 2, 3_600_000);
        try (var store = opened(options)) {
            for (int i = 0; i < 300; i++) {
                String body = i + "." + "x".repeat(i % 50 == 0 ? 70_000 : i * 7 % 3000);
                commit(store, Records.enqueue(body, "", Marks.lasting(i % 12), levels));
            }
            var positions = levels.applied.stream()
                    .mapToLong(TestQueue.Applied::position)
                    .toArray();
            var found = Recovered.read(store, levels, loop, positions);
            assertThat(found).hasSize(300);
            for (int i = 0; i < 300; i++) {
                var message = Recovered.message(found.get(i), 0);
                assertThat(message.body()).startsWith(i + ".");
                assertThat(message.body().length())
                        .isEqualTo((i + ".").length() + (i % 50 == 0 ? 70_000 : i * 7 % 3000));
            }
        }
        try (var store = MapDbStore.open(files, folder, options)) {
            var recovered = Recovered.of(store);
            assertThat(recovered.queue(3)).hasSize(300);
            assertThat(recovered.queue(3))
                    .allMatch(message -> message.level()
                            == Math.min(
                                    9,
                                    Integer.parseInt(message.body()
                                                    .substring(0, message.body().indexOf('.')))
                                            % 12));
        }
    }
}
