package io.turnstone.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.api.store.StoreRecord;
import io.turnstone.store.files.SimulatedFiles;
import io.turnstone.store.journal.JournalFormat;
import io.turnstone.store.journal.SegmentPool;
import io.turnstone.store.journal.StoreOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("A store with damaged files")
final class DamageTest {

    private static final StoreOptions OPTIONS = new StoreOptions(1 << 20, 16 << 10, 2, 3_600_000);

    @TempDir
    Path folder;

    private final TestLoop loop = new TestLoop(0);
    private final TestQueue queue = new TestQueue(1, loop);
    private SimulatedFiles files = new SimulatedFiles();

    /** Messages committed one by one; the files as a crash leaves them. */
    private List<String> crashedWith(int messages) {
        var bodies = new ArrayList<String>();
        var store = MapDbStore.open(files, folder, OPTIONS);
        Recovered.of(store);
        for (int i = 0; i < messages; i++) {
            bodies.add("message " + i + " " + "x".repeat(200));
            int size = queue.applied.size();
            store.submit(Records.enqueue(bodies.get(i), "o", queue), loop, null);
            loop.runUntil(() -> queue.applied.size() > size);
        }
        var after = files.afterCrash(new Random(1), folder, folder);
        store.close();
        files = after;
        return bodies;
    }

    private Path segment(int number) throws IOException {
        return SegmentPool.segmentPath(folder, number);
    }

    private Recovered reopened(String state) {
        var store = MapDbStore.open(files, folder, OPTIONS);
        try (store) {
            var recovered = Recovered.of(store);
            assertThat(store.status().state()).isEqualTo(state);
            return recovered;
        }
    }

    private int lastGroup(Path path) {
        var bytes = ByteBuffer.wrap(files.bytes(path));
        int last = -1;
        for (int at = JournalFormat.SEGMENT_HEADER; at + JournalFormat.GROUP_HEADER < bytes.limit(); at += 8) {
            if (bytes.getInt(at) == JournalFormat.GROUP_MAGIC) {
                last = at;
            }
        }
        return last;
    }

    @Test
    void cutsATornTailAndSaysNothing() throws IOException {
        var bodies = crashedWith(20);
        int at = lastGroup(segment(1));
        for (int offset = at + 60; offset < at + 120; offset++) {
            files.damage(segment(1), offset, 0x55);
        }

        assertThat(reopened("ok").bodies(1)).isEqualTo(bodies.subList(0, 19));
        assertThat(reopened("ok").bodies(1)).isEqualTo(bodies.subList(0, 19));
    }

    @Test
    void losesOneMessageToOneFlippedBitWhereverItIs() throws IOException {
        var bodies = crashedWith(20);
        var whole = files;
        var random = new Random(3);
        for (int i = 0; i < 60; i++) {
            files = whole.afterCrash(random, folder, folder);
            int offset = JournalFormat.SEGMENT_HEADER + random.nextInt(lastGroup(segment(1)) - 64);
            files.damage(segment(1), offset, 1 << random.nextInt(8));
            var found = reopened("damaged").bodies(1);

            assertThat(found).hasSizeBetween(19, 20).isSubsetOf(bodies);
        }
    }

    @Test
    void readsASegmentWhoseHeaderIsDamaged() throws IOException {
        var bodies = crashedWith(20);
        files.damage(segment(1), 20, 1);

        assertThat(reopened("damaged").bodies(1)).isEqualTo(bodies);
    }

    @Test
    void reportsAMissingSegmentAndAShortOne() throws IOException {
        var bodies = crashedWith(200);
        files.delete(segment(2));
        files.cut(segment(1), 8192);
        var found = reopened("damaged").bodies(1);

        assertThat(found).isSubsetOf(bodies).contains(bodies.get(0), bodies.get(199));
        assertThat(found.size()).isBetween(70, 130);
    }

    @Test
    void neverReadsTheFormerUseOfARecycledSegment() throws IOException {
        var store = MapDbStore.open(files, folder, OPTIONS);
        Recovered.of(store);
        for (int round = 0; round < 600; round++) {
            int size = queue.applied.size();
            store.submit(Records.enqueue("old " + round + "y".repeat(300), "", queue), loop, null);
            loop.runUntil(() -> queue.applied.size() > size);
            store.submit(Records.remove(queue, queue.applied.get(size).position()), loop, null);
            loop.runUntil(() -> queue.applied.size() > size + 1);
            if (round % 20 == 0) {
                var place = folder.resolve("crashed");
                var crashed = files.afterCrash(new Random(round), folder, place);
                try (var other = MapDbStore.open(crashed, place, OPTIONS)) {
                    assertThat(Recovered.of(other).queues).isEmpty();
                    assertThat(other.status().state()).isEqualTo("ok");
                }
            }
        }
        store.close();
    }

