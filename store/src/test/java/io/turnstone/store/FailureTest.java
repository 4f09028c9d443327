package io.turnstone.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.turnstone.api.Body;
import io.turnstone.api.Loop;
import io.turnstone.api.store.Marks;
import io.turnstone.api.store.StoreException;
import io.turnstone.api.store.StoreRecord;
import io.turnstone.api.store.StoredQueue;
import io.turnstone.store.files.SimulatedFiles;
import io.turnstone.store.journal.CommitFigures;
import io.turnstone.store.journal.CommitLog;
import io.turnstone.store.journal.StoreOptions;
import io.turnstone.store.journal.StoreWriter;
import io.turnstone.store.journal.Submission;
import java.io.IOException;
import java.nio.file.Path;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("A store in which something breaks")
final class FailureTest {

    private static final StoreOptions OPTIONS = new StoreOptions(1 << 20, 16 << 10, 2, 5);

    @TempDir
    Path folder;

    private final SimulatedFiles files = new SimulatedFiles();
    private final TestLoop loop = new TestLoop(0);
    private final TestQueue queue = new TestQueue(1, loop);
    private final List<@Nullable StoreException> answers = new ArrayList<>();

    private MapDbStore opened() {
        var store = MapDbStore.open(files, folder, OPTIONS);
        Recovered.of(store);
        return store;
    }

    private void submit(MapDbStore store, StoreRecord record) {
        store.submit(record, loop, (position, failure) -> answers.add(failure));
    }

    private @Nullable StoreException answerTo(MapDbStore store, StoreRecord record) {
        int before = answers.size();
        submit(store, record);
        loop.runUntil(() -> answers.size() > before);
        return answers.get(before);
    }

    private static StoreRecord.Enqueue to(List<? extends StoredQueue> queues, String format) {
        return new StoreRecord.Enqueue(
                queues, format, Body.Inline.of(new byte[10]), new byte[0], Marks.lasting(4), true, "payload");
    }

    @Test
    void answersEverybodyWhenTheLogThrows() {
        var log = new CommitLog() {
            private @Nullable StoreException failure;

            @Override
            public int append(List<Submission> group) {
                throw new OutOfMemoryError("simulated");
            }

            @Override
            public StoreException broken(Throwable cause) {
                failure = failure == null ? new StoreException("broken", cause) : failure;
                return failure;
            }
        };
        var writer = new StoreWriter(log, new CommitFigures());
        writer.start();
        for (int round = 1; round <= 3; round++) {
            int expected = round;
            var record = Records.enqueue("m", "", queue);
            writer.submit(new Submission(record, loop, (position, failure) -> answers.add(failure)));
            loop.runUntil(() -> answers.size() == expected);
        }
        writer.finish();

        assertThat(answers).hasSize(3).allMatch(failure -> failure == log.failure && failure != null);
        assertThat(queue.applied).isEmpty();
    }

    @Test
    void isClosedForWritingWhenAQueueCannotBeTold() {
        var homeless = new StoredQueue() {
            @Override
            public int id() {
                return 7;
            }

            @Override
            public int levels() {
                return 1;
            }

            @Override
            public Loop home() {
                throw new IllegalStateException("simulated");
            }

            @Override
            public void apply(StoreRecord record, long position) {}
        };
        try (var store = opened()) {
            assertThat(answerTo(store, to(List.of(homeless), "f"))).hasMessageContaining("closed for writing");
            assertThat(answerTo(store, Records.enqueue("next", "", queue))).hasMessageContaining("closed for writing");
            assertThat(store.status().state()).isEqualTo("failed");
        }
    }

    @Test
    void failsARecordThatCannotBeEncodedAndNoOther() {
        var strange = new AbstractList<StoredQueue>() {
            @Override
            public StoredQueue get(int index) {
                throw new IllegalStateException("simulated");
            }

            @Override
            public int size() {
                return 1;
            }
        };
        try (var store = opened()) {
            submit(store, Records.enqueue("before", "", queue));
            submit(store, to(strange, "f"));
            submit(store, Records.enqueue("behind", "", queue));
            loop.runUntil(() -> answers.size() == 3);

            assertThat(answers.get(0)).isNull();
            assertThat(answers.get(1)).hasMessageContaining("could not be encoded");
            assertThat(answers.get(2)).isNull();
            assertThat(store.status().state()).isEqualTo("ok");
        }
        assertThat(queue.applied).hasSize(2);
        try (var again = MapDbStore.open(files, folder, OPTIONS)) {
            assertThat(Recovered.of(again).bodies(1)).containsExactly("before", "behind");
        }
    }

