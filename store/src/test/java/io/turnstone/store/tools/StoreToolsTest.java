package io.turnstone.store.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import io.turnstone.api.store.StoreException;
import io.turnstone.store.MapDbStore;
import io.turnstone.store.Recovered;
import io.turnstone.store.files.DiskFiles;
import io.turnstone.store.journal.SegmentPool;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("Tools for a store")
final class StoreToolsTest {

    private static final QueueDefinitions DEFINITIONS = new TestDefinitions();
    private static final ToolProgress SILENT = (what, done, total) -> {};

    @TempDir
    Path temporary;

    private Path folder = Path.of("");

    @BeforeEach
    void choose() {
        folder = temporary.resolve("store");
    }

    private StoreTools offline() {
        return StoreTools.of(folder, DEFINITIONS);
    }

    private static TreeMap<String, String> bytesOf(Path folder) throws IOException {
        var bytes = new TreeMap<String, String>();
        for (var path : new DiskFiles().list(folder)) {
            if (!path.endsWith("LOCK")) {
                bytes.put(path.getFileName().toString(), Files.readString(path, StandardCharsets.ISO_8859_1));
            }
        }
        return bytes;
    }

    private void flip(Path path, long at) throws IOException {
        try (var file = new RandomAccessFile(path.toFile(), "rw")) {
            file.seek(at);
            int old = file.read();
            file.seek(at);
            file.write(old ^ 1);
        }
    }

    private int find(Path path, String text) throws IOException {
        return Files.readString(path, StandardCharsets.ISO_8859_1).indexOf(text);
    }

    private static void isWhole(StoreFindings found) {
        assertThat(found.damage()).isEmpty();
        assertThat(found.unreferenced()).isZero();
        assertThat(found.queues()).extracting(QueueFigures::name).containsExactly("letters", "orders");
        assertThat(found.queues()).extracting(QueueFigures::messages).containsExactly(2L, 296L);
        assertThat(found.queues()).extracting(QueueFigures::unreadable).containsExactly(0L, 0L);
    }

    @Test
    void findAWholeStoreWholeWhileItRunsAndAfterwards() {
        try (var filled = FilledStore.in(folder)) {
            isWhole(StoreTools.of(filled.store, DEFINITIONS).orElseThrow().verify(SILENT));
            filled.publish(300, 400);
            var orders = StoreTools.of(filled.store, DEFINITIONS)
                    .orElseThrow()
                    .verify(SILENT)
                    .queues()
                    .get(1);
            assertThat(orders.messages()).isEqualTo(396);
            assertThat(orders.inJournal()).isEqualTo(248);
        }
        var found = offline().verify(SILENT);
        assertThat(found.whole()).isTrue();
        assertThat(found.queues().get(1).messages()).isEqualTo(396);
        assertThat(found.queues().get(1).inJournal()).isZero();
        assertThat(found.records()).isPositive();
    }

    @Test
    void changeNothingOfWhatTheyLookAt() throws IOException {
        try (var filled = FilledStore.in(folder)) {
            assertThat(filled.bodies).isNotEmpty();
        }
        var before = bytesOf(folder);

        isWhole(offline().verify(SILENT));
        offline().stats();

        assertThat(bytesOf(folder)).isEqualTo(before);
    }

    /** A file that is opened to be written, as on a medium that is mounted read-only. */
    private static FileChannel readOnly(Path path, OpenOption... options) throws IOException {
        if (Set.of(options).contains(StandardOpenOption.WRITE)) {
            throw new FileSystemException(path.toString(), null, "Read-only file system");
        }
        return FileChannel.open(path, options);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void lookAtAFolderThatCannotBeWrittenAndSaySo(boolean withLock) throws IOException {
        FilledStore.in(folder).close();
        if (!withLock) {
            Files.delete(folder.resolve("LOCK")); // a backup has none
        }
        var before = bytesOf(folder);
        var notes = new ArrayList<String>();
        var tools = StoreTools.of(folder, DEFINITIONS, StoreToolsTest::readOnly, notes::add);

        isWhole(tools.verify(SILENT));
        assertThat(notes)
                .singleElement()
                .isEqualTo(
                        folder + " is on a read-only file system: no broker can use it by this mount, and LOCK is left"
                                + " as it is");
        assertThat(tools.stats().damage()).isEmpty();
        isWhole(tools.export(temporary.resolve("export"), SILENT));
        assertThat(bytesOf(folder)).isEqualTo(before);
        isWhole(offline().verify(SILENT));
    }

    @Test
    void leaveAFolderAloneThatIsWrittenByAnotherMount() throws IOException, InterruptedException {
        FilledStore.in(folder).close();
        var tools = StoreTools.of(folder, DEFINITIONS, StoreToolsTest::readOnly, note -> {});
        var other = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        StoreToolsTest.class.getName(),
                        folder.resolve("LOCK").toString())
                .start();
        assertThat(other.getInputStream().read()).isEqualTo('!');

        assertThatThrownBy(() -> tools.verify(SILENT)).hasMessageContaining("is in use by another Turnstone process");

        other.getOutputStream().close();
        assertThat(other.waitFor()).isZero();
        isWhole(tools.verify(SILENT));
    }

