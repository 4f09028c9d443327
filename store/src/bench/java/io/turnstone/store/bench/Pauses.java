package io.turnstone.store.bench;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * What a single publisher feels of checkpoints. The store is given a small journal window and a stream of messages that
 * stay, so that it checkpoints all the time; what it writes beside the journal is measured, and a bare append has
 * to live with a thread that writes as much.
 */
@Command(
        name = "pauses",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Times single publishes during checkpoints, and a bare append beside the same writes.")
final class Pauses implements Callable<Integer> {

    private static final String TEST = "single publishes during checkpoints";
    private static final Map<String, Object> SMALL = Map.of("window", "64MiB", "segment", "16MiB");
    private static final long FILL = 100_000;
    private static final long FLOOR_BYTES = 64L << 20;

    @Mixin
    private Output output = new Output();

    @Option(
            names = "--stream",
            defaultValue = "20000",
            description = "Messages per second beside the single ones. Default: ${DEFAULT-VALUE}")
    private double stream;

    @Option(names = "--seconds", defaultValue = "10", description = "Of each measurement. Default: ${DEFAULT-VALUE}")
    private double seconds;

    @Option(names = "--repetitions", defaultValue = "3", description = "Default: ${DEFAULT-VALUE}")
    private int repetitions;

    /** What came of the store. */
    private record Checkpointed(Sample sample, double bytesPerSecond) {}

    @Override
    public Integer call() throws IOException {
        var results = new Results();
        for (int i = 0; i < repetitions; i++) {
            var ours = checkpointing();
            var floor = appending(ours.bytesPerSecond());
            ours.sample().put(Figure.P99_RATIO, ours.sample().get(Figure.P99) / floor.get(Figure.P99));
            results.add(TEST, Contender.TURNSTONE.toString(), ours.sample());
            results.add(TEST, Contender.FLOOR.toString(), floor);
        }
        return output.print(results);
    }

    private Checkpointed checkpointing() throws IOException {
        try (var place = Place.in(output.folder());
                var subject = Contender.TURNSTONE.open(place.folder(), 0, SMALL)) {
            new Pump(subject, new Bodies(false), 1000, false).runOf(FILL);
            subject.detail();
            long written = Machine.writtenBytes();
            var probe = new Probe(subject, stream);
            var sample = probe.run(seconds);
            double beside = Machine.writtenBytes() - written - probe.sent() * Bodies.BYTES;
            Progress.line("%s: %.0f MiB beside the journal, %s", TEST, beside / (1 << 20), subject.detail());
            return new Checkpointed(sample, Math.max(0, beside / seconds));
        }
    }

    private Sample appending(double bytesPerSecond) throws IOException {
        try (var place = Place.in(output.folder());
                var subject = Contender.FLOOR.open(place.folder(), FLOOR_BYTES, Map.of());
                var writes = new BackgroundWrites(place.folder(), bytesPerSecond)) {
            writes.start();
            return new Probe(subject, stream).run(seconds);
        }
    }
}