    @Test
    void countsWhatCannotBeReadBackWhileItRuns() throws IOException {
        var store = MapDbStore.open(files, folder, OPTIONS);
        Recovered.of(store);
        for (int i = 0; i < 100; i++) {
            int size = queue.applied.size();
            store.submit(Records.enqueue("message " + i + "x".repeat(300), "", queue), loop, null);
            loop.runUntil(() -> queue.applied.size() > size);
        }
        var content = new String(files.bytes(segment(1)), StandardCharsets.ISO_8859_1);
        files.damage(segment(1), content.indexOf("message 7x"), 1);
        store.close();

        assertThat(store.status().state()).isEqualTo("damaged");
        assertThat(store.status().detail()).contains("1 messages could not be read back");
        assertThat(reopened("ok").bodies(1)).hasSize(99).noneMatch(body -> body.startsWith("message 7x"));
    }

    @Test
    void losesOnlyTheBlocksOfMapDbThatAreDamaged() throws IOException {
        var bodies = crashedWith(300);
        reopened("ok"); // closes in order, which absorbs
        var whole = files;
        var random = new Random(4);
        int lost = 0;
        for (int i = 0; i < 20; i++) {
            files = whole.afterCrash(random, folder, folder);
            var db = folder.resolve("mapdb-1.db");
            var content = new String(files.bytes(db), StandardCharsets.ISO_8859_1);
            files.damage(db, content.indexOf("message " + random.nextInt(300) + " ") + random.nextInt(200), 1);
            var store = MapDbStore.open(files, folder, OPTIONS);
            try (store) {
                var found = Recovered.of(store).bodies(1);
                assertThat(bodies).containsAll(found);
                if (found.size() < bodies.size()) {
                    lost++;
                    assertThat(found.size()).isGreaterThanOrEqualTo(bodies.size() - 64);
                    assertThat(store.status().state()).isEqualTo("damaged");
                    assertThat(store.status().detail()).contains("queue 1");
                }
            }
        }
        assertThat(lost).isPositive();
    }

    @Test
    void takesNoWholeGroupForATornOne() throws IOException {
        var bodies = crashedWith(1);
        files.damage(segment(1), 20, 1);

        assertThat(reopened("damaged").bodies(1)).isEqualTo(bodies);
    }

    @Test
    void reportsASegmentOfWhichNothingIsReadable() throws IOException {
        var bodies = crashedWith(100);
        for (int at = 0; at < OPTIONS.segmentBytes(); at += 8) {
            files.damage(segment(1), at, 1);
        }
        var found = reopened("damaged").bodies(1);

        assertThat(found).isNotEmpty().isEqualTo(bodies.subList(bodies.size() - found.size(), bodies.size()));
    }

    @Test
    void losesNothingToDamagedRedoLogsThatWereApplied() throws IOException {
        var bodies = crashedWith(300);
        reopened("ok");
        reopened("ok");
        var whole = files;
        for (int logs = 1; logs <= 3; logs++) {
            files = whole.afterCrash(new Random(1), folder, folder);
            for (int log = 0; log < 2; log++) {
                if ((logs & 1 << log) != 0) {
                    files.damage(folder.resolve("mapdb-1.redo-" + log), 26, 1);
                }
            }
            assertThat(reopened("ok").bodies(1)).isEqualTo(bodies);
            assertThat(reopened("ok").bodies(1)).isEqualTo(bodies);
        }
    }

    @Test
    void findsEverythingWithoutTheFiguresOfTheStore() throws IOException {
        var bodies = crashedWith(300);
        reopened("ok");
        var db = folder.resolve("mapdb-1.db");
        var content = new String(files.bytes(db), StandardCharsets.ISO_8859_1);
        files.damage(db, content.indexOf("M\002\000\000"), 1);

        assertThat(reopened("damaged").bodies(1)).isEqualTo(bodies);
        assertThat(reopened("ok").bodies(1)).isEqualTo(bodies);
    }

    @Test
    void startsWithSectorsThatTheDiskCannotRead() throws IOException {
        var bodies = crashedWith(20);
        var whole = files.afterCrash(new Random(1), folder, folder);
        var content = new String(files.bytes(segment(1)), StandardCharsets.ISO_8859_1);
        files.unreadable(segment(1), content.indexOf("message 7 "));
        assertThat(reopened("damaged").bodies(1))
                .hasSizeLessThan(20)
                .isNotEmpty()
                .isSubsetOf(bodies);

        files = whole.afterCrash(new Random(1), folder, folder);
        reopened("ok");
        content = new String(files.bytes(folder.resolve("mapdb-1.db")), StandardCharsets.ISO_8859_1);
        files.unreadable(folder.resolve("mapdb-1.db"), content.indexOf("message 7 "));
        assertThat(reopened("damaged").bodies(1)).isSubsetOf(bodies);
    }