    /** Holds a lock until its input ends. */
    public static void main(String[] arguments) throws IOException {
        try (var channel = FileChannel.open(Path.of(arguments[0]), StandardOpenOption.WRITE);
                var lock = channel.lock()) {
            System.out.print(lock.isValid() ? '!' : '?');
            System.out.flush();
            System.in.read();
        }
    }

    @Test
    void letCommitsAndReadsGoOnWhileTheyLook() {
        try (var filled = FilledStore.in(folder)) {
            var held = filled.store.hold();
            filled.publish(300, 1_200); // more than the window
            long position =
                    filled.orders.applied.get(filled.orders.applied.size() - 1).position();
            assertThat(Recovered.read(filled.store, filled.orders, filled.loop, position))
                    .hasSize(1);
            try (var view = StoreView.of(held, new DamageList())) {
                isWhole(new StoreFindings(
                        new Survey(view, DEFINITIONS, new DamageList(), null, SILENT).queues(),
                        1,
                        0,
                        java.util.List.of(),
                        java.util.List.of()));
            }
            assertThat(filled.store.release()).isTrue();
            assertThat(filled.store.release()).isFalse();
        }
        assertThat(offline().verify(SILENT).queues().get(1).messages()).isEqualTo(1_196);
    }

    @Test
    void refuseAFolderThatIsUsedOrHoldsNoStore() {
        try (var filled = FilledStore.in(folder)) {
            assertThat(filled.bodies).isNotEmpty();
            assertThatThrownBy(() -> offline().stats())
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("is in use by another Turnstone process");
        }
        assertThatThrownBy(() -> StoreTools.of(temporary, DEFINITIONS).stats())
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("there is no store in " + temporary);
        assertThat(temporary.resolve("LOCK")).doesNotExist();
    }

    @Test
    void letGoOfTheFilesWhateverHappens() {
        try (var filled = FilledStore.in(folder)) {
            var tools = StoreTools.of(filled.store, DEFINITIONS).orElseThrow();
            assertThatThrownBy(() -> tools.verify((what, done, total) -> {
                        throw new StackOverflowError();
                    }))
                    .isInstanceOf(StackOverflowError.class);
            assertThatThrownBy(() -> tools.verify((what, done, total) -> {
                        throw new IllegalStateException("nobody listens any more");
                    }))
                    .isInstanceOf(StoreException.class);
            isWhole(tools.verify(SILENT));
        }
    }

    @Test
    void sayThatTheStoreWasClosedMeanwhile() {
        var filled = FilledStore.in(folder);
        var tools = StoreTools.of(filled.store, DEFINITIONS).orElseThrow();
        assertThatThrownBy(() -> tools.verify((what, done, total) -> filled.close()))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("stopped meanwhile");
    }

    @Test
    void areNotAvailableTwiceOrForAStoreThatIsClosed() {
        try (var filled = FilledStore.in(folder)) {
            filled.store.hold();
            assertThatThrownBy(filled.store::hold).hasMessageContaining("another tool is looking at the store");
        }
        var filled = new FilledStore(folder);
        filled.close();
        assertThatThrownBy(filled.store::hold).hasMessageContaining("is closed or failed");
    }

    @Test
    void tellWhatAStoreConsistsOf() {
        try (var filled = FilledStore.in(folder)) {
            var stats = StoreTools.of(filled.store, DEFINITIONS).orElseThrow().stats();
            assertThat(stats.format()).isEqualTo(4);
            assertThat(stats.files()).containsKeys("MANIFEST", "mapdb-1.db", "OPEN");
            assertThat(stats.segments()).isNotEmpty().allMatch(segment -> segment.bytes() > 0);
            assertThat(stats.segments().stream().mapToLong(SegmentFigures::live).sum())
                    .isEqualTo(149);
            assertThat(stats.queues()).extracting(QueueFigures::inJournal).containsExactly(1L, 148L);
            assertThat(stats.freeBytes()).isNotNegative();
            assertThat(stats.damage()).isEmpty();
        }
    }

    @Test
    void nameADamagedMessageInMapDb() throws IOException {
        FilledStore.in(folder).close();
        var db = folder.resolve("mapdb-1.db");
        flip(db, find(db, "message 40 "));

        var found = offline().verify(SILENT);

        assertThat(found.damage())
                .anyMatch(line -> line.matches("MapDB record \\d+ is damaged \\(mapdb-1.db at \\d+\\): queue 1 lost.*"))
                .anyMatch(line -> line.matches("queue 'orders': \\d+ of 296 messages cannot be read"));
        assertThat(found.queues().get(1).unreadable()).isBetween(1L, 64L);
    }

