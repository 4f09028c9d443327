package io.turnstone.store.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/**
 * The life of a deep queue: filled with a thousand messages in flight, closed, opened until its first message is there,
 * read in order and removed.
 *
 * @param folder where places are made
 * @param messages to fill it with
 */
record Backlog(Path folder, long messages) {

    private static final int IN_FLIGHT = 1000;

    Sample measure(Contender contender) throws IOException {
        var sample = new Sample();
        try (var place = Place.in(folder)) {
            fill(contender, place, sample);
            long heap = Machine.heapBytes();
            var opening = new Lap();
            try (var subject = open(contender, place)) {
                var drain = new Drain(subject, 0);
                drain.first();
                sample.put(Figure.REOPEN, opening.seconds());
                sample.put(Figure.MEMORY, (Machine.heapBytes() - heap + subject.nativeBytes()) / 1048576.0);
                drain(contender, subject, drain, sample);
            }
        }
        return sample;
    }

    private Subject open(Contender contender, Place place) throws IOException {
        return contender.open(place.folder(), messages * Bodies.BYTES, Map.of());
    }

    private void fill(Contender contender, Place place, Sample sample) throws IOException {
        Lap closing;
        try (var subject = open(contender, place)) {
            Lap.rest();
            var pump = new Pump(subject, new Bodies(true), IN_FLIGHT, false);
            var lap = new Lap();
            pump.runOf(messages);
            sample.put(Figure.FILL, messages / lap.seconds());
            Progress.line("%s filled: %s", contender, subject.detail());
            closing = new Lap();
        }
        sample.put(Figure.CLOSE, closing.seconds());
        sample.put(Figure.DISK, (double) place.bytes() / (messages * Bodies.BYTES));
    }

    private void drain(Contender contender, Subject subject, Drain drain, Sample sample) throws IOException {
        var lap = new Lap();
        drain.through(messages);
        var drained = lap.sample(messages);
        sample.put(Figure.DRAIN, drained.get(Figure.RATE));
        sample.put(Figure.CPU, drained.get(Figure.CPU));
        Progress.line("%s drained: %s", contender, subject.detail());
    }
}
