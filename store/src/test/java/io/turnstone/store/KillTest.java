package io.turnstone.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.api.store.StoreRecord;
import io.turnstone.store.files.DiskFiles;
import io.turnstone.store.journal.Fsync;
import io.turnstone.store.journal.StoreOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A process of its own writes, says what was committed, and is killed; what it said must be there. */
@DisplayName("A killed process")
final class KillTest {

    private static final int ROUNDS = Integer.getInteger("turnstone.kills", 5);

    /** Copies what lives in MapDB all the time. */
    private static StoreOptions options(String fsync) {
        return new StoreOptions(1 << 20, 128 << 10, 2, 50, Objects.requireNonNull(Fsync.of(fsync))).shrinking(0, 0);
    }

    @TempDir
    Path folder;

    /** The process: publishes and removes for ever; a line per commit that it heard of. */
    static final class Writer {

        private final TestLoop loop = new TestLoop(0);
        private final TestQueue queue = new TestQueue(1, loop, false);
        private final Deque<Long> positions = new ArrayDeque<>();
        private final StringBuilder lines = new StringBuilder();
        private final MapDbStore store;
        private long number;
        private int inFlight;

        private Writer(Path folder, long first, String fsync) {
            number = first;
            store = MapDbStore.open(new DiskFiles(), folder, options(fsync));
            Recovered.of(store).queue(1).forEach(message -> positions.add(message.position()));
        }

        /** Arguments: the folder, the number of the first message, the word for fsync. */
        public static void main(String[] arguments) {
            new Writer(Path.of(arguments[0]), Long.parseLong(arguments[1]), arguments[2]).run();
        }

        private void run() {
            var random = new Random();
            while (true) {
                while (inFlight < 64) {
                    if (positions.size() > 300 && random.nextBoolean()) {
                        remove();
                    } else {
                        publish("m" + number++ + " " + "x".repeat(random.nextInt(2000)));
                    }
                }
                loop.runUntil(() -> inFlight < 32);
                System.out.print(lines);
                System.out.flush();
                lines.setLength(0);
            }
        }

        private void publish(String body) {
            inFlight++;
            store.submit(Records.enqueue(body, "", queue), loop, (position, failure) -> {
                inFlight--;
                positions.add(position);
                lines.append("+")
                        .append(position)
                        .append(' ')
                        .append(body, 0, body.indexOf(' '))
                        .append(";\n");
            });
        }

        private void remove() {
            inFlight++;
            long position = positions.remove();
            StoreRecord record = Records.remove(queue, position);
            System.out.print("?" + position + ";\n");
            System.out.flush();
            store.submit(record, loop, (at, failure) -> {
                inFlight--;
                lines.append("-").append(position).append(";\n");
            });
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"always", "never"})
    void losesNothingItSaidWasCommitted(String fsync) throws IOException, InterruptedException {
        var random = new Random(11);
        var present = new HashSet<String>();
        var removed = new HashSet<String>();
        var maybe = new HashSet<String>();
        long first = 1;
        for (int round = 0; round < ROUNDS; round++) {
            first = run(first, fsync, 200 + random.nextInt(400), present, removed, maybe);
            try (var store = MapDbStore.open(new DiskFiles(), folder, options(fsync))) {
                var found = new HashSet<String>();
                for (var message : Recovered.of(store).queue(1)) {
                    String id = message.position() + " " + message.body().split(" ", 2)[0];
                    assertThat(found.add(id)).as("twice: " + id).isTrue();
                }
                assertThat(store.status().state()).isEqualTo("ok");
                assertThat(found)
                        .containsAll(present)
                        .doesNotContainAnyElementsOf(removed.isEmpty() ? List.of("") : removed);
                present.clear();
                present.addAll(found);
                maybe.clear();
            }
        }
        assertThat(removed).isNotEmpty();
    }

    /** One life; returns the number with which the next may begin. */
    private long run(long first, String fsync, long lifeMs, Set<String> present, Set<String> removed, Set<String> maybe)
            throws IOException, InterruptedException {
        var process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Writer.class.getName(),
                        folder.toString(),
                        String.valueOf(first),
                        fsync)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        long next = first;
        try (var output =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII))) {
            long deadline = 0;
            String line;
            while ((line = output.readLine()) != null) {
                if (deadline == 0) {
                    deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(lifeMs);
                }
                if (line.endsWith(";")) { // the last line may be cut
                    next = Math.max(next, heard(line.substring(0, line.length() - 1), present, removed, maybe));
                }
                if (System.nanoTime() > deadline) {
                    process.toHandle().destroyForcibly();
                }
            }
        }
        process.waitFor();
        assertThat(next).as("the process wrote").isGreaterThan(first);
        return next + 1000;
    }

    private static long heard(String line, Set<String> present, Set<String> removed, Set<String> maybe) {
        if (line.startsWith("+") && line.contains(" m")) {
            present.add(line.substring(1));
            return Long.parseLong(line.substring(line.indexOf(" m") + 2));
        }
        String start = line.substring(1) + " ";
        if (line.startsWith("?")) {
            present.stream().filter(id -> id.startsWith(start)).findFirst().ifPresent(maybe::add);
            present.removeAll(maybe);
        } else if (line.startsWith("-")) {
            maybe.stream().filter(id -> id.startsWith(start)).forEach(removed::add);
        }
        return 0;
    }
}
