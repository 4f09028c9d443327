package io.turnstone.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.turnstone.api.store.StoreException;
import io.turnstone.api.store.StoreRecord;
import io.turnstone.store.files.DiskFiles;
import io.turnstone.store.files.FailedForce;
import io.turnstone.store.files.Manifest;
import io.turnstone.store.files.SimulatedFiles;
import io.turnstone.store.journal.StoreOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("A store of which little is left")
final class ShrinkingTest {

    private static final StoreOptions NEVER = new StoreOptions(1 << 20, 64 << 10, 2, 3_600_000);
    private static final StoreOptions ALWAYS = new StoreOptions(1 << 20, 64 << 10, 2, 5).shrinking(0, 0);
    private static final Pattern STEPS = Pattern.compile("mapdb-.*|MANIFEST\\.new");

    @TempDir
    Path folder;

    private final SimulatedFiles files = new SimulatedFiles();
    private final TestLoop loop = new TestLoop(0);
    private final TestQueue queue = new TestQueue(1, loop);
    private final TestQueue other = new TestQueue(2, loop);

    private void fill(StoreOptions options) {
        new Mixture(files, loop, queue, other).fill(folder, options);
    }

    private static int generation(SimulatedFiles files, Path place) {
        try {
            return Manifest.read(files, place).generation();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private Recovered recovered() {
        try (var store = MapDbStore.open(files, folder, NEVER)) {
            return Recovered.of(store);
        }
    }

    @Test
    void holdsTheSameAfterACrashAtAnyStepOfTheCopy() throws IOException {
        fill(NEVER);
        var expected = recovered();
        var steps = new ArrayList<Object>();
        var store = MapDbStore.open(files, folder, ALWAYS);
        files.fault((what, path) -> {
            boolean copying = path.equals(folder)
                    || STEPS.matcher(path.getFileName().toString()).matches();
            if (copying && files.list(folder).contains(folder.resolve("mapdb-1.db"))) {
                steps.add(afterCrash(expected, new Random(steps.size())));
            }
        });
        Recovered.of(store);
        loop.runUntil(
                () -> generation(files, folder) > 1 && !files.list(folder).contains(folder.resolve("mapdb-1.db")));
        store.close();

        assertThat(steps).hasSizeGreaterThan(20).contains(1, 2).containsOnly(1, 2);
    }

    /** The generation that counts after a power cut at this moment, or what went wrong. */
    private synchronized Object afterCrash(Recovered expected, Random random) throws IOException {
        var place = Files.createDirectories(folder.resolve("after"));
        var left = files.afterCrash(random, folder, place);
        try (var store = MapDbStore.open(left, place, NEVER)) {
            var recovered = Recovered.of(store);
            assertThat(recovered.queues).isEqualTo(expected.queues);
            assertThat(recovered.definitions).isEqualTo(expected.definitions);
            assertThat(store.status().state()).isEqualTo("ok");
            int generation = generation(left, place);
            assertThat(left.list(place).stream().map(path -> path.getFileName().toString()))
                    .filteredOn(name -> name.startsWith("mapdb-"))
                    .allMatch(name -> name.startsWith("mapdb-" + generation + "."))
                    .hasSize(4);
            return generation;
        } catch (RuntimeException | AssertionError e) {
            return e;
        }
    }

    @Test
    void goesOnAfterTheCopyAndRemovesEverything() {
        fill(NEVER);
        try (var store = MapDbStore.open(files, folder, ALWAYS)) {
            var found = Recovered.of(store);
            loop.runUntil(() -> generation(files, folder) > 1);
            var records = new ArrayList<StoreRecord>();
            found.queue(1).forEach(message -> records.add(Records.remove(queue, message.position())));
            found.queue(2).forEach(message -> records.add(Records.move(other, message.position(), "back", queue)));
            loop.submitAll(store, records);
            loop.runUntil(() -> generation(files, folder) > 2);
        }
        try (var store = MapDbStore.open(files, folder, ALWAYS)) {
            var found = Recovered.of(store);
            assertThat(found.queue(1)).hasSize(Mixture.MESSAGES / 3 + Mixture.MESSAGES / 40);
            assertThat(found.queue(1)).allMatch(message -> message.overlay().equals("back"));
            assertThat(found.queue(1))
                    .allMatch(message -> message.body()
                            .equals(Mixture.body(Integer.parseInt(
                                    message.body().substring(0, message.body().indexOf(' '))))));
            loop.submitAll(
                    store,
                    found.queue(1).stream()
                            .map(message -> Records.remove(queue, message.position()))
                            .toList());
        }
        assertThat(recovered().queues).isEmpty();
    }

    @Test
    void staysAsItIsWhileTheDiskHasNoRoomForTheCopy() {
        fill(NEVER);
        var refused = new AtomicBoolean();
        files.fault((what, path) -> {
            if (what.equals("write") && path.getFileName().toString().startsWith("mapdb-2.db")) {
                refused.set(true);
                throw new IOException("No space left on device");
            }
        });
        try (var store = MapDbStore.open(files, folder, ALWAYS)) {
            var found = Recovered.of(store);
            loop.runUntil(() -> refused.get() && !files.list(folder).contains(folder.resolve("mapdb-2.db")));
            loop.submitAll(store, List.of(Records.enqueue("more", "", queue)));
            assertThat(Recovered.read(store, other, loop, found.queue(2).get(0).position()))
                    .hasSize(1);
            assertThat(store.status().state()).isEqualTo("ok");
        }
        files.fault((what, path) -> {});
        assertThat(generation(files, folder)).isEqualTo(1);
        try (var store = MapDbStore.open(files, folder, ALWAYS)) {
            assertThat(Recovered.of(store).bodies(1)).endsWith("more");
            loop.runUntil(() -> generation(files, folder) == 2);
        }
    }

    @Test
    void keepsTheFileInWhichSomethingIsDamaged() {
        fill(NEVER);
        var db = folder.resolve("mapdb-1.db");
        var content = new String(files.bytes(db), StandardCharsets.ISO_8859_1);
        files.damage(db, content.indexOf("4 xxxx"), 1);
        try (var store = MapDbStore.open(files, folder, ALWAYS)) {
            store.recover(new Recovered(store));
            loop.runUntil(() -> store.status().state().equals("damaged"));
            loop.submitAll(store, List.of(Records.enqueue("more", "", queue)));
        }
        assertThat(generation(files, folder)).isEqualTo(1);
        assertThat(files.list(folder)).contains(db).doesNotContain(folder.resolve("mapdb-2.db"));
    }

    @Test
    void isRefusedWithAnOlderManifest() throws IOException {
        fill(NEVER);
        var older = new Manifest(Manifest.read(files, folder).storeId(), 1);
        try (var store = MapDbStore.open(files, folder, ALWAYS)) {
            Recovered.of(store);
            loop.runUntil(
                    () -> generation(files, folder) == 2 && !files.list(folder).contains(folder.resolve("mapdb-1.db")));
        }
        older.prepare(files, folder, FailedForce::force);
        Manifest.publish(files, folder);
        try (var store = MapDbStore.open(files, folder, NEVER)) {
            assertThatThrownBy(() -> store.recover(new Recovered(store)))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("mapdb-1.db is missing, which MANIFEST names, but there is mapdb-2");
        }
        assertThat(files.list(folder)).contains(folder.resolve("mapdb-2.db"));
    }

    @Test
    void takesNearlyNoRoomOnceEverythingIsSettled() throws IOException {
        var provided = new StoreOptions(8 << 20, 1 << 20, 2, 50).shrinking(4 << 20, 4);
        try (var store = MapDbStore.open(new DiskFiles(), folder, provided)) {
            Recovered.of(store);
            loop.submitAll(
                    store,
                    IntStream.range(0, 30_000)
                            .mapToObj(i -> Records.enqueue(Mixture.body(1), "", queue))
                            .toList());
            loop.runUntil(() -> store.status().absorbedBytes() > 8 << 20);
            long oldest = queue.applied.get(0).position();
            loop.submitAll(
                    store,
                    queue.applied.subList(1, 30_000).stream()
                            .map(applied -> Records.remove(queue, applied.position()))
                            .toList());
            loop.runUntil(() -> size() <= 5 << 20);

            assertThat(folder.resolve("journal-0000000000000001.log")).doesNotExist();
            assertThat(Recovered.read(store, queue, loop, oldest)).hasSize(1);
        }
    }

    @Test
    void keepsNoFilesForAJournalThatNobodyUses() {
        long segment = 8 << 20;
        var provided = new StoreOptions(32 << 20, (int) segment, 2, 50).shrinking(2 << 20, 4);
        try (var store = MapDbStore.open(new DiskFiles(), folder, provided)) {
            Recovered.of(store);
            publishAndRemove(store, 20_000, 1);
            loop.runUntil(() -> size() < 2 * segment);
            assertThat(size()).isGreaterThan(segment); // what removals need on a full disk

            long kept = queue.applied.get(0).position();
            assertThat(Recovered.read(store, queue, loop, kept)).hasSize(1);
            loop.submitAll(store, List.of(Records.remove(queue, kept)));
            loop.runUntil(() -> size() < segment / 2);
        }
        assertThat(size()).isLessThan(segment / 2);
        try (var store = MapDbStore.open(new DiskFiles(), folder, provided)) {
            assertThat(Recovered.of(store).queues).isEmpty();
            queue.applied.clear();
            publishAndRemove(store, 20_000, 0);
            loop.runUntil(() -> size() < segment / 2);
            assertThat(store.status().state()).isEqualTo("ok");
        }
    }

    private void publishAndRemove(MapDbStore store, int count, int kept) {
        loop.submitAll(
                store,
                IntStream.range(0, count)
                        .mapToObj(i -> Records.enqueue(Mixture.body(1), "", queue))
                        .toList());
        loop.submitAll(
                store,
                queue.applied.subList(kept, count).stream()
                        .map(applied -> Records.remove(queue, applied.position()))
                        .toList());
    }

    private long size() {
        try (var present = Files.list(folder)) {
            return present.mapToLong(path -> path.toFile().length()).sum();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