    @Test
    void refusesWhatDoesNotFitIntoTheFieldsOfARecord() {
        try (var store = opened()) {
            assertThat(answerTo(store, to(Collections.nCopies(65_537, queue), "f")))
                    .hasMessageContaining("65537 queues are too many");
            assertThat(answerTo(store, to(List.of(queue), "f".repeat(256)))).hasMessageContaining("takes 256 bytes");
            assertThat(answerTo(store, new StoreRecord.Define("kind", "n".repeat(65_536), new byte[0])))
                    .hasMessageContaining("takes 65536 bytes");
            assertThat(answerTo(store, to(List.of(queue), "f".repeat(255)))).isNull();
        }
        try (var again = MapDbStore.open(files, folder, OPTIONS)) {
            assertThat(Recovered.of(again).queue(1)).hasSize(1);
            assertThat(again.status().state()).isEqualTo("ok");
        }
    }

    @Test
    void tellsTheOtherLoopsWhenOneDoesNotTakeItsShare() {
        var broken = new BrokenLoop();
        var deaf = new TestQueue(2, broken);
        try (var store = opened()) {
            for (int i = 0; i < 3; i++) {
                assertThat(answerTo(store, Records.enqueue("m", "", deaf, queue)))
                        .isNull();
            }
            assertThat(queue.applied).hasSize(3);
            assertThat(store.status().state()).isEqualTo("ok");
        }
    }

    private static final class BrokenLoop implements Loop {
        @Override
        public int index() {
            return 1;
        }

        @Override
        public boolean inLoop() {
            return false;
        }

        @Override
        public void execute(Runnable task) {
            throw new IllegalStateException("simulated");
        }

        @Override
        public void atEndOfTurn(Runnable task) {
            throw new IllegalStateException("simulated");
        }

        @Override
        public Timer schedule(long delayMs, Runnable task) {
            throw new IllegalStateException("simulated");
        }

        @Override
        public long now() {
            return 0;
        }
    }

    @Test
    void isClosedForWritingWhenMapDbThrowsAnError() {
        try (var store = opened()) {
            files.fault((what, path) -> {
                if (path.toString().contains("mapdb")) {
                    throw new AssertionError("simulated");
                }
            });
            assertThat(answerTo(store, Records.enqueue("m", "", queue))).isNull();
            loop.runUntil(() -> store.status().state().equals("failed"));
            assertThat(answerTo(store, Records.enqueue("n", "", queue))).hasMessageContaining("closed for writing");
            files.fault((what, path) -> {});
        }
        try (var again = MapDbStore.open(files, folder, OPTIONS)) {
            assertThat(Recovered.of(again).bodies(1)).containsExactly("m");
        }
    }

    @Test
    void canBeClosedTwiceThoughAnotherHasTheFolderBySecondTime() {
        var first = opened();
        assertThat(answerTo(first, Records.enqueue("first", "", queue))).isNull();
        first.close();
        var second = opened();
        assertThat(answerTo(second, Records.enqueue("second", "", queue))).isNull();
        first.close();
        assertThat(answerTo(first, Records.enqueue("late", "", queue))).hasMessageContaining("the store is closed");
        var place = folder.resolve("after");
        try (var other = MapDbStore.open(files.afterCrash(new Random(1), folder, place), place, OPTIONS)) {
            assertThat(Recovered.of(other).bodies(1)).containsExactly("first", "second");
        }
        second.close();
    }

    @Test
    void releasesItsFolderWhenItCannotBeSealed() {
        var store = opened();
        assertThat(answerTo(store, Records.enqueue("m", "", queue))).isNull();
        loop.runUntil(() -> store.status().absorbedBytes() > 0);
        files.fault((what, path) -> {
            String name = path.getFileName().toString();
            if (name.startsWith("spare") ? what.equals("rename") : name.startsWith("journal") && what.equals("open")) {
                throw new IOException("Input/output error");
            }
        });
        assertThatThrownBy(store::close).isInstanceOf(StoreException.class).hasMessageContaining("not closed in order");
        files.fault((what, path) -> {});
        try (var again = MapDbStore.open(files, folder, OPTIONS)) {
            assertThat(Recovered.of(again).bodies(1)).containsExactly("m");
        }
    }
}
