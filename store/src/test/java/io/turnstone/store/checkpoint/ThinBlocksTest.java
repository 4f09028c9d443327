package io.turnstone.store.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.store.MapDbStore;
import io.turnstone.store.Records;
import io.turnstone.store.Recovered;
import io.turnstone.store.TestLoop;
import io.turnstone.store.TestQueue;
import io.turnstone.store.files.FailedForce;
import io.turnstone.store.files.SimulatedFiles;
import io.turnstone.store.files.StoreFolder;
import io.turnstone.store.files.StoreHealth;
import io.turnstone.store.journal.StoreOptions;
import io.turnstone.store.pages.GenerationFiles;
import io.turnstone.store.pages.Pages;
import io.turnstone.store.spool.SpoolFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("Blocks of which little lives")
final class ThinBlocksTest {

    private static final StoreOptions OPTIONS = new StoreOptions(4 << 20, 1 << 20, 2, 3_600_000);

    @TempDir
    Path folder;

    private final SimulatedFiles files = new SimulatedFiles();
    private final TestLoop loop = new TestLoop(0);
    private final TestQueue queue = new TestQueue(1, loop);

    private List<Block> blocks() throws IOException {
        var health = new StoreHealth(folder, files);
        var blocks = new ArrayList<Block>();
        try (var opened = StoreFolder.open(files, folder);
                var pages = Pages.open(
                        new GenerationFiles(files, folder, 1),
                        opened.manifest.storeId(),
                        health::damaged,
                        FailedForce::force)) {
            var index = new LiveIndex();
            new StoredPages(pages, health).load(index, SpoolFolder.open(files, folder, health));
            index.forEachQueue(entries -> entries.forEachLevel(level -> level.forEachBlock(blocks::add)));
        }
        return blocks;
    }

    @Test
    void areMergedWithTheirNeighbours() throws IOException {
        var bodies = IntStream.range(0, 2000)
                .mapToObj(i -> i + " " + "x".repeat(i % 100 == 0 ? 6000 : 500))
                .toList();
        var store = MapDbStore.open(files, folder, OPTIONS);
        Recovered.of(store);
        bodies.forEach(body -> store.submit(Records.enqueue(body, "o", queue), loop, null));
        loop.runUntil(() -> queue.applied.size() == 2000);
        store.close();
        int before = blocks().size();

        var again = MapDbStore.open(files, folder, OPTIONS);
        Recovered.of(again);
        var removed = new AtomicInteger();
        for (int i = 0; i < 2000; i++) {
            if (i % 25 > 0) {
                long position = queue.applied.get(i).position();
                again.submit(Records.remove(queue, position), loop, (at, failure) -> removed.incrementAndGet());
            }
        }
        loop.runUntil(() -> removed.get() == 1920);
        again.close();

        assertThat(before).isGreaterThan(20);
        assertThat(blocks()).hasSizeLessThan(4);
        try (var last = MapDbStore.open(files, folder, OPTIONS)) {
            assertThat(Recovered.of(last).bodies(1))
                    .isEqualTo(IntStream.range(0, 80)
                            .mapToObj(i -> bodies.get(i * 25))
                            .toList());
            assertThat(last.status().state()).isEqualTo("ok");
        }
    }
}
