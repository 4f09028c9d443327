package io.turnstone.store.bench;

import java.io.IOException;

/**
 * A publisher that waits for each message before it sends the next, and beside it a stream of a fixed rate that waits
 * for nothing. Measured is the one who waits. Owned by one thread.
 */
final class Probe implements Subject.Answers {

    private static final int MAX_STREAM = 1000;

    private final Subject subject;
    private final Bodies bodies = new Bodies(false);
    private final double perSecond;
    private final Latency latency = new Latency(1);
    private boolean waiting;
    private long probe;
    private long probes;
    private long sent;
    private long durable;

    /** A stream of so many messages per second. */
    Probe(Subject subject, double perSecond) {
        this.subject = subject;
        this.perSecond = perSecond;
    }

    Sample run(double seconds) throws IOException {
        long start = System.nanoTime();
        double since = 0;
        while (since < seconds || durable < sent) {
            if (since < seconds) {
                stream((long) (since * perSecond));
                probe();
            }
            subject.turn(this);
            since = (System.nanoTime() - start) / 1e9;
        }
        var sample = new Sample();
        sample.put(Figure.RATE, probes / seconds);
        sample.put(Figure.P50, latency.micros(50));
        sample.put(Figure.P99, latency.micros(99));
        sample.put(Figure.P999, latency.micros(99.9));
        sample.put(Figure.MAX, latency.micros(100));
        return sample;
    }

    private void stream(long due) throws IOException {
        while (sent - probes < due && sent - durable < MAX_STREAM && !subject.congested()) {
            subject.enqueue(bodies.body(sent++));
        }
    }

    private void probe() throws IOException {
        if (!waiting) {
            waiting = true;
            probes++;
            probe = sent;
            latency.sent();
            subject.enqueue(bodies.body(sent++));
        }
    }

    /** Messages of both. */
    long sent() {
        return sent;
    }

    @Override
    public void durable(long key) {
        if (waiting && durable == probe) {
            latency.answered();
            waiting = false;
        }
        durable++;
    }

    @Override
    public void removed(int count) {
        // Nothing is removed.
    }

    @Override
    public void message(long key, byte[] array, int offset) {
        throw new IllegalStateException("nothing was to be read");
    }
}
