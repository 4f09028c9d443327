package io.turnstone.store.bench;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A very deep backlog: what each tenth of it costs on the way in and on the way out. */
@Command(
        name = "deep",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Fills a very deep backlog, absorbs it, opens it again and drains it while others publish.")
final class Deep implements Callable<Integer> {

    private static final int PARTS = 10;
    private static final double MIB = 1048576;

    @Mixin
    private Output output = new Output();

    @Option(names = "--messages", defaultValue = "10000000", description = "How many. Default: ${DEFAULT-VALUE}")
    private long messages;

    @Option(names = "--in-flight", defaultValue = "1000", description = "Default: ${DEFAULT-VALUE}")
    private int inFlight;

    @Option(names = "--contender", defaultValue = "turnstone", description = "Who. Default: ${DEFAULT-VALUE}")
    private Contender contender = Contender.TURNSTONE;

    @Option(
            names = "--beside",
            defaultValue = "0.25",
            description = "Messages published and kept per message drained, so that there is something to checkpoint."
                    + " Default: ${DEFAULT-VALUE}")
    private double beside;

    @Option(
            names = "--window",
            defaultValue = "256MiB",
            description =
                    "The store's journal window while draining, so that it checkpoints. Default: ${DEFAULT-VALUE}")
    private String window = "";

    private final Results results = new Results();

    @Override
    public Integer call() throws IOException {
        messages -= messages % PARTS;
        try (var place = Place.in(output.folder())) {
            long heap = Machine.heapBytes();
            fill(place, heap);
            drain(place, heap);
        }
        return output.print(results);
    }

    private Subject open(Place place, Map<String, Object> options) throws IOException {
        return contender.open(place.folder(), messages * Bodies.BYTES, options);
    }

    private void fill(Place place, long heap) throws IOException {
        Lap closing;
        try (var subject = open(place, Map.of())) {
            var pump = new Pump(subject, new Bodies(true), inFlight, false);
            for (int part = 1; part <= PARTS; part++) {
                var lap = new Lap();
                pump.runOf(messages / PARTS);
                var sample = lap.sample(messages / PARTS);
                sample.put(Figure.P99, pump.latency().micros(99));
                sample.put(Figure.P999, pump.latency().micros(99.9));
                sample.put(Figure.MAX, pump.latency().micros(100));
                add("fill", part, sample, subject);
            }
            results.add("backlog", "filled", new Sample().put(Figure.MEMORY, memoryMiB(subject, heap)));
            closing = new Lap();
        }
        var closed = new Sample();
        closed.put(Figure.CLOSE, closing.seconds());
        closed.put(Figure.DISK, (double) place.bytes() / (messages * Bodies.BYTES));
        results.add("backlog", "absorbed", closed);
    }

    private void drain(Place place, long heap) throws IOException {
        var opening = new Lap();
        try (var subject = open(place, Map.of("window", window))) {
            var drain = new Drain(subject, beside);
            drain.first();
            var opened = new Sample();
            opened.put(Figure.REOPEN, opening.seconds());
            opened.put(Figure.MEMORY, memoryMiB(subject, heap));
            results.add("backlog", "opened", opened);
            for (int part = 1; part <= PARTS; part++) {
                var lap = new Lap();
                drain.through(messages / PARTS * part);
                add("drain", part, lap.sample(messages / PARTS), subject);
            }
            results.add("backlog", "drained", new Sample().put(Figure.MEMORY, memoryMiB(subject, heap)));
        }
    }

    private void add(String what, int part, Sample sample, Subject subject) {
        results.add(what + " by tenths", Integer.toString(part), sample);
        double rate = sample.get(Figure.RATE);
        Progress.line("%s %d/%d: %,.0f messages/s, %s", what, part, PARTS, rate, subject.detail());
    }

    private static double memoryMiB(Subject subject, long heap) {
        return (Machine.heapBytes() - heap + subject.nativeBytes()) / MIB;
    }
}
