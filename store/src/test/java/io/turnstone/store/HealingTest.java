package io.turnstone.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.turnstone.api.store.StoreException;
import io.turnstone.api.store.StoreRecord;
import io.turnstone.store.files.Manifest;
import io.turnstone.store.files.SimulatedFiles;
import io.turnstone.store.journal.StoreOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@DisplayName("A store to whose MapDB file nothing may be written any more")
final class HealingTest {

    private static final StoreOptions OPTIONS = new StoreOptions(1 << 20, 64 << 10, 2, 3_600_000);
    private static final Pattern STEPS = Pattern.compile("(damaged-)?mapdb-.*|MANIFEST\\.new");
    private static final String KEPT = "damaged-mapdb-1.db";

    /** Where the file says where each record is. */
    private static final int TABLE = 32_880;

    @TempDir
    Path folder;

    private final SimulatedFiles files = new SimulatedFiles();
    private final TestLoop loop = new TestLoop(0);
    private final TestQueue queue = new TestQueue(1, loop);
    private final TestQueue other = new TestQueue(2, loop);

    /** What is damaged. */
    private enum Part {
        /** The first chunk of each list of what is free. */
        FREE {
            @Override
            void damage(SimulatedFiles files, Path db) {
                var bytes = ByteBuffer.wrap(files.bytes(db));
                for (int head = 64; head < 32_864; head += 8) {
                    int chunk = (int) (bytes.getLong(head) & 0xFFFF_FFFF_FFF0L);
                    for (int at = chunk; chunk > 0 && at < chunk + 160; at++) {
                        files.damage(db, at, 1);
                    }
                }
            }
        },
        HEAD {
            @Override
            void damage(SimulatedFiles files, Path db) {
                for (int at = 0; at < 4096; at++) {
                    files.damage(db, at, 0x55);
                }
            }
        };

        abstract void damage(SimulatedFiles files, Path db);
    }

    private Path db() {
        return folder.resolve("mapdb-1.db");
    }

    private Recovered filled() {
        new Mixture(files, loop, queue, other).fill(folder, OPTIONS);
        return reopened("ok");
    }

    private Recovered reopened(String state) {
        try (var store = MapDbStore.open(files, folder, OPTIONS)) {
            var recovered = Recovered.of(store);
            assertThat(store.status().state()).isEqualTo(state);
            return recovered;
        }
    }

    private static void assertSame(Recovered found, Recovered expected) {
        assertThat(found.queues).isEqualTo(expected.queues);
        assertThat(found.definitions).isEqualTo(expected.definitions);
    }

    private List<String> names() {
        return files.list(folder).stream()
                .map(path -> path.getFileName().toString())
                .filter(name -> name.contains("mapdb-"))
                .toList();
    }

    @ParameterizedTest
    @EnumSource
    void goesOnWithAnotherThatHoldsAllAndKeepsTheDamagedOne(Part part) {
        var expected = filled();
        part.damage(files, db());
        byte[] damaged = files.bytes(db());

        assertSame(reopened("damaged"), expected);

        assertThat(files.bytes(folder.resolve(KEPT))).isEqualTo(damaged);
        assertThat(names())
                .containsExactly(
                        "damaged-mapdb-1.applied",
                        KEPT,
                        "damaged-mapdb-1.redo-0",
                        "damaged-mapdb-1.redo-1",
                        "mapdb-2.applied",
                        "mapdb-2.db",
                        "mapdb-2.redo-0",
                        "mapdb-2.redo-1");
        try (var store = MapDbStore.open(files, folder, OPTIONS)) {
            assertSame(Recovered.of(store), expected);
            assertThat(store.status().state()).isEqualTo("ok");
            var records = new ArrayList<StoreRecord>();
            expected.queue(1).forEach(message -> records.add(Records.remove(queue, message.position())));
            expected.queue(2).forEach(message -> records.add(Records.remove(other, message.position())));
            records.add(Records.enqueue("more", "", queue));
            loop.submitAll(store, records);
        }
        var left = reopened("ok");
        assertThat(left.bodies(1)).containsExactly("more");
        assertThat(left.bodies(2)).isEmpty();
        assertThat(files.bytes(folder.resolve(KEPT))).isEqualTo(damaged);
    }

    @Test
    void holdsTheSameAfterACrashAtAnyStepOfIt() throws IOException {
        var expected = filled();
        Part.FREE.damage(files, db());
        byte[] damaged = files.bytes(db());
        files.cut(db(), damaged.length); // on the medium, too
        var steps = new ArrayList<Object>();
        files.fault((what, path) -> {
            if (path.equals(folder)
                    || STEPS.matcher(path.getFileName().toString()).matches()) {
                steps.add(afterCrash(expected, damaged, new Random(steps.size())));
            }
        });
        var store = MapDbStore.open(files, folder, OPTIONS);
        Recovered.of(store);
        files.fault((what, path) -> {});
        store.close();

        assertThat(steps).hasSizeGreaterThan(20).contains("ok", "damaged").containsOnly("ok", "damaged");
    }

