package io.turnstone.store.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.turnstone.api.store.Marks;
import io.turnstone.api.store.StoreException;
import io.turnstone.api.store.StoreRecord;
import io.turnstone.store.Records;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("An export")
final class ExportTest {

    private static final QueueDefinitions DEFINITIONS = new TestDefinitions();
    private static final ToolProgress SILENT = (what, done, total) -> {};

    @TempDir
    Path folder;

    private Path store() {
        return folder.resolve("store");
    }

    private Path file(String name) {
        return folder.resolve(name);
    }

    private static long imported(Path store, Path file) {
        return StoreTools.importInto(store, file, DEFINITIONS, SILENT);
    }

    private static StoreFindings exported(Path store, Path file) {
        return StoreTools.of(store, DEFINITIONS).export(file, SILENT);
    }

    @Test
    void comesBackByteForByte() throws IOException {
        try (var filled = FilledStore.in(store())) {
            filled.commit(Records.enqueue("large" + "z".repeat(3 << 20), "", filled.orders));
        }
        var expected = FilledStore.contents(store());
        for (var name : List.of("all.ndjson", "all.ndjson.gz")) {
            assertThat(exported(store(), file(name)).whole()).isTrue();
            assertThat(imported(file("from-" + name), file(name))).isEqualTo(299);
            assertThat(FilledStore.contents(file("from-" + name))).isEqualTo(expected);
        }
        assertThat(Files.size(file("all.ndjson.gz"))).isLessThan(Files.size(file("all.ndjson")) / 5);
    }

    @Test
    void bringsAlongByWhatQueuesKnowMessagesAgain() throws IOException {
        try (var first = FilledStore.in(store())) {
            first.publishWithKeys(0, 30);
        }
        Path running = file("crashed");
        try (var second = new FilledStore(store())) {
            second.publishWithKeys(30, 50);
            StoreTools.of(second.store, DEFINITIONS).orElseThrow().backup(running, SILENT);
        }
        var expected = IntStream.range(0, 50).mapToObj(FilledStore::key).toList();

        var found = exported(running, file("all.ndjson"));
        assertThat(found.queues()).extracting(QueueFigures::keys).containsExactly(0L, 50L);
        imported(file("again"), file("all.ndjson"));
        assertThat(FilledStore.keys(file("again"))).isEqualTo(expected);
        StoreTools.of(running, DEFINITIONS).salvage(file("clean"), SILENT);
        assertThat(FilledStore.keys(file("clean"))).isEqualTo(expected);
        assertThat(FilledStore.keys(running)).as("of a backup").isEqualTo(expected);
    }

    @Test
    void ofTheFormatBeforeKeysIsRead() throws IOException {
        try (var filled = new FilledStore(store())) {
            filled.commit(new StoreRecord.Define("queue", "orders", TestDefinitions.queue(1, "")));
            filled.commit(Records.enqueue("body", "o", Marks.lasting(0), filled.orders));
        }
        exported(store(), file("all.ndjson"));
        var lines = new ArrayList<>(Files.readAllLines(file("all.ndjson"), StandardCharsets.UTF_8));
        lines.set(0, lines.get(0).replace("\"version\":2", "\"version\":1"));
        String end = lines.remove(3);
        var crc = new CRC32C();
        crc.update((String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8));
        lines.add(end.replace("\"keys\":0,", "")
                .replaceAll("\"crc32c\":\"\\w+\"", String.format("\"crc32c\":\"%08x\"", crc.getValue())));
        Files.writeString(file("old.ndjson"), String.join("\n", lines) + "\n");

        assertThat(imported(file("again"), file("old.ndjson"))).isEqualTo(1);
    }

    @Test
    void isOfOneMomentOfARunningStore() throws IOException {
        FilledStore.Contents expected;
        try (var filled = FilledStore.in(store())) {
            var tools = StoreTools.of(filled.store, DEFINITIONS).orElseThrow();
            tools.backup(file("then"), SILENT);
            tools.export(file("all.ndjson"), new ToolProgress() {
                private boolean changed;

                @Override
                public void at(String what, long done, long total) {
                    assertThat(total).isEqualTo(298);
                    changed = changed || change();
                }

                private boolean change() {
                    for (int i = 200; i < 290; i++) {
                        var position = filled.orders.applied.get(i - 150).position();
                        filled.commit(Records.remove(filled.orders, position));
                    }
                    filled.publish(300, 400);
                    return true;
                }
            });
            expected = FilledStore.contents(file("then"));
        }
        imported(file("again"), file("all.ndjson"));
        assertThat(FilledStore.contents(file("again"))).isEqualTo(expected);
    }

