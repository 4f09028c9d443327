package io.turnstone.store.tools;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.api.store.StoreRecord;
import io.turnstone.store.MapDbStore;
import io.turnstone.store.Records;
import io.turnstone.store.Recovered;
import io.turnstone.store.SpooledBodies;
import io.turnstone.store.TestLoop;
import io.turnstone.store.TestQueue;
import io.turnstone.store.files.DiskFiles;
import io.turnstone.store.spool.SpoolFolder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("Tools for a store with bodies in files")
final class SpoolToolsTest {

    private static final ToolProgress SILENT = (what, done, total) -> {};

    @TempDir
    Path temporary;

    private final byte[] bytes = new byte[700_000];
    private Path folder = Path.of("");

    @BeforeEach
    void choose() {
        folder = temporary.resolve("store");
        new Random(1).nextBytes(bytes);
    }

    /** A store with one message in two queues. */
    private FilledStore filled() {
        var store = new FilledStore(folder);
        store.commit(new StoreRecord.Define("queue", "orders", TestDefinitions.queue(1, "o")));
        store.commit(new StoreRecord.Define("queue", "letters", TestDefinitions.queue(2, "l")));
        var body = SpooledBodies.write(store.store, store.loop, bytes);
        store.commit(SpooledBodies.enqueue(body, store.orders, store.letters));
        return store;
    }

    private static long position(FilledStore store) {
        return store.orders.applied.get(0).position();
    }

    private List<Path> bodies() throws IOException {
        return new DiskFiles().list(folder.resolve(SpoolFolder.NAME));
    }

    private StoreFindings verified() {
        return StoreTools.of(folder, new TestDefinitions()).verify(SILENT);
    }

    @Test
    void readThemToo() throws IOException {
        try (var store = filled()) {
            assertThat(StoreTools.of(store.store, new TestDefinitions())
                            .orElseThrow()
                            .verify(SILENT)
                            .damage())
                    .isEmpty();
        }
        assertThat(verified().damage()).isEmpty();
        try (var file = new DiskFiles().open(bodies().get(0), false)) {
            file.write(ByteBuffer.wrap(new byte[] {(byte) (bytes[600_000] ^ 1)}), 600_000);
        }

        assertThat(verified().damage()).first().asString().contains("is not what was written");
        assertThat(verified().queues()).extracting(QueueFigures::unreadable).containsExactly(1L, 1L);
        assertThat(bodies()).hasSize(1);
    }

    @Test
    void nameThoseThatAreKeptAsideAndCopyThemNowhere() throws IOException {
        filled().close();
        var aside = folder.resolve(SpoolFolder.NAME).resolve("unnamed-00000000000000ff.body");
        Files.write(aside, new byte[3]);

        assertThat(verified().aside()).containsExactly("spool/unnamed-00000000000000ff.body");
        assertThat(verified().damage()).isEmpty();

        folder = temporary.resolve("backup");
        StoreTools.of(aside.getParent().getParent(), new TestDefinitions()).backup(folder, SILENT);
        assertThat(bodies()).hasSize(1);
        assertThat(verified().aside()).isEmpty();
    }

    @Test
    void backThemUpAndRestoreThem() {
        var backup = temporary.resolve("backup");
        long position;
        try (var store = filled()) {
            position = position(store);
            StoreTools.of(store.store, new TestDefinitions()).orElseThrow().backup(backup, SILENT);
        }
        folder = temporary.resolve("restored");
        StoreTools.restore(backup, folder, SILENT);

        assertThat(verified().damage()).isEmpty();
        var loop = new TestLoop(0);
        try (var restored = MapDbStore.open(new DiskFiles(), folder, FilledStore.SMALL)) {
            restored.recover(new Recovered(restored));
            assertThat(SpooledBodies.read(restored, loop, new TestQueue(1, loop), position))
                    .isEqualTo(bytes);
        }
    }

    /** What the queues of a store hold. */
    private List<byte[]> contents(Path of) {
        var loop = new TestLoop(0);
        var found = new ArrayList<byte[]>();
        try (var store = MapDbStore.open(new DiskFiles(), of, FilledStore.SMALL)) {
            var recovered = new Recovered(store);
            store.recover(recovered);
            assertThat(store.status().state()).isEqualTo("ok");
            for (var run : recovered.runs) {
                var queue = new TestQueue(run.queue(), loop);
                found.add(SpooledBodies.read(store, loop, queue, run.run().positions()[0]));
            }
        }
        return found;
    }

    @Test
    void exportAndImportThem() {
        filled().close();
        var file = temporary.resolve("export.gz");
        assertThat(StoreTools.of(folder, new TestDefinitions())
                        .export(file, SILENT)
                        .damage())
                .isEmpty();

        var target = temporary.resolve("imported");
        assertThat(StoreTools.importInto(target, file, new TestDefinitions(), SILENT))
                .isEqualTo(2);

        assertThat(contents(target)).containsExactly(bytes, bytes);
    }

    @Test
    void salvageThemIfTheyAreWhole() throws IOException {
        try (var store = filled()) {
            var other = SpooledBodies.write(store.store, store.loop, new byte[300_000]);
            store.commit(SpooledBodies.enqueue(other, store.orders));
        }
        try (var file = new DiskFiles().open(bodies().get(1), false)) {
            file.write(ByteBuffer.wrap(new byte[] {1}), 200_000);
        }

        var target = temporary.resolve("clean");
        var found = StoreTools.of(folder, new TestDefinitions()).salvage(target, SILENT);

        assertThat(found.damage()).first().asString().contains("is not what was written");
        assertThat(contents(target)).containsExactly(bytes, bytes);
    }

    @Test
    void keepThemAsLongAsTheyLook() throws IOException {
        try (var store = filled()) {
            var held = store.store.hold();
            assertThat(held.lengths()).containsEntry(bodies().get(0), 700_000L);
            store.commit(Records.remove(store.orders, position(store)));
            store.commit(Records.remove(store.letters, position(store)));
            long next = SpooledBodies.write(store.store, store.loop, new byte[1000])
                    .file()
                    .number();
            assertThat(Recovered.read(store.store, store.orders, store.loop, position(store)))
                    .isEmpty();

            assertThat(bodies()).hasSize(2);
            store.store.release();
            store.loop.runUntil(() -> {
                try {
                    return bodies().stream().allMatch(path -> path.toString().contains(Long.toHexString(next)));
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
        }
    }
}
