package io.turnstone.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.api.Body;
import io.turnstone.api.store.MessageKey;
import io.turnstone.api.store.MessageStore;
import io.turnstone.api.store.StoredRun;
import io.turnstone.store.files.DiskFiles;
import io.turnstone.store.files.Manifest;
import io.turnstone.store.journal.StoreOptions;
import io.turnstone.store.spool.SpooledFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On folders that former versions left, with every kind of record that they knew. */
@DisplayName("A store of format 3")
final class FormatTest {

    private static final StoreOptions OPTIONS = new StoreOptions(64 << 10, 16 << 10, 1, 3_600_000);

    @TempDir
    Path folder;

    /** Closed once, then used again and killed. */
    @BeforeEach
    void unpack() throws IOException {
        try (var zip =
                new ZipInputStream(Objects.requireNonNull(FormatTest.class.getResourceAsStream("/format-3.zip")))) {
            for (var entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                Path file = folder.resolve(entry.getName()).normalize();
                Files.createDirectories(Objects.requireNonNull(file.getParent()));
                Files.write(file, zip.readAllBytes());
            }
        }
    }

    @Test
    void opensWithAllItHolds() throws IOException {
        assertHeld();
        assertHeld();
    }

    /** The last commit of MapDB is applied again. */
    @Test
    void opensAfterACrashInTheMiddleOfACommit() throws IOException {
        Files.write(folder.resolve("mapdb-1.applied"), new byte[8192]);
        assertHeld();
    }

    @Test
    void isRefusedByTheVersionThatWroteItOnceItWasOpened() throws IOException {
        var files = new DiskFiles();
        var before = Manifest.read(files, folder);
        assertThat(before.format()).isEqualTo(3);

        assertHeld();

        assertThat(Manifest.read(files, folder)).isEqualTo(new Manifest(before.storeId(), 1, 4));
        assertThat(folder.resolve("MANIFEST")).content().startsWith("turnstone-store 4\nid ");
    }

    private void assertHeld() throws IOException {
        try (var store = MapDbStore.open(new DiskFiles(), folder, OPTIONS)) {
            var found = new Found();
            store.recover(found);
            assertThat(store.status().state()).isEqualTo("ok");
            assertThat(found.definitions).isEqualTo(Map.of("life 0", "value 0", "life 100", "value 100"));
            assertThat(found.keys)
                    .hasSize(42)
                    .contains(new MessageKey(1, 119, ~119, 1119, Long.MAX_VALUE, 100))
                    .contains(new MessageKey(1, 1100, ~1100, 2100, Long.MAX_VALUE, 100));
            assertThat(bodies(store, 1, found)).isEqualTo(expected());
            assertThat(bodies(store, 2, found))
                    .containsOnlyKeys(
                            "body 4", "body 104", "spooled 0" + "y".repeat(3000), "spooled 100" + "y".repeat(3000))
                    .containsEntry("body 4", "moved 0")
                    .containsEntry("body 104", "moved 100");
        }
    }

    /** Overlays by body: of twenty messages the first was removed, the third amended, the fifth moved. */
    private static Map<String, String> expected() {
        var expected = new TreeMap<String, String>();
        for (int from : List.of(0, 100)) {
            for (int i = from + 1; i < from + 20; i++) {
                expected.put("body " + i + (i % 7 == 0 ? "x".repeat(5000) : ""), "overlay " + i);
            }
            expected.put("body " + (from + 2), "amended " + from);
            expected.remove("body " + (from + 4));
            expected.put("entered " + from, "o");
        }
        return expected;
    }

    private static Map<String, String> bodies(MessageStore store, int queue, Found found) throws IOException {
        var loop = new TestLoop(0);
        var bodies = new TreeMap<String, String>();
        for (var run : found.runs.getOrDefault(queue, List.of())) {
            for (var message : Recovered.read(store, new TestQueue(queue, loop), loop, run.positions())) {
                String overlay = new String(message.overlay(), StandardCharsets.UTF_8);
                assertThat(bodies.put(text(message.body()), overlay)).isNull();
            }
        }
        return bodies;
    }

    private static String text(Body body) throws IOException {
        if (body instanceof Body.Spooled spooled) {
            try (var file = ((SpooledFile) spooled.file()).open()) {
                return new String(file.readAllBytes(), StandardCharsets.UTF_8);
            }
        }
        var inline = (Body.Inline) body;
        return Records.text(inline.array(), inline.offset(), inline.size());
    }

    private static final class Found implements MessageStore.Recovery {
        private final Map<String, String> definitions = new TreeMap<>();
        private final List<MessageKey> keys = new ArrayList<>();
        private final Map<Integer, List<StoredRun>> runs = new TreeMap<>();

        @Override
        public void definition(String kind, String name, byte[] value) {
            definitions.put(name, new String(value, StandardCharsets.UTF_8));
        }

        @Override
        public void key(long position, MessageKey key) {
            keys.add(key);
        }

        @Override
        public void run(int queueId, int level, StoredRun run) {
            runs.computeIfAbsent(queueId, id -> new ArrayList<>()).add(run);
        }

        @Override
        public void done(boolean clean) {
            assertThat(definitions).isNotEmpty();
        }
    }
}