    /** The state of the store that is started after a power cut at this moment, or what went wrong. */
    private Object afterCrash(Recovered expected, byte[] damaged, Random random) throws IOException {
        var place = Files.createDirectories(folder.resolve("after"));
        var left = files.afterCrash(random, folder, place);
        String state;
        try (var store = MapDbStore.open(left, place, OPTIONS)) {
            assertSame(Recovered.of(store), expected);
            state = store.status().state();
        } catch (RuntimeException | AssertionError e) {
            return e;
        }
        try (var store = MapDbStore.open(left, place, OPTIONS)) {
            assertSame(Recovered.of(store), expected);
            assertThat(store.status().state()).isEqualTo("ok");
            assertThat(Manifest.read(left, place).generation()).isEqualTo(2);
            assertThat(left.bytes(place.resolve(KEPT))).isEqualTo(damaged);
            return state;
        } catch (RuntimeException | AssertionError e) {
            return e;
        }
    }

    @Test
    void isReadAndWaitsForRoomForAnother() {
        var expected = filled();
        Part.FREE.damage(files, db());
        files.fault((what, path) -> {
            if (what.equals("write") && path.getFileName().toString().startsWith("mapdb-2.db")) {
                throw new IOException("No space left on device");
            }
        });
        var store = MapDbStore.open(files, folder, OPTIONS);
        assertSame(Recovered.of(store), expected);
        assertThat(store.status().state()).isEqualTo("damaged");
        loop.submitAll(store, List.of(Records.enqueue("more", "", queue)));
        store.close();
        assertThat(store.status().detail())
                .contains("mapdb-1.db is damaged where MapDB says what is free")
                .contains("make room for another one and restart")
                .contains("turnstone store salvage");
        assertThat(names()).allMatch(name -> name.startsWith("mapdb-1."));

        files.fault((what, path) -> {});
        assertThat(reopened("damaged").bodies(1))
                .hasSize(expected.bodies(1).size() + 1)
                .contains("more");
        assertThat(names()).contains(KEPT, "mapdb-2.db");
        assertThat(reopened("ok").bodies(1)).hasSize(expected.bodies(1).size() + 1);
    }

    @Test
    void tellsOnceWhatCannotBeCopied() {
        var expected = filled();
        Part.FREE.damage(files, db());
        files.damage(db(), indexOf("4 xxxx"), 1);
        files.damage(db(), indexOf("120 xxxx"), 1);

        var found = reopened("damaged");

        assertThat(expected.bodies(1)).containsAll(found.bodies(1)).contains(Mixture.body(4), Mixture.body(120));
        assertThat(found.bodies(1))
                .doesNotContain(Mixture.body(4), Mixture.body(120))
                .contains(Mixture.body(240));
        assertSame(reopened("ok"), found);
        try (var store = MapDbStore.open(files, folder, OPTIONS)) {
            var records = new ArrayList<StoreRecord>();
            Recovered.of(store).queue(1).forEach(message -> records.add(Records.remove(queue, message.position())));
            loop.submitAll(store, records);
        }
        assertThat(reopened("ok").bodies(2)).isEqualTo(found.bodies(2));
    }

    @Test
    void losesWhatTheTableOfRecordsForgotAndGoesOnWithTheRest() {
        var expected = filled();
        var table = ByteBuffer.wrap(files.bytes(db()));
        int entry = entryOf(indexOf("4 xxxx"));
        for (int at = entry; at < entry + 8; at++) {
            files.damage(db(), at, table.get(at));
        }

        var found = reopened("damaged");

        assertThat(expected.bodies(1)).containsAll(found.bodies(1)).contains(Mixture.body(4));
        assertThat(found.bodies(1)).doesNotContain(Mixture.body(4)).contains(Mixture.body(240));
        try (var store = MapDbStore.open(files, folder, OPTIONS)) {
            var records = new ArrayList<StoreRecord>();
            for (var message : Recovered.of(store).queue(1)) {
                records.add(Records.remove(queue, message.position()));
            }
            assertThat(store.status().state()).isEqualTo("ok");
            loop.submitAll(store, records);
        }
        assertThat(reopened("ok").bodies(2)).isEqualTo(found.bodies(2));
    }

