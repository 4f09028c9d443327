package io.turnstone.store.bench;

/** Time and processor time since it was made. */
final class Lap {

    private final long cpu = Machine.cpuNanos();
    private final long start = System.nanoTime();

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
