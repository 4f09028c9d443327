package io.turnstone.fuzz;

import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * More with {@code -Dturnstone.fuzz=N}: so many times as many inputs for each target; others with {@code
 * -Dturnstone.seed=N}, from that one on.
 */
@DisplayName("A fuzz target comes back")
class FuzzTargetsTest {

    private static final int TIMES = Integer.getInteger("turnstone.fuzz", 1);
    private static final long SEED = Long.getLong("turnstone.seed", 1);
    private static final Path CORPUS = Path.of("src/test/fuzz");

    /** What one input may allocate in all, garbage included: several times what the worst well-behaved ones do. */
    private static final long MOST_BYTES = 64 << 20;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** The targets, with how many inputs of which length are made in the ordinary build. */
    enum Target {
        CONVERSATION(400, 3_000);

        private final int inputs;
        private final int longest;

        Target(int inputs, int longest) {
            this.inputs = inputs;
            this.longest = longest;
        }

        private void run(byte[] input) {
            switch (this) {
                case CONVERSATION -> ConversationFuzz.fuzzerTestOneInput(input);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void fromInputsMadeOfSeeds(Target target) {
        long inputs = (long) target.inputs * TIMES;
        assertTimeoutPreemptively(Duration.ofMinutes(1).multipliedBy(TIMES), () -> {
            for (long seed = SEED; seed < SEED + inputs; seed++) {
                var random = new Random(seed);
                var input = new byte[random.nextInt(target.longest)];
                random.nextBytes(input);
                run(target, input, "seed " + seed);
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void fromInputsThatWereKept(Target target) throws IOException {
        for (Path path : corpus(target)) {
            run(target, Files.readAllBytes(path), path.toString());
        }
    }

    private static List<Path> corpus(Target target) throws IOException {
        Path folder = CORPUS.resolve(target.name().toLowerCase(Locale.ROOT));
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        }
    }

    private static void run(Target target, byte[] input, String from) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        try {
            target.run(input);
        } catch (RuntimeException | Error e) {
            throw new AssertionError(target + ", " + from + ": " + e.getMessage(), e);
        }
        long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
        if (allocated > MOST_BYTES) {
            throw new AssertionError(target + ", " + from + " allocated " + allocated + " bytes");
        }
    }
}