    /** Where in the file the table says that a record begins, the last one before some place. */
    private int entryOf(int place) {
        var bytes = ByteBuffer.wrap(files.bytes(db()));
        return IntStream.iterate(TABLE, at -> at < 1 << 20, at -> at + 8)
                .filter(at -> (bytes.getLong(at) & 0xFFFF_FFFF_FFF0L) <= place)
                .boxed()
                .max(Comparator.comparing(at -> bytes.getLong(at) & 0xFFFF_FFFF_FFF0L))
                .orElseThrow();
    }

    private int indexOf(String text) {
        return new String(files.bytes(db()), StandardCharsets.ISO_8859_1).indexOf(text);
    }

    @Test
    void isMadeAnewAtTheNextStartWhenTheDamageIsMetWhileItRuns() {
        var expected = filled();
        var store = MapDbStore.open(files, folder, OPTIONS);
        Recovered.of(store);
        Part.FREE.damage(files, db());
        loop.submitAll(
                store,
                List.of(
                        Records.remove(queue, expected.queue(1).get(0).position()),
                        Records.enqueue("more" + "x".repeat(5000), "", queue)));
        store.close();
        assertThat(store.status().state()).isEqualTo("failed");

        var found = reopened("damaged");

        assertThat(found.bodies(1))
                .hasSize(expected.bodies(1).size())
                .doesNotContain(expected.bodies(1).get(0));
        assertSame(reopened("ok"), found);
    }

    @Test
    void isMadeAnewWhereItsDirectoryIsLostToo() {
        var expected = filled();
        Part.HEAD.damage(files, db());
        var content = new String(files.bytes(db()), StandardCharsets.ISO_8859_1);
        for (int at = content.indexOf("M\002\0\0"); at >= 0; at = content.indexOf("M\002\0\0", at + 1)) {
            files.damage(db(), at, 1);
        }

        assertThat(reopened("damaged").bodies()).isEqualTo(expected.bodies());
        assertThat(reopened("ok").bodies()).isEqualTo(expected.bodies());
    }

    /** A file that was put in the place of MapDB's. */
    enum Foreign {
        NONE {
            @Override
            byte[] content(byte[] ofAnother) {
                return new byte[0];
            }
        },
        OF_ANOTHER_STORE {
            @Override
            byte[] content(byte[] ofAnother) {
                return ofAnother;
            }
        },
        OF_ANOTHER_STORE_AND_DAMAGED {
            @Override
            byte[] content(byte[] ofAnother) {
                byte[] damaged = ofAnother.clone();
                damaged[32_864] ^= 0x7F; // where its table of records goes on
                return damaged;
            }
        },
        A_TEXT {
            @Override
            byte[] content(byte[] ofAnother) {
                return "not a database\n".repeat(100_000).getBytes(StandardCharsets.US_ASCII);
            }
        };

        abstract byte[] content(byte[] ofAnother);
    }

    @ParameterizedTest
    @EnumSource
    void isNotMadeAnewFromAFileThatIsNotTheStores(Foreign foreign) {
        var another = folder.resolve("another");
        new Mixture(files, loop, new TestQueue(1, loop), new TestQueue(2, loop)).fill(another, OPTIONS);
        var expected = filled();
        byte[] ours = files.bytes(db());
        byte[] theirs = foreign.content(files.bytes(another.resolve("mapdb-1.db")));
        replaceDb(theirs);

        for (int start = 0; start < 2; start++) {
            assertThatThrownBy(() -> reopened("any"))
                    .isInstanceOf(StoreException.class)
                    .hasMessageMatching(".*mapdb-1.db is (not this store's|missing or empty).*")
                    .hasMessageContaining("Put the file back")
                    .hasMessageContaining("turnstone store salvage");
            assertThat(Arrays.equals(files.bytes(db()), 0, theirs.length, theirs, 0, theirs.length))
                    .as("it is left as it was")
                    .isTrue();
        }

        replaceDb(ours);
        assertSame(reopened("ok"), expected);
    }

    @Test
    void isNotMadeAnewFromThatOfAnotherStoreHoweverSmallItIs() {
        var another = folder.resolve("another");
        for (var path : List.of(folder, another)) {
            try (var store = MapDbStore.open(files, path, OPTIONS)) {
                Recovered.of(store);
                loop.submitAll(store, List.of(Records.enqueue("x".repeat(20_000), "", queue)));
            }
        }
        replaceDb(files.bytes(another.resolve("mapdb-1.db")));

        assertThatThrownBy(() -> reopened("any")).hasMessageContaining("mapdb-1.db is not this store's");
    }

    private void replaceDb(byte[] content) {
        try {
            files.delete(db());
            try (var db = files.open(db(), false)) {
                db.write(ByteBuffer.wrap(content), 0);
                db.force();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
