package io.turnstone.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.api.Durability;
import io.turnstone.api.store.StoreException;
import io.turnstone.api.store.StoreRecord;
import io.turnstone.store.files.SimulatedFiles;
import io.turnstone.store.journal.Fsync;
import io.turnstone.store.journal.SegmentPool;
import io.turnstone.store.journal.StoreOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A store that does not force every commit")
final class FsyncTest {

    /** A power cut that takes everything it may take. */
    private static final class Worst extends Random {
        private static final long serialVersionUID = 1L;

        @Override
        public boolean nextBoolean() {
            return false;
        }
    }

    @TempDir
    Path folder;

    private final SimulatedFiles files = new SimulatedFiles();
    private final TestLoop loop = new TestLoop(0);
    private final TestQueue queue = new TestQueue(1, loop);
    private final TestQueue careful = new TestQueue(2, loop, true, 1, Durability.ALWAYS);
    private final TestQueue careless = new TestQueue(3, loop, true, 1, Durability.NEVER);
    private final TestQueue patient = new TestQueue(4, loop, true, 1, Durability.INTERVAL);

    private static StoreOptions options(String fsync) {
        return new StoreOptions(1 << 20, 64 << 10, 2, 3_600_000, Objects.requireNonNull(Fsync.of(fsync)));
    }

    private MapDbStore opened(String fsync) {
        var store = MapDbStore.open(files, folder, options(fsync));
        Recovered.of(store);
        return store;
    }

    private @Nullable StoreException answerTo(MapDbStore store, StoreRecord record) {
        var answers = new ArrayList<@Nullable StoreException>();
        store.submit(record, loop, (position, failure) -> answers.add(failure));
        loop.runUntil(() -> !answers.isEmpty());
        return answers.get(0);
    }

    private void accept(MapDbStore store, String body, TestQueue target) {
        assertThat(answerTo(store, Records.enqueue(body, "", target))).isNull();
    }

    /** What another store finds, and that it finds nothing wrong. */
    private List<String> found(SimulatedFiles left, TestQueue in) {
        try (var other = MapDbStore.open(left, folder.resolve("after"), options("always"))) {
            var bodies = Recovered.of(other).bodies(in.id());
            assertThat(other.status().state()).isEqualTo("ok");
            return bodies;
        }
    }

    private SimulatedFiles afterPowerCut() {
        return files.afterCrash(new Worst(), folder, folder.resolve("after"));
    }

    private SimulatedFiles afterKill() {
        return files.afterKill(folder, folder.resolve("after"));
    }

    @Test
    void losesByAPowerCutWhatItNeverPromisedAndByAKillNothing() {
        try (var store = opened("never")) {
            accept(store, "first", queue); // which begins a segment, and that is forced
            accept(store, "second", queue);
            accept(store, "third", queue);

            assertThat(found(afterPowerCut(), queue)).containsExactly("first");
            assertThat(found(afterKill(), queue)).containsExactly("first", "second", "third");
        }
        assertThat(files.list(folder)).isNotEmpty();
    }

    @Test
    void hasWhatItAcceptedOnTheMediumInTime() {
        try (var store = opened("interval:1ms")) {
            accept(store, "first", queue);
            accept(store, "second", queue);

            loop.runUntil(() -> found(afterPowerCut(), queue).size() == 2);
        }
    }

    @Test
    void keepsThePromiseOfTheStrictestQueueOfARecord() {
        try (var store = opened("never")) {
            accept(store, "first", queue);
            accept(store, "second", queue);
            assertThat(answerTo(store, Records.enqueue("third", "", queue, careful)))
                    .isNull();

            assertThat(found(afterPowerCut(), queue)).containsExactly("first", "second", "third");
        }
    }

    @Test
    void forcesTopologyAtOnce() {
        try (var store = opened("never")) {
            accept(store, "first", queue);
            accept(store, "second", queue);
            assertThat(answerTo(store, new StoreRecord.Define("kind", "name", Records.bytes("v"))))
                    .isNull();

            assertThat(found(afterPowerCut(), queue)).containsExactly("first", "second");
        }
    }

