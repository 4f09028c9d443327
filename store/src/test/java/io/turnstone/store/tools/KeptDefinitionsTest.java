package io.turnstone.store.tools;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.api.store.StoreRecord;
import io.turnstone.store.MapDbStore;
import io.turnstone.store.Records;
import io.turnstone.store.Recovered;
import io.turnstone.store.files.DiskFiles;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("Of what front ends keep and consumers hold, a tool")
class KeptDefinitionsTest {

    private static final QueueDefinitions DEFINITIONS = new TestDefinitions();
    private static final ToolProgress SILENT = (what, done, total) -> {};

    @TempDir
    Path folder;

    /** Half of them in MapDB, half in the journal; two were forgotten. */
    @BeforeEach
    void fill() {
        FilledStore.in(store()).close();
        try (var filled = new FilledStore(store())) {
            keep(filled, 0);
            forget(filled, 1);
        }
        try (var filled = new FilledStore(store())) {
            keep(filled, 4);
            forget(filled, 5);
        }
    }

    private static void keep(FilledStore filled, int from) {
        for (int i = from; i < from + 4; i++) {
            filled.commit(new StoreRecord.Define("kept", "amqp:delivery:" + i, Records.bytes("kept " + i)));
            filled.commit(new StoreRecord.Define("claim", "1/" + i, Records.bytes("claim " + i)));
        }
    }

    private static void forget(FilledStore filled, int number) {
        filled.commit(new StoreRecord.Define("kept", "amqp:delivery:" + number, null));
        filled.commit(new StoreRecord.Define("claim", "1/" + number, null));
    }

    private Path store() {
        return folder.resolve("store");
    }

    private StoreTools tools() {
        return StoreTools.of(store(), DEFINITIONS);
    }

    private static Set<String> definitions(Path store, String like) {
        try (var opened = MapDbStore.open(new DiskFiles(), store, FilledStore.SMALL)) {
            var names = new TreeSet<>(Recovered.of(opened).definitions.keySet());
            names.removeIf(name -> !name.contains(like));
            return names;
        }
    }

    @Test
    void verifiesAll() {
        assertThat(tools().verify(SILENT).whole()).isTrue();
    }

    @Test
    void backsUpAll() {
        tools().backup(folder.resolve("backup"), SILENT);
        StoreTools.restore(folder.resolve("backup"), folder.resolve("restored"), SILENT);
        assertThat(definitions(folder.resolve("restored"), "amqp:delivery:")).hasSize(6);
        assertThat(definitions(folder.resolve("restored"), "claim/")).hasSize(6);
    }

    @Test
    void exportsAndImportsWhatHoldsInEveryStore() {
        assertThat(tools().export(folder.resolve("all.ndjson"), SILENT).whole()).isTrue();
        StoreTools.importInto(folder.resolve("imported"), folder.resolve("all.ndjson"), DEFINITIONS, SILENT);
        assertThat(definitions(folder.resolve("imported"), "amqp:delivery:"))
                .isEqualTo(definitions(store(), "amqp:delivery:"))
                .hasSize(6);
        assertThat(definitions(folder.resolve("imported"), "claim/")).isEmpty();
    }

    @Test
    void salvagesTheSame() {
        assertThat(tools().salvage(folder.resolve("clean"), SILENT).whole()).isTrue();
        assertThat(definitions(folder.resolve("clean"), "amqp:delivery:")).hasSize(6);
        assertThat(definitions(folder.resolve("clean"), "claim/")).isEmpty();
    }
}
