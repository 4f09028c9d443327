package io.turnstone.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.store.files.SimulatedFiles;
import io.turnstone.store.journal.StoreOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;

/**
 * A store in which something was damaged, as it was when it opened for the first time after that.
 *
 * @param found what it said then
 * @param name for whoever has to look for it
 */
record Rotten(SimulatedFiles files, Path folder, StoreOptions options, Recovered found, String name) {

    private static final String LAST = "the last";

    /** One that no history has dropped. */
    private static final int QUEUE = 1_000_000;

    /** Adds something; when the store is closed next, all is absorbed. */
    void use(MapDbStore store) {
        var loop = new TestLoop(0);
        loop.submitAll(store, List.of(Records.enqueue(LAST, "", new TestQueue(QUEUE, loop))));
    }

    /** What could be read, and what was written since, is there for good. */
    void goesOn() throws IOException {
        boolean healed = files.list(folder).stream()
                .anyMatch(path -> path.getFileName().toString().startsWith("damaged-"));
        try (var store = MapDbStore.open(files, folder, options)) {
            var again = new TreeMap<>(Recovered.of(store).queues);
            assertThat(again.remove(QUEUE))
                    .as(name)
                    .singleElement()
                    .matches(message -> message.body().equals(LAST));
            assertThat(again).as(name).isEqualTo(found.queues);
            assertThat(store.status().state()).as(name).isIn("ok", "damaged");
            if (healed) {
                assertThat(store.status().detail()).as(name).isEmpty();
            }
        }
    }
}