    @Test
    void isNotCleanAfterARunThatCrashedBeforeItsFirstCommit() throws IOException {
        crashedWith(3);
        assertThat(reopened("ok").clean).isFalse();
        var store = MapDbStore.open(files, folder, OPTIONS);
        assertThat(Recovered.of(store).clean).isTrue();
        var after = files.afterCrash(new Random(1), folder, folder);
        store.close();
        files = after;
        assertThat(reopened("ok").clean).isFalse();
        assertThat(reopened("ok").clean).isTrue();
    }

    private void commit(MapDbStore store, StoreRecord record) {
        var answered = new AtomicBoolean();
        store.submit(record, loop, (position, failure) -> {
            assertThat(failure).isNull();
            answered.set(true);
        });
        loop.runUntil(answered::get);
    }

    private MapDbStore opened() {
        var store = MapDbStore.open(files, folder, new StoreOptions(4 << 20, 1 << 20, 2, 3_600_000));
        Recovered.of(store);
        return store;
    }

    @Test
    void neverHandsOutTheBodyThatHasTheRecordOfAnotherNow() {
        var other = new TestQueue(2, loop);
        var store = opened();
        commit(store, Records.enqueue("first" + "a".repeat(5000), "", queue));
        commit(store, Records.enqueue("second" + "b".repeat(5000), "", queue));
        long removed = queue.applied.get(0).position();
        store.close();
        store = opened();
        commit(store, Records.remove(queue, removed));
        store.close();
        store = opened();
        commit(store, Records.enqueue("third" + "c".repeat(5000), "", other));
        store.close();
        damageRecords("S\002\000\000\000\000\000\001");
        store = MapDbStore.open(files, folder, OPTIONS);
        var recovered = Recovered.of(store);
        assertThat(recovered.bodies(1)).containsExactly("second" + "b".repeat(5000));
        assertThat(store.status().state()).isEqualTo("damaged");
        commit(store, Records.remove(queue, removed));
        commit(store, Records.remove(queue, queue.applied.get(1).position()));
        store.close();

        recovered = reopened("ok");
        assertThat(recovered.bodies(1)).isEmpty();
        assertThat(recovered.bodies(2)).containsExactly("third" + "c".repeat(5000));
    }

    @Test
    void losesNothingWhenMapDbsTableOfRecordsEndsInNowhere() throws IOException {
        crashedWith(300);
        var expected = reopened("ok");
        files.damage(folder.resolve("mapdb-1.db"), 32_864, 0xFF);

        assertThat(reopened("damaged").queues).isEqualTo(expected.queues);
        assertThat(reopened("ok").queues).isEqualTo(expected.queues);
    }

    @Test
    void hasWhatTheJournalHasWhenMapDbsFilesAreGone() throws IOException {
        crashedWith(300);
        reopened("ok");
        for (var file : files.list(folder)) {
            if (file.getFileName().toString().startsWith("mapdb")) {
                files.delete(file);
            }
        }
        assertThat(reopened("damaged").bodies(1))
                .as("what the journal holds, and that it is not all")
                .isEmpty();
    }

    @Test
    void readsNoBlockToOpen() {
        var bodies = crashedWith(300);
        reopened("ok");
        var db = folder.resolve("mapdb-1.db");
        var content = new String(files.bytes(db), StandardCharsets.ISO_8859_1);
        for (int i = 0; i < 300; i++) {
            files.damage(db, content.indexOf("message " + i + " "), 1);
        }
        try (var store = MapDbStore.open(files, folder, OPTIONS)) {
            var recovered = new Recovered(store);
            store.recover(recovered);
            assertThat(store.status().state()).isEqualTo("ok");
            assertThat(recovered.runs.stream()
                            .mapToInt(run -> run.run().positions().length)
                            .sum())
                    .isEqualTo(bodies.size());
        }
    }

    /** All that begin so, former places of them included. */
    private void damageRecords(String head) {
        var db = folder.resolve("mapdb-1.db");
        var content = new String(files.bytes(db), StandardCharsets.ISO_8859_1);
        int found = 0;
        for (int at = content.indexOf(head); at >= 0; at = content.indexOf(head, at + 1)) {
            files.damage(db, at + 30, 1);
            found++;
        }
        assertThat(found).isPositive();
    }

    @Test
    void findsEverythingWithoutRootsOrDirectory() {
        for (var kind : List.of("R", "S")) {
            files = new SimulatedFiles();
            var bodies = crashedWith(300);
            reopened("ok");
            damageRecords(kind + "\002\000\000");

            assertThat(reopened("damaged").bodies(1)).isEqualTo(bodies);
            assertThat(reopened("ok").bodies(1)).isEqualTo(bodies);
        }
    }
}
