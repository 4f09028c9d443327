package io.turnstone.store.bench;

import org.HdrHistogram.Histogram;

/** From submission to answer, of messages that are answered in order. Of many in flight, one in 16 is timed. */
final class Latency {

    private static final long LONGEST_NANOS = 3_600_000_000_000L;

    private final Histogram nanos = new Histogram(LONGEST_NANOS, 3);
    private final long[] starts;
    private final int untimed;
    private long sent;
    private long answered;

    Latency(int inFlight) {
        starts = new long[Integer.highestOneBit(inFlight) << 1];
        untimed = inFlight < 100 ? 0 : 15;
    }

    void sent() {
        if ((sent & untimed) == 0) {
            starts[(int) sent & starts.length - 1] = System.nanoTime();
        }
        sent++;
    }

    void answered() {
        if ((answered & untimed) == 0) {
            long waited = System.nanoTime() - starts[(int) answered & starts.length - 1];
            nanos.recordValue(Math.min(waited, LONGEST_NANOS));
        }
        answered++;
    }

    double micros(double percentile) {
        return nanos.getValueAtPercentile(percentile) / 1e3;
    }
}
