package io.turnstone.store.bench;

import java.util.concurrent.locks.LockSupport;

/** Time and processor time since it was made. */
final class Lap {

    private static final long REST_NANOS = 500_000_000;

    private final long cpu = Machine.cpuNanos();
    private final long start = System.nanoTime();

    /** Lets half a second pass, as there is between a broker's start and its first message: who prepares files has done so. */
    static void rest() {
        long end = System.nanoTime() + REST_NANOS;
        for (long left = REST_NANOS; left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    double seconds() {
        return (System.nanoTime() - start) / 1e9;
    }

    /** Rate and processor time of so many messages. */
    Sample sample(long messages) {
        double took = seconds();
        var sample = new Sample();
        sample.put(Figure.RATE, messages / took);
        sample.put(Figure.CPU, (Machine.cpuNanos() - cpu) / 1e3 / messages);
        return sample;
    }
}
