package io.turnstone.store.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.api.store.StoreException;
import io.turnstone.api.store.StoreRecord;
import io.turnstone.store.MapDbStore;
import io.turnstone.store.Records;
import io.turnstone.store.Recovered;
import io.turnstone.store.TestLoop;
import io.turnstone.store.TestQueue;
import io.turnstone.store.files.Checksum;
import io.turnstone.store.files.SimulatedFiles;
import io.turnstone.store.files.StoreFolder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("A dropped queue")
final class DroppedQueueTest {

    private static final StoreOptions OPTIONS = new StoreOptions(1 << 20, 16 << 10, 2, 3_600_000);

    @TempDir
    Path folder;

    private final SimulatedFiles files = new SimulatedFiles();
    private final TestLoop loop = new TestLoop(0);
    private final TestQueue dropped = new TestQueue(1, loop);
    private final TestQueue kept = new TestQueue(2, loop);

    private void submitAll(MapDbStore store, StoreRecord... records) {
        loop.submitAll(store, List.of(records));
    }

    @Test
    void doesNotComeBackByRecordsThatAreLoggedBehindItsDrop() throws IOException {
        var store = MapDbStore.open(files, folder, OPTIONS);
        Recovered.of(store);
        submitAll(store, Records.enqueue("stays", "", dropped, kept), Records.enqueue("moves", "", kept));
        long moved = kept.applied.get(1).position();
        submitAll(
                store,
                new StoreRecord.Drop(dropped),
                Records.enqueue("late", "", dropped),
                Records.enqueue("late for one", "", dropped, kept),
                Records.amend(dropped, 1, "late"),
                Records.remove(dropped, 1),
                Records.move(kept, moved, "", dropped),
                new StoreRecord.Drop(dropped));
        submitAll(store, Records.enqueue("later", "", dropped));
        var place = folder.resolve("after");
        var after = files.afterCrash(new Random(1), folder, place);
        try (var other = MapDbStore.open(after, place, OPTIONS)) {
            assertKept(Recovered.of(other));
        }
        store.close();
        try (var again = MapDbStore.open(files, folder, OPTIONS)) {
            assertKept(Recovered.of(again));
            assertThat(again.status().state()).isEqualTo("ok");
        }
    }

    @Test
    void takesAMoveWithItThatIsLoggedBehindItsDrop() {
        var failures = new ArrayList<StoreException>();
        try (var store = MapDbStore.open(files, folder, OPTIONS)) {
            Recovered.of(store);
            submitAll(store, Records.enqueue("gone", "", dropped));
            store.submit(new StoreRecord.Drop(dropped), loop, null);
            store.submit(Records.move(dropped, 1, "", kept), loop, (position, failure) -> failures.add(failure));
            loop.runUntil(() -> !failures.isEmpty());
        }
        assertThat(failures.get(0)).hasMessageContaining("queue 1 was dropped with all its messages");
        assertThat(kept.applied).as("what no restart would find").isEmpty();
        try (var again = MapDbStore.open(files, folder, OPTIONS)) {
            assertThat(Recovered.of(again).queues).isEmpty();
        }
    }

    private static void assertKept(Recovered recovered) {
        assertThat(recovered.queues).containsOnlyKeys(2);
        assertThat(recovered.bodies(2)).containsExactly("stays", "late for one");
    }

    @Test
    void doesNotComeBackByAJournalThatNamesItAfterwards() throws IOException {
        MapDbStore.open(files, folder, OPTIONS).close();
        long storeId;
        try (var opened = StoreFolder.open(files, folder)) {
            storeId = opened.manifest.storeId();
        }
        write(
                storeId,
                Records.enqueue("stays", "", kept),
                Records.enqueue("gone", "", dropped, kept),
                new StoreRecord.Drop(dropped),
                Records.enqueue("late", "", dropped),
                Records.move(kept, 2, "", dropped));
        var crashed = files.afterCrash(new Random(2), folder, folder.resolve("after"));
        for (int i = 0; i < 2; i++) {
            try (var store = MapDbStore.open(crashed, folder.resolve("after"), OPTIONS)) {
                assertThat(Recovered.of(store).queues).containsOnlyKeys(2);
            }
        }
    }

    /** The first segment of a journal, every record a group. */
    private void write(long storeId, StoreRecord... records) throws IOException {
        var sum = Checksum.ofSegment(storeId, 1);
        var encoder = new RecordEncoder();
        var bytes = ByteBuffer.allocate(OPTIONS.segmentBytes());
        new JournalFormat.SegmentHeader(storeId, 1, 1, 0).write(bytes);
        bytes.position(JournalFormat.SEGMENT_HEADER);
        for (int i = 0; i < records.length; i++) {
            int from = bytes.position();
            bytes.position(from + JournalFormat.GROUP_HEADER);
            encoder.encode(records[i], i + 1, bytes, sum);
            new JournalFormat.GroupHeader(i + 1, i, 1).write(bytes, from, bytes.position() - from, sum);
        }
        files.open(SegmentPool.segmentPath(folder, 1), true).write(bytes.clear(), 0);
    }
}
