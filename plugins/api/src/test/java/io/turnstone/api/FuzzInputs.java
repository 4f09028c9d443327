package io.turnstone.api;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Runs a fuzz target in the ordinary build: on inputs made of seeds, and on those kept in {@code src/test/fuzz/NAME}. More
 * of the first with {@code -Dturnstone.fuzz=N}, so many times as many; others with {@code -Dturnstone.seed=N}, from that
 * one on.
 *
 * @param name of the target
 * @param target takes one input
 * @param inputs how many there are made
 * @param longest bytes of one that is made
 * @param mostBytes what one input may allocate in all, garbage included: several times what the worst ones do now
 */
public record FuzzInputs(String name, Consumer<byte[]> target, int inputs, int longest, long mostBytes) {

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** Runs it on both. */
    public void run() throws IOException {
        for (Path path : kept()) {
            runOn(Files.readAllBytes(path), path.toString());
        }
        long first = Long.getLong("turnstone.seed", 1);
        long last = first + (long) inputs * Integer.getInteger("turnstone.fuzz", 1);
        for (long seed = first; seed < last; seed++) {
            var random = new Random(seed);
            var input = new byte[random.nextInt(longest)];
            random.nextBytes(input);
            runOn(input, "seed " + seed);
        }
    }

    private List<Path> kept() throws IOException {
        Path folder = Path.of("src/test/fuzz", name);
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        }
    }

    private void runOn(byte[] input, String from) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        try {
            target.accept(input);
        } catch (RuntimeException | Error e) {
            throw new AssertionError(name + ", " + from + ": " + e.getMessage(), e);
        }
        long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
        if (allocated > mostBytes) {
            throw new AssertionError(name + ", " + from + " allocated " + allocated + " bytes, more than " + mostBytes);
        }
    }
}