    @Test
    void letsAQueuePromiseLessThanTheStore() {
        try (var store = opened("always")) {
            accept(store, "first", careless);
            accept(store, "second", careless);
            assertThat(found(afterPowerCut(), careless)).containsExactly("first");

            accept(store, "third", patient);
            loop.runUntil(() -> found(afterPowerCut(), patient).size() == 1);
            assertThat(found(afterPowerCut(), careless)).containsExactly("first", "second");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"interval:1ms", "never"})
    void keepsWhatAKillLeftToTheOperatingSystem(String fsync) {
        var store = opened("never");
        accept(store, "first", queue);
        accept(store, "second", queue);
        var killed = files.afterKill(folder, folder);
        store.close();

        try (var next = MapDbStore.open(killed, folder, options(fsync))) {
            Recovered.of(next);
            var cut = killed.afterCrash(new Worst(), folder, folder.resolve("after"));
            assertThat(found(cut, queue)).containsExactly("first", "second");
        }
    }

    @Test
    void cutsWhatReachedTheMediumBeforeWhatCameBeforeIt() throws IOException {
        var store = opened("never");
        accept(store, "first", queue);
        accept(store, "second", queue);
        accept(store, "third", queue);
        var left = afterKill();
        store.close();
        var segment = SegmentPool.segmentPath(folder.resolve("after"), 1);
        left.damage(segment, place(left, segment, "second"), 1);

        for (int i = 0; i < 2; i++) { // nothing of it comes back later
            assertThat(found(left, queue)).containsExactly("first");
        }
    }

    @Test
    void reportsDamageOfWhatWasForced() throws IOException {
        var store = opened("never");
        accept(store, "first", queue);
        accept(store, "second", queue);
        accept(store, "third", careful);
        accept(store, "fourth", queue);
        var left = afterKill();
        store.close();
        var segment = SegmentPool.segmentPath(folder.resolve("after"), 1);
        left.damage(segment, place(left, segment, "second"), 1);

        try (var other = MapDbStore.open(left, folder.resolve("after"), options("never"))) {
            assertThat(Recovered.of(other).bodies(1)).containsExactly("first", "fourth");
            assertThat(other.status().state()).isEqualTo("damaged");
        }
    }

    private static long place(SimulatedFiles files, Path segment, String text) {
        return new String(files.bytes(segment), StandardCharsets.ISO_8859_1).indexOf(text);
    }

    @Test
    void isClosedForWritingWhenItCannotForceWhatItAccepted() {
        var forces = new AtomicInteger();
        try (var store = opened("interval:1ms")) {
            accept(store, "first", queue);
            files.fault((what, path) -> {
                if (what.equals("force") && path.toString().contains("journal")) {
                    forces.incrementAndGet();
                    throw new IOException("Input/output error");
                }
            });
            accept(store, "second", queue);
            loop.runUntil(() -> store.status().state().equals("failed"));

            assertThat(answerTo(store, Records.enqueue("third", "", queue)))
                    .hasMessageContaining("forcing the journal failed (fsync: Input/output error)");
            assertThat(Recovered.read(store, queue, loop, queue.applied.get(1).position()))
                    .hasSize(1);
        }
        assertThat(forces).as("a force that failed is not tried again").hasValue(1);
    }

    @Test
    void doesNotPromiseAlwaysWhenItCannotForceWhatCameBefore() {
        try (var store = opened("never")) {
            accept(store, "first", queue);
            accept(store, "second", queue);
            files.fault((what, path) -> {
                if (what.equals("force") && path.toString().contains("journal")) {
                    throw new IOException("Input/output error");
                }
            });

            assertThat(answerTo(store, Records.enqueue("third", "", careful)))
                    .hasMessageContaining("forcing the journal");
            assertThat(found(afterKill(), careful)).isEmpty();
        }
    }
}
