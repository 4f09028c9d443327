package io.turnstone.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.api.store.StoreException;
import io.turnstone.api.store.StoreRecord;
import io.turnstone.store.files.SimulatedFiles;
import io.turnstone.store.journal.SegmentPool;
import io.turnstone.store.journal.StoreOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("A store whose disk fails")
final class FullDiskTest {

    private static final StoreOptions OPTIONS = new StoreOptions(1 << 20, 16 << 10, 2, 3_600_000);

    @TempDir
    Path folder;

    private final SimulatedFiles files = new SimulatedFiles();
    private final TestLoop loop = new TestLoop(0);
    private final TestQueue queue = new TestQueue(1, loop);
    private final List<String> kept = new ArrayList<>();

    /** Submits and waits for the answer; the failure or null. */
    private @Nullable StoreException submit(MapDbStore store, StoreRecord record) {
        var answered = new AtomicBoolean();
        var failed = new ArrayList<StoreException>();
        store.submit(record, loop, (position, failure) -> {
            answered.set(true);
            if (failure != null) {
                failed.add(failure);
            } else if (record instanceof StoreRecord.Enqueue enqueue) {
                kept.add((String) enqueue.payload());
            }
        });
        loop.runUntil(answered::get);
        return failed.isEmpty() ? null : failed.get(0);
    }

    private List<String> afterCrash() {
        var place = folder.resolve("after");
        try (var other = MapDbStore.open(files.afterCrash(new Random(5), folder, place), place, OPTIONS)) {
            return Recovered.of(other).bodies(1);
        }
    }

    @Test
    void refusesPublishesAndKeepsSettlementsPossibleUntilSpaceReturns() {
        var store = MapDbStore.open(files, folder, OPTIONS);
        Recovered.of(store);
        for (int i = 0; i < 100; i++) {
            assertThat(submit(store, Records.enqueue("m" + i + "x".repeat(400), "", queue)))
                    .isNull();
        }
        loop.runUntil(() -> store.status().journalBytes() >= 5L * OPTIONS.segmentBytes());
        files.fault(noSpaceForNewBytes());
        int number = 1000;
        StoreException refused = null;
        while (refused == null) {
            refused = submit(store, Records.enqueue("m" + number++ + "x".repeat(400), "", queue));
        }

        assertThat(refused).hasMessageContaining("the disk is full");
        assertThat(store.status().state()).isEqualTo("full");
        for (int i = 0; i < 20; i++) {
            long position = queue.applied.get(i).position();
            assertThat(submit(store, Records.remove(queue, position))).isNull();
            kept.remove(0);
        }
        assertThat(submit(store, Records.enqueue("refused", "", queue))).isNotNull();
        assertThat(submit(store, new StoreRecord.Drop(new TestQueue(2, loop)))).isNull();

        files.fault((what, path) -> {});
        loop.runUntil(() -> store.status().state().equals("ok"));
        assertThat(submit(store, Records.enqueue("again", "", queue))).isNull();
        assertThat(afterCrash()).isEqualTo(kept);
        store.close();
    }

    @Test
    void staysFullWhereThereIsNoBlockToCutTheJournalBackWith() {
        var store = MapDbStore.open(files, folder, OPTIONS);
        Recovered.of(store);
        assertThat(submit(store, Records.enqueue("safe", "", queue))).isNull();
        files.fault((what, path) -> {
            if (what.equals("write")) {
                throw new IOException("No space left on device");
            }
        });

        assertThat(submit(store, Records.enqueue("refused", "", queue))).hasMessageContaining("the disk is full");
        assertThat(store.status().state()).isEqualTo("full");

        files.fault((what, path) -> {});
        loop.runUntil(() -> store.status().state().equals("ok"));
        assertThat(submit(store, Records.enqueue("again", "", queue))).isNull();
        assertThat(afterCrash()).containsExactly("safe", "again");
        store.close();
    }

    @Test
    void deletesASegmentThatItHasNoRoomToOverwrite() {
        var options = new StoreOptions(1 << 20, 16 << 10, 2, 5);
        var store = MapDbStore.open(files, folder, options);
        Recovered.of(store);
        for (int i = 0; i < 60; i++) {
            assertThat(submit(store, Records.enqueue("m" + i + "x".repeat(400), "", queue)))
                    .isNull();
        }
        var oldest = SegmentPool.segmentPath(folder, 1);
        files.fault((what, path) -> {
            if (what.equals("write") && path.equals(oldest)) { // copy-on-write file systems do that
                throw new IOException("No space left on device");
            }
        });
        long[] all =
                queue.applied.stream().mapToLong(TestQueue.Applied::position).toArray();
        assertThat(submit(store, Records.remove(queue, all))).isNull();
        loop.runUntil(() -> !files.list(folder).contains(oldest));

        assertThat(submit(store, Records.enqueue("goes on", "", queue))).isNull();
        kept.clear();
        kept.add("goes on");
        assertThat(afterCrash()).isEqualTo(kept);
        assertThat(store.status().state()).isEqualTo("ok");
        store.close();
    }

    /** Blocks that exist can be written again; new ones cannot be had. */
    private SimulatedFiles.Fault noSpaceForNewBytes() {
        var sizes = new java.util.HashMap<Path, Integer>();
        for (var path : files.list(folder)) {
            sizes.put(path, files.bytes(path).length);
        }
        return (what, path) -> {
            if (what.equals("write")) {
                boolean spare = path.getFileName().toString().startsWith("spare") && sizes.containsKey(path);
                boolean segment = path.getFileName().toString().startsWith("journal") && fits(path);
                if (!spare && !segment) {
                    throw new IOException("No space left on device");
                }
            }
        };
    }