    @Test
    void nameADamagedPlaceInTheJournal() throws IOException {
        try (var filled = FilledStore.in(folder)) {
            filled.publish(300, 600);
            StoreTools.of(filled.store, DEFINITIONS).orElseThrow().backup(temporary.resolve("crashed"), SILENT);
        }
        folder = temporary.resolve("crashed");
        var segments = new DiskFiles()
                .list(folder).stream().filter(SegmentPool::isSegment).toList();
        flip(segments.get(0), find(segments.get(0), "message 16") + 3);

        assertThat(offline().verify(SILENT).damage())
                .anyMatch(line -> line.matches(segments.get(0).getFileName() + ": bytes \\d+ to \\d+ are damaged.*"));

        Files.delete(segments.get(1));
        assertThat(offline().verify(SILENT).damage()).anyMatch(line -> line.contains("1 journal segments before"));
    }

    @Test
    void backUpARunningStoreAndRestoreIt() {
        var backup = temporary.resolve("backup");
        FilledStore.Contents expected;
        try (var filled = FilledStore.in(folder)) {
            StoreTools.of(filled.store, DEFINITIONS).orElseThrow().backup(backup, SILENT);
            filled.publish(300, 310);
        }
        StoreTools.restore(backup, temporary.resolve("restored"), SILENT);
        expected = FilledStore.contents(temporary.resolve("restored"));
        assertThat(expected.orders()).hasSize(296);
        assertThat(expected.letters()).hasSize(2).allMatch(message -> message.contains("died"));
        assertThat(FilledStore.contents(backup)).isEqualTo(expected);

        assertThatThrownBy(() -> StoreTools.restore(backup, temporary.resolve("again"), SILENT))
                .hasMessageContaining("there is no backup in"); // a store was opened on it
        assertThat(temporary.resolve("again")).doesNotExist();
    }

    @Test
    void backUpAStoreThatNobodyUses() {
        FilledStore.in(folder).close();
        offline().backup(temporary.resolve("backup"), SILENT);
        StoreTools.restore(temporary.resolve("backup"), temporary.resolve("restored"), SILENT);

        assertThat(FilledStore.contents(temporary.resolve("restored"))).isEqualTo(FilledStore.contents(folder));
    }

    @Test
    void overwriteNothing() throws IOException {
        FilledStore.in(folder).close();
        var full = Files.createDirectory(temporary.resolve("full"));
        Files.writeString(full.resolve("note"), "mine");

        assertThatThrownBy(() -> offline().backup(full, SILENT)).hasMessageContaining("is not empty");
        offline().backup(temporary.resolve("backup"), SILENT);
        assertThatThrownBy(() -> StoreTools.restore(temporary.resolve("backup"), full, SILENT))
                .hasMessageContaining("is not empty");
        assertThat(full).isDirectoryNotContaining(path -> !path.endsWith("note"));
    }

    @Test
    void compareABackupWithItsList() throws IOException {
        FilledStore.in(folder).close();
        var backup = temporary.resolve("backup");
        offline().backup(backup, SILENT);
        var tools = StoreTools.of(backup, DEFINITIONS);
        isWhole(tools.verify(SILENT));

        var used = temporary.resolve("used");
        offline().backup(used, SILENT);
        try (var store = MapDbStore.open(new DiskFiles(), used, FilledStore.SMALL)) {
            Recovered.of(store);
        }
        isWhole(StoreTools.of(used, DEFINITIONS).verify(SILENT));

        Path db = backup.resolve("mapdb-1.db");
        flip(db, Files.size(db) - 1); // where nothing lives, so that no record tells
        assertThat(tools.verify(SILENT).damage()).containsExactly(db + " is not what the backup wrote");
        Files.delete(backup.resolve("mapdb-1.redo-0"));
        assertThat(tools.verify(SILENT).damage()).hasSize(2).anyMatch(place -> place.contains("is missing"));
        flip(backup.resolve("BACKUP"), 30);
        assertThat(tools.verify(SILENT).damage()).singleElement(STRING).contains("the list of the backup");
    }

    @Test
    void refuseABackupThatWasInterruptedOrDamaged() throws IOException {
        FilledStore.in(folder).close();
        var backup = temporary.resolve("backup");
        assertThatThrownBy(() -> offline().backup(backup, (what, done, total) -> {
                    throw new IllegalStateException("interrupted");
                }))
                .hasMessage("interrupted");
        assertThatThrownBy(() -> StoreTools.restore(backup, temporary.resolve("restored"), SILENT))
                .hasMessageContaining("was interrupted");
        assertThatThrownBy(() -> MapDbStore.open(new DiskFiles(), backup, FilledStore.SMALL))
                .hasMessageContaining("MANIFEST is missing");
        assertThatThrownBy(() -> StoreTools.restore(folder, temporary.resolve("restored"), SILENT))
                .hasMessageContaining("there is no backup in");

        var good = temporary.resolve("good");
        offline().backup(good, SILENT);
        flip(good.resolve("BACKUP"), 30);
        assertThatThrownBy(() -> StoreTools.restore(good, temporary.resolve("restored"), SILENT))
                .hasMessageContaining("is damaged");
    }
}
