package io.turnstone.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.api.Body;
import io.turnstone.api.Durability;
import io.turnstone.api.store.Spool;
import io.turnstone.api.store.StoreRecord;
import io.turnstone.store.files.SimulatedFiles;
import io.turnstone.store.journal.Fsync;
import io.turnstone.store.journal.StoreOptions;
import io.turnstone.store.spool.SpoolFolder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("A body in a file of its own")
final class SpoolTest {

    private static final StoreOptions OPTIONS = new StoreOptions(1 << 20, 256 << 10, 2, 3_600_000);

    @TempDir
    Path folder;

    @TempDir
    Path next;

    private SimulatedFiles files = new SimulatedFiles();
    private Recovered recovered;
    private final TestLoop loop = new TestLoop(0);
    private final TestQueue queue = new TestQueue(1, loop);
    private final TestQueue other = new TestQueue(2, loop);

    private static byte[] random(int seed, int size) {
        var bytes = new byte[size];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private MapDbStore open() {
        var store = MapDbStore.open(files, folder, OPTIONS);
        recovered = new Recovered(store);
        store.recover(recovered);
        return store;
    }

    private static Spool spool(MapDbStore store) {
        return store.spool().orElseThrow();
    }

    private SpooledBodies.Writing writing(MapDbStore store, byte[] bytes) {
        return SpooledBodies.writing(store, loop, bytes);
    }

    private Body.Spooled write(MapDbStore store, byte[] bytes) {
        return SpooledBodies.write(store, loop, bytes);
    }

    private long commit(MapDbStore store, StoreRecord record) {
        var answered = new AtomicBoolean();
        var at = new long[1];
        store.submit(record, loop, (position, failure) -> {
            assertThat(failure).isNull();
            at[0] = position;
            answered.set(true);
        });
        loop.runUntil(answered::get);
        return at[0];
    }

    private byte[] read(MapDbStore store, TestQueue from, long position) {
        return SpooledBodies.read(store, loop, from, position);
    }

    /** From now on the folder is what a power cut at this moment would leave. */
    private void crash() {
        files = files.afterCrash(new Random(1), folder, next);
        folder = next;
    }

    private List<Path> bodies() {
        return files.list(folder.resolve(SpoolFolder.NAME));
    }

    @Test
    void survivesInTheJournalAndInMapDb() {
        byte[] first = random(1, 500_000);
        byte[] second = random(2, 300_000);
        var store = open();
        long a = commit(store, SpooledBodies.enqueue(write(store, first), queue));
        store.close(); // absorbs
        store = open();
        long b = commit(store, SpooledBodies.enqueue(write(store, second), queue));
        crash();

        try (var again = open()) {
            assertThat(recovered.runs).hasSize(1);
            assertThat(recovered.runs.get(0).run().positions()).containsExactly(a, b);
            assertThat(recovered.runs.get(0).run().bytes()).isEqualTo(800_000);
            assertThat(read(again, queue, a)).isEqualTo(first);
            assertThat(read(again, queue, b)).isEqualTo(second);
            assertThat(bodies()).hasSize(2);
        }
        store.close();
    }

    @Test
    void survivesTheCopyOfMapDb() {
        byte[] bytes = random(1, 500_000);
        long at;
        try (var store = MapDbStore.open(files, folder, new StoreOptions(1 << 20, 64 << 10, 2, 5).shrinking(0, 0))) {
            store.recover(new Recovered(store));
            at = commit(store, SpooledBodies.enqueue(write(store, bytes), queue));
            loop.runUntil(() -> files.list(folder).contains(folder.resolve("mapdb-2.db")));
            assertThat(read(store, queue, at)).isEqualTo(bytes);
        }

        try (var again = open()) {
            assertThat(read(again, queue, at)).isEqualTo(bytes);
            commit(again, Records.remove(queue, at));
            loop.runUntil(() -> bodies().isEmpty());
        }
    }

    @Test
    void staysUntilItHasLeftItsLastQueue() {
        byte[] bytes = random(1, 500_000);
        try (var store = open()) {
            long at = commit(store, SpooledBodies.enqueue(write(store, bytes), queue, other));
            commit(store, Records.remove(queue, at));
            assertThat(read(store, other, at)).isEqualTo(bytes);

            commit(store, Records.remove(other, at));

            loop.runUntil(() -> bodies().isEmpty());
        }
    }

    @Test
    void staysWhileAPowerCutMayBringItsMessageBack() {
        var careless = new TestQueue(3, loop, true, 1, Durability.NEVER);
        var options = new StoreOptions(1 << 20, 256 << 10, 2, 3_600_000, Objects.requireNonNull(Fsync.of("never")));
        byte[] bytes = random(1, 500_000);
        try (var store = MapDbStore.open(files, folder, options)) {
            store.recover(new Recovered(store));
            long at = commit(store, SpooledBodies.enqueue(write(store, bytes), careless));
            commit(store, Records.remove(careless, at));
            assertThat(Recovered.read(store, careless, loop, at)).isEmpty();
            assertThat(bodies()).hasSize(1);
            crash();

            try (var again = open()) {
                assertThat(again.status().state()).isEqualTo("ok");
                for (var run : recovered.runs) {
                    assertThat(read(again, careless, run.run().positions()[0])).isEqualTo(bytes);
                }
            }
        }
    }

    @Test
    void movesWithItsMessage() {
        byte[] bytes = random(1, 500_000);
        var store = open();
        long at = commit(store, SpooledBodies.enqueue(write(store, bytes), queue));
        long moved = commit(store, Records.move(queue, at, "o", other));
        assertThat(read(store, other, moved)).isEqualTo(bytes);
        store.close();

        try (var again = open()) {
            assertThat(read(again, other, moved)).isEqualTo(bytes);
            long back = commit(again, Records.move(other, moved, "o", queue));
            assertThat(read(again, queue, back)).isEqualTo(bytes);
            commit(again, Records.remove(queue, back));
            loop.runUntil(() -> bodies().isEmpty());
        }
    }

    @Test
    void goesWithItsQueue() {
        var store = open();
        commit(store, SpooledBodies.enqueue(write(store, random(1, 500_000)), queue));
        store.close();

        try (var again = open()) {
            commit(again, SpooledBodies.enqueue(write(again, random(2, 500_000)), queue));
            assertThat(bodies()).hasSize(2);
            commit(again, new StoreRecord.Drop(queue));
            loop.runUntil(() -> bodies().isEmpty());
        }
    }

    @Test
    void isDeletedAtTheNextStartWhenNoRecordNamesIt() {
        var store = open();
        long kept = commit(store, SpooledBodies.enqueue(write(store, random(1, 500_000)), queue));
        write(store, random(2, 500_000));
        spool(store).write(loop, new SpooledBodies.Writing()).add(ByteBuffer.wrap(random(3, 500_000)));
        loop.runUntil(() -> bodies().size() == 3);
        crash();

        try (var again = open()) {
            assertThat(bodies()).hasSize(1);
            assertThat(read(again, queue, kept)).isEqualTo(random(1, 500_000));
        }
        store.close();
    }

    @Test
    void staysWhileARecordNamesItThoughNobodyHoldsIt() {
        byte[] bytes = random(1, 500_000);
        try (var store = open()) {
            long at = commit(store, SpooledBodies.enqueue(write(store, bytes), new TestQueue(1, loop, false)));
            for (int i = 0; i < 3; i++) {
                collectGarbage(store);
            }

            assertThat(read(store, queue, at)).isEqualTo(bytes);
        }
    }

    /** Until a body that nobody holds is collected and its file deleted. */
    private void collectGarbage(MapDbStore store) {
        int before = bodies().size();
        write(store, random(9, 1000));
        loop.runUntil(() -> {
            System.gc();
            return bodies().size() == before;
        });
    }

    @Test
    void staysWhenItIsSharedUntilNobodyHoldsIt() {
        byte[] bytes = random(1, 500_000);
        try (var store = open()) {
            var holding = new ArrayList<Body.Spooled>();
            holding.add(write(store, bytes));
            holding.get(0).share();
            long at = commit(store, SpooledBodies.enqueue(holding.get(0), new TestQueue(1, loop, false)));
            commit(store, Records.remove(queue, at));
            collectGarbage(store);

            var reading = new SpooledBodies.Reading(spool(store), holding.get(0), loop);
            loop.runUntil(reading::over);
            assertThat(reading.bytes.toByteArray()).isEqualTo(bytes);

            reading = null;
            holding.clear();
            loop.runUntil(() -> {
                System.gc();
                return bodies().isEmpty();
            });
        }
    }

    @Test
    void goesWithTheLastWhoHoldsItWhenNoRecordNamesIt() {
        byte[] bytes = random(1, 500_000);
        try (var store = open()) {
            var body = write(store, bytes);
            body.hold();
            body.hold();
            body.release();
            assertThat(bodies()).hasSize(1);

            body.release();
            loop.runUntil(() -> bodies().isEmpty());
            assertThat(body.length()).as("and nobody was garbage").isEqualTo(500_000);
        }
    }

    @Test
    void isNeverGivenOutWithOtherBytes() {
        byte[] bytes = random(1, 500_000);
        try (var store = open()) {
            var body = write(store, bytes);
            files.damage(bodies().get(0), 499_999, 1);

            var reading = new SpooledBodies.Reading(spool(store), body, loop);
            loop.runUntil(reading::over);

            assertThat(reading.damaged).isTrue();
            assertThat(reading.bytes.size()).isLessThan(500_000);
            assertThat(store.status().state()).isEqualTo("damaged");
        }
    }

    @Test
    void isNeverGivenOutShorter() {
        try (var store = open()) {
            var body = write(store, random(1, 500_000));
            files.cut(bodies().get(0), 300_000);

            var reading = new SpooledBodies.Reading(spool(store), body, loop);
            loop.runUntil(reading::over);

            assertThat(reading.damaged).isTrue();
            assertThat(reading.failure).hasMessageContaining("ends at byte 300000");
        }
    }

    @Test
    void isDamageWhenItIsGoneOrShorterAtTheStart() throws IOException {
        var store = open();
        commit(store, SpooledBodies.enqueue(write(store, random(1, 500_000)), queue));
        commit(store, SpooledBodies.enqueue(write(store, random(2, 500_000)), queue));
        store.close();
        files.delete(bodies().get(0));
        files.cut(bodies().get(0), 1000);

        try (var again = open()) {
            assertThat(again.status().state()).isEqualTo("damaged");
            assertThat(again.status().detail()).contains("2 damaged places");
        }
    }

    @Test
    void isKeptAsideWhenTheRecordThatNamedItIsLost() throws IOException {
        var store = open();
        commit(store, SpooledBodies.enqueue(write(store, random(1, 500_000)), queue));
        store.close();
        var body = bodies().get(0);
        var db = folder.resolve("mapdb-1.db");
        byte[] whole = files.bytes(db);
        int block = new String(whole, StandardCharsets.ISO_8859_1).indexOf("B\002\000\000\000\000\000\001");
        assertThat(block).isPositive();
        files.damage(db, block + 30, 1);
        for (int at = 0; at < 4096; at++) {
            files.damage(db, at, 0x55); // so that the file is made anew, and the damage forgotten
        }

        try (var again = open()) {
            assertThat(again.status().state()).isEqualTo("damaged");
            assertThat(recovered.runs).isEmpty();
        }
        var aside = body.resolveSibling("unnamed-" + body.getFileName());
        for (int start = 0; start < 2; start++) {
            try (var again = open()) {
                assertThat(again.status().state()).isEqualTo("ok");
                commit(again, SpooledBodies.enqueue(write(again, random(2, 1000)), queue));
            }
            assertThat(bodies()).contains(aside).doesNotContain(body);
            assertThat(files.bytes(aside)).isEqualTo(random(1, 500_000));
        }
    }

    @Test
    void isTakenBackWhenTheRecordThatNamesItCanBeReadAgain() throws IOException {
        var store = open();
        long position = commit(store, SpooledBodies.enqueue(write(store, random(1, 500_000)), queue));
        store.close();
        var body = bodies().get(0);
        files.rename(body, body.resolveSibling("unnamed-" + body.getFileName()));

        try (var again = open()) {
            assertThat(again.status().state()).isEqualTo("ok");
            assertThat(read(again, queue, position)).isEqualTo(random(1, 500_000));
            assertThat(bodies()).containsExactly(body);
        }
    }

    @Test
    void isRefusedOnAFullDiskAndTakenAgainLater() {
        try (var store = open()) {
            files.fault((what, path) -> {
                if (what.equals("write") && path.toString().contains("spool")) {
                    throw new IOException("No space left on device");
                }
            });
            var writing = writing(store, random(1, 500_000));
            assertThat(writing.failure).hasMessageContaining("the disk is full");
            assertThat(bodies()).isEmpty();

            files.fault((what, path) -> {});
            byte[] bytes = random(2, 500_000);
            long at = commit(store, SpooledBodies.enqueue(write(store, bytes), queue));
            assertThat(read(store, queue, at)).isEqualTo(bytes);
        }
    }

    @Test
    void leavesHalfOfTheRoomToOthersUnlessItMustSurvive() {
        try (var store = open()) {
            files.capacity(files.allocated() + 5_000_000);
            var light = new ArrayList<SpooledBodies.Writing>();
            do {
                light.add(SpooledBodies.writing(store, loop, random(light.size(), 1_000_000), false));
            } while (light.get(light.size() - 1).failure == null);

            assertThat(light).hasSize(3);
            assertThat(light.get(2).failure)
                    .hasMessageContaining("large messages that are not durable would take 3000000");
            assertThat(bodies()).hasSize(2);
            byte[] bytes = random(9, 1_500_000);
            long at = commit(store, SpooledBodies.enqueue(write(store, bytes), queue));
            assertThat(read(store, queue, at)).isEqualTo(bytes);
            assertThat(light.get(0).file).isNotNull();
        }
    }

    @Test
    void isDeletedWhenItIsGivenUp() {
        try (var store = open()) {
            var writing = new SpooledBodies.Writing();
            var writer = spool(store).write(loop, writing);
            writer.add(ByteBuffer.wrap(random(1, 500_000)));
            loop.runUntil(() -> !bodies().isEmpty());

            writer.discard();

            loop.runUntil(() -> bodies().isEmpty());
            assertThat(writing.over()).isFalse();
        }
    }

    @Test
    void isForcedBeforeItIsFinished() {
        try (var store = open()) {
            var forced = new ArrayList<Path>();
            files.fault((what, path) -> {
                if (what.equals("force") && path.toString().contains("spool")) {
                    synchronized (forced) {
                        forced.add(path);
                    }
                }
            });

            write(store, random(1, 500_000));

            assertThat(forced).containsExactly(bodies().get(0), folder.resolve("spool"));
        }
    }
}