    private boolean fits(Path path) {
        return files.bytes(path).length >= OPTIONS.segmentBytes() / 2;
    }

    @Test
    void getsOutOfItWithWhatItKeptInReserve() {
        var options = new StoreOptions(1 << 20, 256 << 10, 2, 3_600_000);
        var store = MapDbStore.open(files, folder, options);
        Recovered.of(store);
        files.capacity(5 << 20);
        String body = "x".repeat(2000);
        int number = 0;
        StoreException refused = null;
        while (refused == null) {
            refused = submit(store, Records.enqueue(number++ + body, "", queue));
            if (number == options.segmentBytes() / body.length()) {
                loop.runUntil(() -> spares(options) >= 3);
            }
        }
        assertThat(refused).hasMessageContaining("the disk is full");
        loop.runUntil(() -> !store.congested()); // publishers are told, not kept waiting
        while (!kept.isEmpty()) {
            var settled = kept.subList(0, Math.min(16, kept.size()));
            long[] positions = settled.stream().mapToLong(this::position).toArray();
            assertThat(submit(store, Records.remove(queue, positions)))
                    .as("with %d left", kept.size())
                    .isNull();
            settled.clear();
        }
        loop.runUntil(() -> store.status().state().equals("ok"));
        assertThat(submit(store, Records.enqueue("again", "", queue))).isNull();
        assertThat(afterCrash()).isEqualTo(kept);
        store.close();
        assertThat(store.status().state()).isEqualTo("ok");
    }

    private long spares(StoreOptions options) {
        return files.list(folder).stream()
                .filter(path -> path.getFileName().toString().startsWith("spare"))
                .filter(path -> files.bytes(path).length == options.segmentBytes())
                .count();
    }

    private long position(String body) {
        for (var each : queue.applied) {
            if (each.record() instanceof StoreRecord.Enqueue enqueue
                    && enqueue.payload().equals(body)) {
                return each.position();
            }
        }
        throw new AssertionError("not applied: " + body);
    }

    @Test
    void followsTheJournalWhileItWaitsForRoom() {
        var options = new StoreOptions(64 << 10, 16 << 10, 2, 3_600_000);
        var store = MapDbStore.open(files, folder, options);
        Recovered.of(store);
        files.fault((what, path) -> {
            if (what.equals("write") && path.getFileName().toString().startsWith("mapdb")) {
                throw new IOException("No space left on device");
            }
        });
        StoreException refused = null;
        for (int i = 0; refused == null; i++) {
            refused = submit(store, Records.enqueue("m" + i + "x".repeat(400), "", queue));
        }
        var other = new TestQueue(2, loop);
        for (int i = 0; i < 60; i++) { // of what waits for MapDB and of what does not
            long position = position(kept.get(i < 30 ? 0 : kept.size() - 1));
            kept.remove(i < 30 ? 0 : kept.size() - 1);
            boolean moving = i % 3 == 0;
            assertThat(submit(
                            store,
                            moving ? Records.move(queue, position, "moved", other) : Records.remove(queue, position)))
                    .isNull();
        }
        files.fault((what, path) -> {});
        loop.runUntil(() -> store.status().state().equals("ok"));
        assertThat(afterCrash()).isEqualTo(kept);
        store.close();
        try (var again = MapDbStore.open(files, folder, options)) {
            var recovered = Recovered.of(again);
            assertThat(recovered.bodies(1)).isEqualTo(kept);
            assertThat(recovered.queue(2))
                    .hasSize(20)
                    .allMatch(message -> message.overlay().equals("moved"));
            assertThat(again.status().state()).isEqualTo("ok");
        }
    }

    @Test
    void isClosedForWritingWhenAForceFindsNoRoom() {
        var store = MapDbStore.open(files, folder, new StoreOptions(1 << 20, 16 << 10, 2, 5));
        Recovered.of(store);
        files.fault((what, path) -> {
            if (what.equals("force") && path.getFileName().toString().startsWith("mapdb")) {
                throw new IOException("No space left on device");
            }
        });
        assertThat(submit(store, Records.enqueue("kept", "", queue))).isNull();
        loop.runUntil(() -> store.status().state().equals("failed"));
        files.fault((what, path) -> {});
        assertThat(submit(store, Records.enqueue("lost", "", queue))).hasMessageContaining("closed for writing");
        store.close();
        assertThat(afterCrash()).containsExactly("kept");
    }

    @Test
    void isClosedForWritingAfterAnError() {
        var store = MapDbStore.open(files, folder, OPTIONS);
        Recovered.of(store);
        assertThat(submit(store, Records.enqueue("before", "", queue))).isNull();
        files.fault((what, path) -> {
            if (what.equals("write")) {
                throw new IOException("Input/output error");
            }
        });
        var failure = submit(store, Records.enqueue("lost", "", queue));
        assertThat(failure).hasMessageContaining("closed for writing");
        files.fault((what, path) -> {});

        assertThat(submit(store, Records.unwritten("also lost", queue))).isSameAs(failure);
        assertThat(submit(store, Records.remove(queue, queue.applied.get(0).position())))
                .isSameAs(failure);
        assertThat(queue.applied).hasSize(1);
        assertThat(store.status().state()).isEqualTo("failed");
        store.close();
        assertThat(afterCrash()).containsExactly("before");
    }
}
