package io.turnstone.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.store.files.SimulatedFiles;
import io.turnstone.store.journal.StoreOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("A store into which little trickles")
final class TrickleTest {

    private static final int SEGMENT = 1 << 20;
    private static final StoreOptions OPTIONS = new StoreOptions(64L << 20, SEGMENT, 2, 300);

    /** Far more often than the idle time, far less than counts as much. */
    private static final long PACE_NANOS = 10_000_000;

    @TempDir
    Path folder;

    private final SimulatedFiles files = new SimulatedFiles();
    private final TestLoop loop = new TestLoop(0);
    private final TestQueue queue = new TestQueue(1, loop, false);
    private final List<String> kept = new ArrayList<>();

    private void submit(MapDbStore store, String body) {
        store.submit(Records.enqueue(body, "", queue), loop, (position, failure) -> {
            assertThat(failure).isNull();
            kept.add(body);
        });
    }

    @Test
    void absorbsItsJournal() {
        var store = MapDbStore.open(files, folder, OPTIONS);
        Recovered.of(store);
        for (int i = 0; i < 120; i++) {
            submit(store, i + "x".repeat(100_000));
        }
        loop.runUntil(() -> kept.size() == 120);
        assertThat(store.status().journalBytes()).isGreaterThan(10L * SEGMENT);

        var last = new long[1];
        loop.runUntil(() -> {
            long now = System.nanoTime();
            if (now - last[0] > PACE_NANOS) {
                last[0] = now;
                submit(store, "trickle " + kept.size());
            }
            return store.status().journalBytes() <= 6L * SEGMENT;
        });
        int answered = kept.size();
        var place = folder.resolve("after");
        try (var other = MapDbStore.open(files.afterCrash(new Random(3), folder, place), place, OPTIONS)) {
            assertThat(Recovered.of(other).bodies(1))
                    .startsWith(kept.subList(0, answered).toArray(String[]::new));
        }
        store.close();
    }
}