    @Test
    void mergesWithWhatIsThere() throws IOException {
        FilledStore.in(store()).close();
        exported(store(), file("all.ndjson"));
        var other = new FilledStore(file("other"));
        other.commit(new StoreRecord.Define("queue", "letters", TestDefinitions.queue(1, "l")));
        other.commit(new StoreRecord.Define("queue", "gone", TestDefinitions.queue(7, "g")));
        other.commit(new StoreRecord.Define("queue", "gone", null));
        other.commit(new StoreRecord.Define("counter", "numbers", DEFINITIONS.counted(7)));
        other.commit(Records.enqueue("here before", "", Marks.lasting(0), other.orders));
        other.close();

        imported(file("other"), file("all.ndjson"));

        var queues = StoreTools.of(file("other"), DEFINITIONS).verify(SILENT).queues();
        assertThat(queues).extracting(QueueFigures::name).containsExactly("letters", "orders");
        assertThat(queues).extracting(QueueFigures::number).containsExactly(1, 8);
        assertThat(queues).extracting(QueueFigures::messages).containsExactly(3L, 296L);
    }

    @Test
    void isRefusedByAStoreThatDefinesOtherwise() throws IOException {
        FilledStore.in(store()).close();
        exported(store(), file("all.ndjson"));
        var other = new FilledStore(file("other"));
        other.commit(new StoreRecord.Define("queue", "orders", TestDefinitions.queue(1, "different")));
        other.close();

        assertThatThrownBy(() -> imported(file("other"), file("all.ndjson")))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("defines otherwise than the export: queue 'orders'");
        assertThat(StoreTools.of(file("other"), DEFINITIONS).verify(SILENT).queues())
                .extracting(QueueFigures::messages)
                .containsExactly(0L);
    }

    @Test
    void overwritesNothing() throws IOException {
        FilledStore.in(store()).close();
        Files.writeString(file("mine"), "mine");
        assertThatThrownBy(() -> exported(store(), file("mine"))).hasMessageContaining("exists, and nothing is ever");
        assertThat(file("mine")).hasContent("mine");
    }

    @Test
    void isRefusedWholeWhenAnyOfItIsDamaged() throws IOException {
        FilledStore.in(store()).close();
        exported(store(), file("all.ndjson"));
        byte[] whole = Files.readAllBytes(file("all.ndjson"));
        var random = new Random(5);
        var damaged = new ArrayList<byte[]>();
        for (int i = 0; i < 100; i++) {
            byte[] bytes = whole.clone();
            bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(7));
            damaged.add(bytes);
            damaged.add(java.util.Arrays.copyOf(whole, random.nextInt(whole.length)));
        }
        for (byte[] bytes : damaged) {
            Files.write(file("damaged"), bytes);
            assertThatThrownBy(() -> imported(file("never"), file("damaged")))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("is no whole export: line");
        }
        assertThat(file("never")).doesNotExist();
    }

    @Test
    void hasLinesThatAnyJsonReaderUnderstands() throws IOException {
        try (var filled = new FilledStore(store())) {
            filled.commit(new StoreRecord.Define("queue", "a \"b\" \\ \n ü 🙂", TestDefinitions.queue(1, "")));
            filled.commit(Records.enqueue("body", "o", Marks.lasting(0), filled.orders));
        }
        exported(store(), file("all.ndjson"));
        var lines = Files.readAllLines(file("all.ndjson"), StandardCharsets.UTF_8);
        assertThat(lines).hasSize(4);
        assertThat(lines.get(0)).startsWith("{\"type\":\"turnstone-export\",\"version\":2,\"store\":\"");
        assertThat(lines.get(1)).contains("\"name\":\"a \\\"b\\\" \\\\ \\u000a ü \\ud83d\\ude42\"");
        assertThat(lines.get(2)).contains("\"body\":\"Ym9keQ==\"").contains("\"overlay\":\"bw==\"");
        assertThat(lines.get(3))
                .startsWith("{\"type\":\"end\",\"definitions\":1,\"keys\":0,\"messages\":1,\"bodyBytes\":4,");
        assertThat(imported(file("again"), file("all.ndjson"))).isEqualTo(1);
        assertThat(FilledStore.contents(file("again")).orders())
                .isEqualTo(FilledStore.contents(store()).orders());
    }
}
