package io.turnstone.store.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.turnstone.store.MapDbStore;
import io.turnstone.store.Recovered;
import io.turnstone.store.TestLoop;
import io.turnstone.store.files.DiskFiles;
import io.turnstone.store.files.SimulatedFiles;
import io.turnstone.store.journal.SegmentPool;
import io.turnstone.store.journal.StoreOptions;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("Salvage")
final class SalvageTest {

    private static final QueueDefinitions DEFINITIONS = new TestDefinitions();
    private static final ToolProgress SILENT = (what, done, total) -> {};

    @TempDir
    Path folder;

    private List<String> published = List.of();

    /** A store after a crash, half of it in the journal. */
    private FilledStore.Contents crashed() {
        return crashed(0);
    }

    private FilledStore.Contents crashed(int more) {
        try (var filled = FilledStore.in(folder.resolve("running"))) {
            published = filled.bodies;
            filled.publish(300, 300 + more);
            StoreTools.of(filled.store, DEFINITIONS).orElseThrow().backup(damaged(), SILENT);
            StoreTools.of(filled.store, DEFINITIONS).orElseThrow().backup(folder.resolve("expected"), SILENT);
        }
        return FilledStore.contents(folder.resolve("expected"));
    }

    private Path damaged() {
        return folder.resolve("damaged");
    }

