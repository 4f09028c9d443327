package io.turnstone.store.pages;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.store.files.FailedForce;
import io.turnstone.store.files.SimulatedFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A crash-safe volume")
final class CrashSafeVolumeTest {

    private static final Path FOLDER = Path.of("/simulated");
    private static final int SIZE = 2 << 20;

    /** Ends whatever runs, as a power cut does. */
    private static final class Halt extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private static CrashSafeVolume open(SimulatedFiles files) throws IOException {
        return open(files, new ArrayList<>());
    }

    private static CrashSafeVolume open(SimulatedFiles files, List<String> damage) throws IOException {
        var log = new RedoLog(files, FOLDER.resolve("redo-0"), FOLDER.resolve("redo-1"), FOLDER.resolve("applied"), 5);
        return new CrashSafeVolume(files, files.open(FOLDER.resolve("db"), false), log, damage::add);
    }

    private static byte[] content(CrashSafeVolume volume) {
        var bytes = new byte[(int) volume.length()];
        volume.getData(0, bytes, 0, bytes.length);
        return Arrays.copyOf(bytes, SIZE);
    }

    /** The same changes to the volume and to an array. */
    private static void change(Random random, CrashSafeVolume volume, byte[] model) {
        int from = random.nextInt(SIZE / 3);
        for (int i = 0; i < 12; i++) {
            int length = random.nextInt(4) == 0 ? 8 : 1 + random.nextInt(20_000);
            int offset = (from + random.nextInt(SIZE / 2 - 20_000)) / 8 * 8;
            volume.ensureAvailable(offset + (long) length);
            if (length == 8) {
                long value = random.nextLong();
                volume.putLong(offset, value);
                java.nio.ByteBuffer.wrap(model).putLong(offset, value);
            } else {
                var data = new byte[length];
                random.nextBytes(data);
                volume.putData(offset, data, 0, length);
                System.arraycopy(data, 0, model, offset, length);
            }
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3})
    void isAsOfSomeCommitWhereverItIsHalted(long seed) throws IOException {
        for (int halt = 1; ; halt++) {
            var random = new Random(seed);
            var files = new SimulatedFiles();
            var left = new int[] {halt};
            files.fault((what, path) -> {
                if (--left[0] < 0) {
                    throw new Halt();
                }
            });
            var committed = new byte[SIZE];
            var next = committed.clone();
            int commits = 0;
            boolean halted = false;
            try {
                var volume = open(files);
                while (commits < 5) {
                    change(random, volume, next);
                    volume.commit(FailedForce::force);
                    committed = next.clone();
                    commits++;
                }
            } catch (Halt e) {
                halted = true;
            }
            files.fault((what, path) -> {});
            for (int cut = 0; cut < 3; cut++) {
                var after = files.afterCrash(new Random(seed * 1000 + cut), FOLDER, FOLDER);
                var volume = open(after);
                var found = content(volume);
                assertThat(Arrays.equals(found, committed) || (halted && Arrays.equals(found, next)))
                        .as("halt %d after %d commits", halt, commits)
                        .isTrue();
                volume.putLong(64, 1);
                volume.ensureAvailable(1);
                volume.commit(FailedForce::force);
            }
            if (!halted) {
                assertThat(halt).isGreaterThan(30);
                return;
            }
        }
    }

    @Test
    void readsTheSameInLargePiecesWhileItOpens() throws IOException {
        var random = new Random(9);
        var files = new SimulatedFiles();
        var model = new byte[SIZE];
        var volume = open(files);
        change(random, volume, model);
        volume.commit(FailedForce::force);
        var damage = new ArrayList<String>();
        volume = open(files, damage);
        volume.opening();
        long bad = 5 * 4096;
        files.unreadable(FOLDER.resolve("db"), bad);

        for (int i = 0; i < 2000; i++) {
            int length = 1 + random.nextInt(100_000);
            int offset = 6 * 4096 + random.nextInt((int) volume.length() - 6 * 4096 - length);
            var found = new byte[length];
            volume.getData(offset, found, 0, length);
            assertThat(Arrays.equals(found, 0, length, model, offset, offset + length))
                    .isTrue();
            if (i == 1000) {
                change(random, volume, model);
            }
        }

        assertThat(damage).isEmpty();
        assertThat(volume.getLong(bad)).isZero();
        assertThat(damage).hasSize(1);
    }

