package io.turnstone.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.store.files.FailedForce;
import io.turnstone.store.files.Manifest;
import io.turnstone.store.files.SimulatedFiles;
import io.turnstone.store.journal.StoreOptions;
import io.turnstone.store.pages.GenerationFiles;
import io.turnstone.store.pages.Pages;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** More with {@code -Dturnstone.damages=N}: so many trials of each kind of damage. */
@DisplayName("A store of whose MapDB file a link was damaged")
final class LinkTrialsTest {

    private static final int TRIALS = Integer.getInteger("turnstone.damages", 8);
    private static final StoreOptions OPTIONS = new StoreOptions(1 << 20, 64 << 10, 2, 3_600_000);

    /* MapDB (StoreDirect): where the table of records begins and links to its next page, and so many values are before that. */
    private static final int TABLE = 32_864;
    private static final int PAGE = 1 << 20;
    private static final int IN_FIRST_PAGE = 126_962;
    private static final int LINKED = 8;

    private static final int LARGE = 12;

    @TempDir
    Path folder;

    private final SimulatedFiles files = new SimulatedFiles();
    private final TestLoop loop = new TestLoop(0);
    private final TestQueue queue = new TestQueue(1, loop);
    private final TestQueue other = new TestQueue(2, loop);
    private Recovered expected;
    private byte[] content;

    /** What happens there. */
    enum Damage {
        BITS_FLIPPED,
        PAGE_ZEROED,
        TRUNCATED
    }

    /** Whose links. */
    enum Links {
        TABLE,
        PIECES
    }

    /** A store whose records are in both pages of the table, some of them in several pieces. */
    @BeforeEach
    void fill() throws IOException {
        MapDbStore.open(files, folder, OPTIONS).close();
        useUpNumbers(Manifest.read(files, folder).storeId());
        new Mixture(files, loop, queue, other).fill(folder, OPTIONS);
        try (var store = MapDbStore.open(files, folder, OPTIONS)) {
            Recovered.of(store);
            loop.submitAll(
                    store,
                    IntStream.range(0, LARGE)
                            .mapToObj(i -> Records.enqueue("large " + i + "x".repeat(70_000 * (1 + i % 4)), "", queue))
                            .toList());
        }
        try (var store = MapDbStore.open(files, folder, OPTIONS)) {
            expected = Recovered.of(store);
            assertThat(store.status().state()).isEqualTo("ok");
        }
        content = files.bytes(folder.resolve("mapdb-1.db"));
        assertThat(links(Links.TABLE)).hasSize(2);
        assertThat(links(Links.PIECES)).hasSizeGreaterThan(LARGE);
    }

    /** Numbers on both sides of where the second page begins are free, in no order. */
    private void useUpNumbers(long storeId) throws IOException {
        var damage = new ArrayList<String>();
        var generation = new GenerationFiles(files, folder, 1);
        try (var pages = Pages.open(generation, storeId, damage::add, FailedForce::force)) {
            var freed = new ArrayList<Long>();
            for (long recid = 0; recid < IN_FIRST_PAGE + 2000; ) {
                recid = pages.add(Pages.COUNTER, 0, 0, 1, new byte[0]);
                if (recid > IN_FIRST_PAGE - 2000) {
                    freed.add(recid);
                }
            }
            Collections.shuffle(freed, new Random(5));
            freed.forEach(pages::delete);
            pages.commit(FailedForce::force);
        }
        assertThat(damage).isEmpty();
    }

    private List<Integer> links(Links which) {
        var bytes = ByteBuffer.wrap(content);
        int second = (int) (bytes.getLong(TABLE) & -PAGE);
        if (which == Links.TABLE) {
            return List.of(TABLE, second + 8);
        }
        var links = new ArrayList<Integer>();
        for (int page : List.of(0, second)) {
            for (int at = page + (page == 0 ? TABLE : 0) + 16; at < page + PAGE; at += 8) {
                for (long value = bytes.getLong(at); isLinked(value); ) {
                    int link = (int) (value & 0xFFFF_FFFF_FFF0L);
                    links.add(link);
                    value = bytes.getLong(link);
                }
            }
        }
        return links;
    }

    private static boolean isLinked(long value) {
        return (value & LINKED) != 0 && value >>> 48 < 0xFFFE;
    }

    private String damage(SimulatedFiles copy, Path db, Links links, Damage damage, Random random) {
        var all = links(links);
        int at = all.get(random.nextInt(all.size()));
        switch (damage) {
            case BITS_FLIPPED -> {
                for (int bits = 1 + random.nextInt(3); bits > 0; bits--) {
                    copy.damage(db, at + random.nextInt(8), 1 << random.nextInt(8));
                }
            }
            case PAGE_ZEROED -> {
                int page = at & -4096;
                for (int i = page; i < page + 4096; i++) {
                    copy.damage(db, i, content[i]);
                }
            }
            default -> copy.cut(db, at + random.nextInt(8));
        }
        return links + " " + damage + " at " + at;
    }

    @ParameterizedTest
    @CsvSource({
        "TABLE, BITS_FLIPPED",
        "TABLE, PAGE_ZEROED",
        "TABLE, TRUNCATED",
        "PIECES, BITS_FLIPPED",
        "PIECES, PAGE_ZEROED",
        "PIECES, TRUNCATED"
    })
    void startsAndSaysWhatIsLostAndGoesOn(Links links, Damage damage) throws IOException {
        for (int trial = 1; trial <= TRIALS; trial++) {
            var random = new Random(0x9E37_79B9_7F4A_7C15L * (trial + (links + damage.name()).hashCode()));
            var place = folder.resolve("trial-" + trial);
            var copy = files.afterKill(folder, place);
            String name = trial + ": " + damage(copy, place.resolve("mapdb-1.db"), links, damage, random);
            Recovered found;
            Rotten rotten;
            try (var store = MapDbStore.open(copy, place, OPTIONS)) {
                found = Recovered.of(store);
                check(found, store, name);
                rotten = new Rotten(copy, place, OPTIONS, found, name);
                rotten.use(store);
            }
            rotten.goesOn();
            if (damage == Damage.BITS_FLIPPED) {
                var lost = new HashSet<>(expected.bodies());
                lost.removeAll(found.bodies());
                assertThat(lost).as(name).hasSizeLessThanOrEqualTo(links == Links.TABLE ? 0 : 1);
            }
        }
    }

    /** Nothing is there that was not, unless it is said that removed messages may be back; what is lost is told. */
    private void check(Recovered found, MapDbStore store, String name) {
        var bodies = new HashSet<>(
                IntStream.range(0, Mixture.MESSAGES).mapToObj(Mixture::body).toList());
        bodies.addAll(expected.bodies());
        assertThat(bodies).as(name).containsAll(found.bodies());
        boolean same = found.queues.equals(expected.queues) && found.definitions.equals(expected.definitions);
        assertThat(store.status().state()).as(name).isIn(same ? List.of("ok", "damaged") : List.of("damaged"));
    }
}
