package io.turnstone.store.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/**
 * Messages per second with so many in flight: made durable, or made durable and removed.
 *
 * @param folder where places are made
 * @param seconds measured, after a third of that to warm up
 */
record Rates(Path folder, double seconds) {

    private static final long FLOOR_BYTES = 64L << 20;

    Sample measure(Contender contender, int inFlight, boolean removing) throws IOException {
        try (var place = Place.in(folder);
                var subject = contender.open(place.folder(), FLOOR_BYTES, Map.of())) {
            Lap.rest();
            var pump = new Pump(subject, new Bodies(false), inFlight, removing);
            pump.runFor(seconds / 3);
            subject.detail();
            var lap = new Lap();
            var sample = lap.sample(pump.runFor(seconds));
            sample.put(Figure.P50, pump.latency().micros(50));
            sample.put(Figure.P99, pump.latency().micros(99));
            Progress.line("%s %s", contender, subject.detail());
            return sample;
        }
    }
}
