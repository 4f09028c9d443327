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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mapdb.DataIO;

@DisplayName("Records in MapDB, when it cannot tell what is free,")
final class PagesTest {

    private final SimulatedFiles files = new SimulatedFiles();
    private final GenerationFiles generation = new GenerationFiles(files, Path.of("/simulated"), 1);
    private final List<String> damage = new ArrayList<>();
    private final List<Long> kept = new ArrayList<>();

    @BeforeEach
    void fill() throws IOException {
        try (var pages = open()) {
            var freed = new ArrayList<Long>();
            for (int i = 0; i < 40; i++) {
                (i < 20 ? freed : kept).add(pages.add(Pages.BODY, 0, 0, 1, new byte[] {(byte) i}));
            }
            freed.forEach(pages::delete);
            pages.commit(FailedForce::force);
        }
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

    private void assertKept(Pages pages) {
        for (long recid : kept) {
            assertThat(pages.get(recid, damage::add)).isNotNull();
        }
        assertThat(damage).isEmpty();
    }

    @Test
    void areReadButNotCommittedAndItIsSaidWhatToDo() throws IOException {
        damageWhatIsFree();
        byte[] before = files.bytes(generation.db());
        try (var pages = open()) {
            assertKept(pages);
            pages.delete(kept.get(0));
            long added = pages.add(Pages.BODY, 0, 0, 1, new byte[5000]);
            assertThat(pages.get(added, damage::add)).isNotNull();

            assertThatThrownBy(() -> pages.commit(FailedForce::force))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("mapdb-1.db is damaged where MapDB says what is free")
                    .hasMessageContaining("turnstone store salvage");
            assertKept(pages.asCommitted());
        }
        assertThat(files.bytes(generation.db())).startsWith(before);
    }

    /** Each with a parity that is right. */
    @ParameterizedTest
    @ValueSource(longs = {0, 3, 1 << 30})
    void areNotTakenForFreeWhenListsSayThatTheyAre(long wrong) throws IOException {
        try (var pages = open()) {
            long number = wrong == 0
                    ? kept.get(3)
                    : wrong; // a record that lives, one of MapDB's own, one that there cannot be
            var bytes = ByteBuffer.wrap(files.bytes(generation.db()));
            long link = DataIO.parity4Get(bytes.getLong(64));
            int last = (int) ((link & 0xFFFF_FFFF_FFF0L) + (link >>> 48)) - 1;
            var packed = new byte[9];
            int length = DataIO.packLong(packed, 0, DataIO.parity1Set(number << 1));
            for (int i = 0; i < length; i++) {
                int at = last - length + 1 + i;
                files.damage(generation.db(), at, bytes.get(at) ^ packed[i]);
            }
            assertThat(pages.unsound()).isEmpty();
        }
        try (var pages = open()) {
            assertThat(pages.unsound()).contains("where MapDB says what is free");
            assertKept(pages);
        }
    }

    @Test
    void areReadWhateverMapDbsHeadSays() throws IOException {
        for (int at = 0; at < RecordTable.HEAD; at++) {
            files.damage(generation.db(), at, 0x55);
        }
        try (var pages = open()) {
            assertThat(pages.unsound()).contains("mapdb-1.db is damaged where MapDB says how to read it");
            assertKept(pages);
        }
    }

    @Test
    void stayWhereTheyAreNotNeededAnyMoreAndThatIsTold() throws IOException {
        try (var pages = open()) {
            damageWhatIsFree();
            pages.discard(kept.get(0), damage::add);

            assertThat(damage)
                    .singleElement()
                    .asString()
                    .contains("mapdb-1.db is damaged where MapDB says what is free");
        }
        try (var pages = open()) {
            assertThat(pages.unsound()).isNotEmpty();
        }
    }

    @Test
    void areNotWrittenOnceItCouldNotBeDone() throws IOException {
        generation.markDamaged();
        try (var pages = open()) {
            assertThat(pages.unsound()).endsWith("is damaged where MapDB was to write it before");
            assertKept(pages);
        }
    }
}