    /** What a power cut leaves in the middle of the third commit, at each operation of it. */
    @Test
    void saysSoWhenTheLogOfAnInterruptedCommitRotted() throws IOException {
        int told = 0;
        boolean halted = true;
        for (int halt = 0; halted; halt++) {
            var random = new Random(17);
            var files = new SimulatedFiles();
            var committed = new byte[SIZE];
            var volume = open(files);
            for (int i = 0; i < 2; i++) {
                change(random, volume, committed);
                volume.commit(FailedForce::force);
            }
            var next = committed.clone();
            change(random, volume, next);
            var left = new int[] {halt};
            files.fault((what, path) -> {
                if (--left[0] < 0) {
                    throw new Halt();
                }
            });
            try {
                volume.commit(FailedForce::force);
                halted = false;
            } catch (Halt e) {
                files.fault((what, path) -> {});
            }
            for (int cut = 0; cut < 20; cut++) {
                told += afterRot(files.afterCrash(new Random(cut), FOLDER, FOLDER), new Random(cut), committed, next);
            }
        }
        assertThat(told).isGreaterThan(20);
    }

    /** One when damage was told, else zero; then all is as of one commit. */
    private static int afterRot(SimulatedFiles files, Random random, byte[] committed, byte[] next) throws IOException {
        var log = FOLDER.resolve("redo-1"); // of odd commits
        int size = files.bytes(log).length;
        if (size > 0) {
            files.damage(log, random.nextInt(size), 1 << random.nextInt(8));
        }
        var damage = new ArrayList<String>();
        var found = content(open(files, damage));
        if (damage.isEmpty()) {
            assertThat(Arrays.equals(found, committed) || Arrays.equals(found, next))
                    .isTrue();
            return 0;
        }
        int differ = 0;
        for (int page = 0; page < SIZE; page += RedoLog.PAGE) {
            int end = page + RedoLog.PAGE;
            differ += Arrays.equals(found, page, end, next, page, end) ? 0 : 1;
        }
        assertThat(differ).as("pages that are lost").isLessThan(2);
        return 1;
    }

    private static void commitThreeTimes(Random random, SimulatedFiles files, byte[] model) throws IOException {
        var volume = open(files);
        for (int i = 0; i < 3; i++) {
            change(random, volume, model);
            volume.commit(FailedForce::force);
        }
    }

    @Test
    void bringsNothingOldBackWhenTheMarksAreLostWithTheNewestLog() throws IOException {
        var files = new SimulatedFiles();
        var model = new byte[SIZE];
        var random = new Random(23);
        commitThreeTimes(random, files, model);
        for (int page = 0; page < 4; page++) {
            files.damage(FOLDER.resolve("applied"), (long) page * RedoLog.PAGE, 1);
        }
        files.damage(FOLDER.resolve("redo-1"), 2 * RedoLog.PAGE, 1);
        var damage = new ArrayList<String>();

        var found = content(open(files, damage));

        assertThat(damage).singleElement().asString().contains("1 of its");
        assertThat(found).isEqualTo(model);
    }

    @Test
    void bringsNothingOldBackWhenTheMarksAndTheNewestLogAreGone() throws IOException {
        var files = new SimulatedFiles();
        var model = new byte[SIZE];
        var random = new Random(29);
        commitThreeTimes(random, files, model);
        files.delete(FOLDER.resolve("applied"));
        files.delete(FOLDER.resolve("redo-1"));
        var damage = new ArrayList<String>();

        var reopened = open(files, damage);

        assertThat(content(reopened)).isEqualTo(model);
        assertThat(reopened.doubtful()).isTrue();
        assertThat(damage).singleElement().asString().contains("a redo log of MapDB is lost");
        change(random, reopened, model);
        reopened.commit(FailedForce::force);
        assertThat(content(open(files))).isEqualTo(model);
    }

    @Test
    void commitsLaterWhatAFullDiskRefused() throws IOException {
        var files = new SimulatedFiles();
        var volume = open(files);
        var model = new byte[SIZE];
        var random = new Random(9);
        change(random, volume, model);
        volume.commit(FailedForce::force);
        files.fault((what, path) -> {
            if (what.equals("write")) {
                throw new IOException("No space left on device");
            }
        });
        change(random, volume, model);
        assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> volume.commit(FailedForce::force)))
                .hasMessageContaining("No space left");
        files.fault((what, path) -> {});
        volume.commit(FailedForce::force);

        assertThat(content(open(files.afterCrash(random, FOLDER, FOLDER)))).isEqualTo(model);
    }
}
