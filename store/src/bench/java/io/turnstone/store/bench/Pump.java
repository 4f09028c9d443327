package io.turnstone.store.bench;

import java.io.IOException;

/**
 * A publisher that keeps a number of messages in flight; as soon as one is durable the next one is sent. When it
 * removes too, each message's removal is asked for when the message is durable and need not be waited for by the next
 * one; a run ends when all removals are durable. Owned by one thread.
 */
final class Pump implements Subject.Answers {

    private static final int MAX_IN_FLIGHT = 10_000;

    private final Subject subject;
    private final Bodies bodies;
    private final boolean removing;
    private final int inFlight;
    private final Longs leaving = new Longs();
    private Latency latency;
    private long sent;
    private long durable;
    private long removed;

    Pump(Subject subject, Bodies bodies, int inFlight, boolean removing) {
        if (inFlight < 1 || inFlight > MAX_IN_FLIGHT) {
            throw new IllegalArgumentException(inFlight + " in flight must be 1 to " + MAX_IN_FLIGHT);
        }
        this.subject = subject;
        this.bodies = bodies;
        this.inFlight = inFlight;
        this.removing = removing;
        latency = new Latency(inFlight);
    }

    /** Sends for so long; how many became durable. */
    long runFor(double seconds) throws IOException {
        return run(Long.MAX_VALUE, System.nanoTime() + (long) (seconds * 1e9));
    }

    /** Sends so many. */
    void runOf(long count) throws IOException {
        run(count, Long.MAX_VALUE);
    }

    /** Of the last run. */
    Latency latency() {
        return latency;
    }

    private long run(long count, long deadline) throws IOException {
        latency = new Latency(inFlight);
        long before = durable;
        long left = count;
        while (left > 0 || durable < sent || (removing && removed < durable)) {
            if (deadline != Long.MAX_VALUE && System.nanoTime() - deadline >= 0) {
                left = 0;
            }
            for (; left > 0 && sent - durable < inFlight && !subject.congested(); left--) {
                latency.sent();
                subject.enqueue(bodies.body(sent++));
            }
            subject.turn(this);
            for (int i = 0; i < leaving.size(); i++) {
                subject.remove(leaving.get(i));
            }
            leaving.clear();
        }
        return durable - before;
    }

    @Override
    public void durable(long key) {
        latency.answered();
        durable++;
        if (removing) {
            leaving.add(key);
        }
    }

    @Override
    public void removed(int count) {
        removed += count;
    }

    @Override
    public void message(long key, byte[] array, int offset) {
        throw new IllegalStateException("nothing was to be read");
    }
}