    private StoreFindings salvaged(String to) {
        return StoreTools.of(damaged(), DEFINITIONS).salvage(folder.resolve(to), SILENT);
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

    private List<Path> segments() throws IOException {
        return new DiskFiles()
                .list(damaged()).stream().filter(SegmentPool::isSegment).toList();
    }

    @Test
    void takesTheKeysThatAreWholeAndSaysThatOthersAreLost() throws IOException {
        try (var filled = FilledStore.in(folder.resolve("running"))) {
            filled.publishWithKeys(0, 40);
            StoreTools.of(filled.store, DEFINITIONS).orElseThrow().backup(damaged(), SILENT);
        }
        String name = damageWhere("with a key");

        var found = salvaged("clean");

        assertThat(found.damage()).isNotEmpty().anyMatch(place -> place.contains(name));
        assertThat(FilledStore.keys(folder.resolve("clean")))
                .isEqualTo(IntStream.range(1, 40).mapToObj(FilledStore::key).toList());
    }

    /** When either file of MapDB may count, both say the same. */
    @Test
    void takesAllWhenManifestIsDamagedWhileMapDbsFileIsMadeAnew() throws IOException {
        var running = folder.resolve("running");
        FilledStore.in(running).close();
        var expected = FilledStore.contents(running);
        Files.createDirectories(damaged());
        var left = inTheSwitch(running);
        for (var path : left.list(damaged())) {
            Files.write(path, left.bytes(path));
        }
        assertThat(damaged()).isDirectoryContaining("glob:**/mapdb-1.db").isDirectoryContaining("glob:**/mapdb-2.db");
        Files.writeString(damaged().resolve("MANIFEST"), "turnstone-store 4\nid ");

        assertThatThrownBy(() -> MapDbStore.open(new DiskFiles(), damaged(), FilledStore.SMALL))
                .hasMessageContaining("MANIFEST is damaged: bring what is there to a new folder with 'turnstone store");
        assertThat(salvaged("clean").damage())
                .containsExactly("MANIFEST is damaged or missing; the number of the store was found in its journal");
        assertThat(FilledStore.contents(folder.resolve("clean"))).isEqualTo(expected);
    }

    /** What a kill leaves of a store before the new file counts, under the name of the damaged one. */
    private SimulatedFiles inTheSwitch(Path running) throws IOException {
        var files = new SimulatedFiles();
        for (var path : new DiskFiles().list(running)) {
            try (var file = files.open(path, false)) {
                file.write(ByteBuffer.wrap(Files.readAllBytes(path)), 0);
            }
        }
        var left = new AtomicReference<SimulatedFiles>();
        files.fault((what, path) -> {
            if (what.equals("rename") && path.endsWith("MANIFEST.new")) {
                left.compareAndSet(null, files.afterKill(running, damaged()));
            }
        });
        var always = new StoreOptions(1 << 20, 64 << 10, 2, 5).shrinking(0, 0);
        try (var store = MapDbStore.open(files, running, always)) {
            store.recover(new Recovered(store));
            new TestLoop(0).runUntil(() -> left.get() != null);
        }
        return Objects.requireNonNull(left.get());
    }

    @Test
    void takesAllWhenOnlyMapDbsHeadIsDamaged() throws IOException {
        var expected = crashed();
        var db = damaged().resolve("mapdb-1.db");
        try (var file = new RandomAccessFile(db.toFile(), "rw")) {
            file.write(new byte[4096]);
        }

        assertThat(salvaged("clean").damage())
                .singleElement()
                .asString()
                .contains("mapdb-1.db is damaged where MapDB says how to read it");
        assertThat(FilledStore.contents(folder.resolve("clean"))).isEqualTo(expected);
    }

    /** Flips a bit where a text first stands in the journal; in which file. */
    private String damageWhere(String text) throws IOException {
        for (var segment : segments()) {
            byte[] bytes = Files.readAllBytes(segment);
            int at = new String(bytes, StandardCharsets.ISO_8859_1).indexOf(text);
            if (at >= 0) {
                bytes[at] ^= 1;
                Files.write(segment, bytes);
                return segment.getFileName().toString();
            }
        }
        throw new AssertionError("'" + text + "' is nowhere");
    }

    @Test
    void takesEverythingWhenNothingIsDamaged() throws IOException {
        var expected = crashed();
        var before = bytesOf(damaged());

        assertThat(salvaged("clean").whole()).isTrue();

        assertThat(FilledStore.contents(folder.resolve("clean"))).isEqualTo(expected);
        assertThat(bytesOf(damaged())).isEqualTo(before);
    }

    @Test
    void losesNothingWithTheManifest() throws IOException {
        var expected = crashed();
        Files.delete(damaged().resolve("MANIFEST"));

        assertThat(salvaged("clean").damage()).singleElement().asString().contains("MANIFEST is damaged or missing");
        assertThat(FilledStore.contents(folder.resolve("clean"))).isEqualTo(expected);
        assertThat(damaged().resolve("MANIFEST")).doesNotExist();
    }

    @Test
    void takesWhatTheJournalHasWhenMapDbCannotBeOpened() throws IOException {
        var expected = crashed();
        Files.delete(damaged().resolve("mapdb-1.applied"));
        for (int log = 0; log < 2; log++) {
            try (var redo = new RandomAccessFile(
                    damaged().resolve("mapdb-1.redo-" + log).toFile(), "rw")) {
                redo.seek(64 + 100); // in its first page
                redo.write(0xA5);
            }
        }
        var found = salvaged("clean");

        assertThat(found.damage())
                .anyMatch(place -> place.startsWith("mapdb-1.db cannot be opened"))
                .anyMatch(place -> place.contains("it is called 'recovered-1' here"));
        var clean = FilledStore.contents(folder.resolve("clean"));
        assertThat(expected.orders()).containsAll(clean.orders());
        assertThat(clean.orders()).hasSize(148);
        assertThat(clean.letters()).hasSize(1);
        assertThat(clean.definitions()).contains("queue/recovered-1");
    }

    @Test
    void losesOnlyWhatIsDamagedAndCountsIt() throws IOException {
        var expected = crashed();
        var random = new Random(11);
        var whole = bytesOf(damaged());
        for (int round = 0; round < 30; round++) {
            for (var file : whole.entrySet()) {
                Files.writeString(damaged().resolve(file.getKey()), file.getValue(), StandardCharsets.ISO_8859_1);
            }
            var victims = List.of(segments().get(0), damaged().resolve("mapdb-1.db"));
            damage(victims.get(random.nextInt(2)), random);

            var found = salvaged("clean" + round);

            var clean = FilledStore.contents(folder.resolve("clean" + round));
            int lost = expected.orders().size() - clean.orders().size();
            if (lost != 0 || clean.letters().size() != expected.letters().size()) {
                assertThat(found.damage()).isNotEmpty();
            }
            assertThat(clean.orders().stream().map(SalvageTest::body))
                    .as("round %d: %s", round, found.damage())
                    .isSubsetOf(published);
        }
    }

    /** A flipped bit, a zeroed page, a lost end. */
    private static void damage(Path path, Random random) throws IOException {
        try (var file = new RandomAccessFile(path.toFile(), "rw")) {
            long at = random.nextInt((int) file.length());
            file.seek(at);
            switch (random.nextInt(3)) {
                case 0 -> {
                    int old = file.read();
                    file.seek(at);
                    file.write(old ^ 1 << random.nextInt(8));
                }
                case 1 -> file.write(new byte[(int) Math.min(4096, file.length() - at)]);
                default -> file.setLength(at);
            }
        }
    }

    private static String body(String message) {
        return message.substring(message.indexOf("message "));
    }

    @Test
    void tellsOfSegmentsThatAreMissingOrChangedPlaces() throws IOException {
        var expected = crashed(300);
        var segments = segments();
        var between = damaged().resolve("between");
        Files.move(segments.get(0), between);
        Files.move(segments.get(1), segments.get(0));
        Files.move(between, segments.get(1));
        assertThat(salvaged("swapped").whole()).isTrue(); // each says itself which it is
        assertThat(FilledStore.contents(folder.resolve("swapped"))).isEqualTo(expected);

        Files.delete(segments.get(0)); // where the second is now
        var found = salvaged("clean");
        assertThat(found.damage())
                .contains("1 journal segments before " + segments.get(2).getFileName() + " are missing");
        assertThat(FilledStore.contents(folder.resolve("clean")).orders().stream()
                        .map(SalvageTest::body))
                .isSubsetOf(published);
    }

    @Test
    void refusesAFolderWithNothingToRead() throws IOException {
        crashed();
        for (var path : new DiskFiles().list(damaged())) {
            Files.write(path, new byte[100]);
        }
        assertThatThrownBy(() -> salvaged("clean")).hasMessageContaining("there is no store in " + damaged());
        assertThat(folder.resolve("clean")).doesNotExist();
    }
}
