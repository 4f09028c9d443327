package io.turnstone.load.compare;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.HdrHistogram.Histogram;

/** The disk's floor: one write at a time to a zeroed file opened with DSYNC. Owned by one thread. */
final class DiskFloor {

    static final String NAME = "disk";

    private static final int FILE_BYTES = 64 << 20;
    private static final int CHUNK = 1 << 20;
    private static final int ROUNDS = 5;
    private static final int BLOCK = 4096;
    private static final int BLOCKS = 250;
    private static final int KIB = 1024;

    private final Path folder;

    DiskFloor(Path folder) {
        this.folder = folder;
    }

    /** Writes 1 KiB after another for a time and notes it beside the brokers. */
    void measure(Effort effort, Results results) throws IOException {
        append(KIB, Integer.MAX_VALUE, effort.warmUpSeconds() / 4);
        long start = System.nanoTime();
        Histogram nanos = append(KIB, Integer.MAX_VALUE, effort.seconds());
        double seconds = (System.nanoTime() - start) / 1e9;
        var of = new Results.Case(Workload.W3, "1 KiB");
        results.add(of, NAME, Metric.RATE, nanos.getTotalCount() / seconds);
        results.add(of, NAME, Metric.P50, nanos.getValueAtPercentile(50) / 1e6);
        results.add(of, NAME, Metric.P99, nanos.getValueAtPercentile(99) / 1e6);
    }

    /** What one durable write of 4 KiB takes in nanoseconds: the mean of the quickest of a few rounds. */
    long writeNanos() throws IOException {
        double best = Double.MAX_VALUE;
        for (int i = 0; i < ROUNDS; i++) {
            best = Math.min(best, append(BLOCK, BLOCKS, Integer.MAX_VALUE).getMean());
        }
        return (long) best;
    }

    private Histogram append(int bytes, int writes, double seconds) throws IOException {
        Files.createDirectories(folder);
        Path file = folder.resolve("append");
        zero(file);
        var histogram = new Histogram(3);
        try (var channel = FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.DSYNC)) {
            ByteBuffer block = ByteBuffer.allocateDirect(bytes);
            long start = System.nanoTime();
            long before = start;
            for (int i = 0; i < writes && before - start < seconds * 1e9; i++) {
                channel.write(block.clear(), (long) i * bytes % FILE_BYTES);
                long now = System.nanoTime();
                histogram.recordValue(now - before);
                before = now;
            }
        } finally {
            Files.delete(file);
        }
        return histogram;
    }

    private static void zero(Path file) throws IOException {
        try (var channel = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            ByteBuffer zeros = ByteBuffer.allocateDirect(CHUNK);
            for (int at = 0; at < FILE_BYTES; at += CHUNK) {
                channel.write(zeros.clear());
            }
            channel.force(true);
        }
    }

    static String version() {
        return "the disk: one write of 1 KiB after another to a zeroed file, DSYNC";
    }
}
