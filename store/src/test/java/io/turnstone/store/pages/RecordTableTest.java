package io.turnstone.store.pages;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.turnstone.store.files.FailedForce;
import io.turnstone.store.files.SimulatedFiles;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("Records of which nothing says how many they are")
final class RecordTableTest {

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final long META = 9;

    private final SimulatedFiles files = new SimulatedFiles();
    private final GenerationFiles generation = new GenerationFiles(files, Path.of("/simulated"), 1);
    private final List<String> damage = new ArrayList<>();
    private final List<Long> kept = new ArrayList<>();

    /** Every third of so many records is there no more, and the figures of the store are damaged. */
    private void fill(int records) throws IOException {
        try (var pages = open()) {
            var freed = new ArrayList<Long>();
            for (int i = 0; i < records; i++) {
                (i % 3 == 0 ? freed : kept).add(pages.add(Pages.BODY, 0, 0, 1, new byte[] {(byte) i}));
            }
            freed.forEach(pages::delete);
            pages.commit(FailedForce::force);
        }
        damageFigures();
    }

    private Pages open() throws IOException {
        return Pages.open(generation, 7, damage::add, FailedForce::force);
    }

    private void damageFigures() throws IOException {
        try (var volume = generation.open(7, damage::add)) {
            files.damage(generation.db(), RecordTable.offset(new RecordTable(volume).value(META)), 1);
        }
    }

    private List<Long> found() throws IOException {
        var found = new ArrayList<Long>();
        try (var pages = open()) {
            assertThat(pages.unsound()).isEmpty();
            assertThat(pages.findMeta(damage::add)).isNull();
            pages.scan((recid, page) -> found.add(recid), damage::add);
        }
        return found;
    }

    @Test
    void areAllFoundHoweverMany() throws IOException {
        fill(130_000); // a page of the table has room for fewer

        assertThat(found()).isEqualTo(kept);
        assertThat(damage).containsExactly("MapDB: the record with the figures of the store is damaged");
    }

    @Test
    void areLookedForWithoutMakingMuchGarbage() throws IOException {
        fill(30);
        found(); // loads classes

        long before = THREADS.getCurrentThreadAllocatedBytes();
        assertThat(found()).isEqualTo(kept);
        assertThat(THREADS.getCurrentThreadAllocatedBytes() - before).isLessThan(8 << 20);
    }
}
