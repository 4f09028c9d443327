package io.turnstone.load.compare;

import io.turnstone.load.Figures;
import java.io.IOException;
import java.util.List;

/** What Turnstone's own features are measured at: W1 and W2, with messages of ten priorities in turn. */
enum OwnWork implements Work {
    W1(
            "not durable, pre-settled, 1 producer, 1 consumer, as fast as it goes; ten priorities in turn, which only some queues heed") {
        @Override
        void streams(Trial trial, Broker broker) throws IOException, InterruptedException {
            measure(trial, broker, "100 B", SMALL, through -> through.presettled(Streams.SMALL));
            measure(trial, broker, "1 KiB", KIB, through -> through.presettled(Streams.KIB));
        }
    },
    W2(
            "durable, unsettled, window 1,000, 1 KiB: one queue, one producer, one consumer; ten of each; ten priorities in turn, which only some queues heed") {
        @Override
        void streams(Trial trial, Broker broker) throws IOException, InterruptedException {
            measure(trial, broker, "one queue", ONE, through -> through.durable(WINDOW));
            measure(
                    trial,
                    broker,
                    "ten queues",
                    TEN,
                    through -> through.durable(WINDOW).spread(Variant.MANY, Variant.MANY, Variant.MANY));
        }
    };

    static final String SMALL = "small";
    static final String KIB = "kib";
    static final String ONE = "one";
    static final String TEN = "ten-%d";

    private static final int WINDOW = 1000;
    private static final int PRIORITIES = 10;
    private static final int LEAST_MESSAGES = 10_000;

    private final String description;

    OwnWork(String description) {
        this.description = description;
    }

    @Override
    public String description() {
        return description;
    }

    @Override
    public List<Metric> plotted() {
        return List.of(Metric.RATE, Metric.CPU, Metric.ALLOCATED);
    }

    @Override
    public void run(Trial trial) throws IOException, InterruptedException {
        try (Broker broker = trial.start()) {
            streams(trial, broker);
        }
    }

    abstract void streams(Trial trial, Broker broker) throws IOException, InterruptedException;

    /** Rate and processor time after a warm-up; then as much again, for what that allocates when all is compiled. */
    private static void measure(Trial trial, Broker broker, String title, String queue, Load load)
            throws IOException, InterruptedException {
        Stream stream = load.of(Stream.through(trial.contender().queue(queue))).withPriorities(PRIORITIES);
        Figures figures = trial.load(title, broker, stream.forTime(broker.url(), trial.effort()));
        trial.note(title, Metric.RATE, figures.receiveRate());
        Streams.cpu(trial, title, figures);
        long count = Math.max(LEAST_MESSAGES, figures.measured());
        long before = broker.memory().allocatedBytes();
        Figures again = trial.load(title, broker, stream.forMessages(broker.url(), count));
        long allocated = broker.memory().allocatedBytes() - before;
        trial.note(title, Metric.ALLOCATED, (double) allocated / Math.max(1, again.measured()));
    }

    private interface Load {
        Stream of(Stream through);
    }
}
