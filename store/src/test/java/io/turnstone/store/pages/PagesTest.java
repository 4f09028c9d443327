package io.turnstone.store.pages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.turnstone.api.store.StoreException;
import io.turnstone.store.files.FailedForce;
import io.turnstone.store.files.SimulatedFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("Records in MapDB, when it cannot tell what is free,")
final class PagesTest {

    private final SimulatedFiles files = new SimulatedFiles();
    private final GenerationFiles generation = new GenerationFiles(files, Path.of("/simulated"), 1);
    private final List<String> damage = new ArrayList<>();
    private final List<Long> kept = new ArrayList<>();

    @BeforeEach
    void damage() throws IOException {
        try (var pages = open()) {
            var freed = new ArrayList<Long>();
            for (int i = 0; i < 40; i++) {
                (i < 20 ? freed : kept).add(pages.add(Pages.BODY, 0, 0, 1, new byte[] {(byte) i}));
            }
            freed.forEach(pages::delete);
            pages.commit(FailedForce::force);
        }
        damageWhatIsFree();
    }

    private Pages open() throws IOException {
        return Pages.open(generation, 7, damage::add, FailedForce::force);
    }

    /** The first chunk of each of MapDB's lists of free space and numbers, which nothing but a parity guards (StoreDirect). */
    private void damageWhatIsFree() throws IOException {
        var bytes = ByteBuffer.wrap(files.bytes(generation.db()));
        int lists = 0;
        for (int head = 64; head < 32_864; head += 8) {
            int chunk = (int) (bytes.getLong(head) & 0xFFFF_FFFF_FFF0L);
            for (int at = chunk; chunk > 0 && at < chunk + 160; at++) {
                files.damage(generation.db(), at, 1);
            }
            lists += chunk > 0 ? 1 : 0;
        }
        assertThat(lists).isGreaterThan(1);
    }

    @Test
    void areReadButNotWrittenAndItIsSaidWhatToDo() throws IOException {
        try (var pages = open()) {
            for (long recid : kept) {
                assertThat(pages.get(recid, damage::add)).isNotNull();
            }
            assertThat(damage).isEmpty();
            assertThatThrownBy(() -> pages.delete(kept.get(0)))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("mapdb-1.db is damaged where MapDB says what is free")
                    .hasMessageContaining("turnstone store salvage");
        }
    }

    @Test
    void stayWhereTheyAreNotNeededAnyMoreAndThatIsTold() throws IOException {
        try (var pages = open()) {
            pages.discard(kept.get(0), damage::add);

            assertThat(damage)
                    .singleElement()
                    .asString()
                    .contains("mapdb-1.db is damaged where MapDB says what is free");
        }
    }
}
