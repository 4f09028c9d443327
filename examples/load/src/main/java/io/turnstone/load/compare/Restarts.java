package io.turnstone.load.compare;

import io.turnstone.load.Client;
import io.turnstone.load.Connects;
import io.turnstone.load.Figures;
import io.turnstone.load.Queues;
import io.turnstone.load.RoundTrips;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;

/** The workloads that start, stop, connect or ask. */
final class Restarts {

    private static final String NATIVE_MEMORY = "-XX:NativeMemoryTracking=summary";
    private static final int TIMEOUT_MS = 120_000;
    private static final double MIB = 1 << 20;
    private static final double KIB = 1024;
    private static final int SMALL = 100;
    private static final int QUEUE_CONNECTIONS = 8;

    private Restarts() {}

    static void backlog(Trial trial) throws IOException, InterruptedException {
        int count = trial.effort().backlog();
        String title = String.format(Locale.ROOT, "%,d messages", count);
        String queue = trial.contender().queue("backlog");
        Stream stream = Stream.through(queue).durable(1000);
        try (Broker broker = trial.start()) {
            Figures fill = trial.load(title, broker, stream.sendingOnly().forMessages(broker.url(), count));
            trial.note(title, Metric.FILL, fill.sendRate());
            fill.brokerMicrosPerMessage().ifPresent(micros -> trial.note(title, Metric.FILL_CPU, micros));
            trial.note(title, Metric.RESIDENT, broker.process().residentBytes() / MIB);
            trial.note(title, Metric.DISK, broker.diskBytes() / MIB);
        }
        try (Broker broker = trial.start()) {
            first(trial, title, broker, queue);
            Figures drain = trial.load(title, broker, stream.receivingOnly().forMessages(broker.url(), count - 1));
            trial.note(title, Metric.DRAIN, drain.receiveRate());
            drain.brokerMicrosPerMessage().ifPresent(micros -> trial.note(title, Metric.DRAIN_CPU, micros));
        }
    }

    /** One message, and notes how long after the start of the process it came. */
    private static void first(Trial trial, String title, Broker broker, String queue) throws IOException {
        try (Client client = Client.connect(broker.url(), "turnstone-compare-first", TIMEOUT_MS)) {
            client.receiver(queue, 1);
            client.receive();
            started(trial, title, broker);
        }
    }

    /** How long ago the process was started, and what it has used of the processors since. */
    private static void started(Trial trial, String title, Broker broker) throws IOException {
        trial.note(title, Metric.FIRST, broker.seconds());
        trial.note(title, Metric.FIRST_CPU, broker.process().cpuNanos() / 1e9);
    }

    static void idle(Trial trial) throws IOException, InterruptedException {
        int connections = trial.effort().connections();
        try (Broker broker = trial.start(NATIVE_MEMORY)) {
            for (boolean anonymous : new boolean[] {true, false}) {
                String title = connections + (anonymous ? " connections, ANONYMOUS" : " connections, PLAIN");
                try (var connects = new Connects(
                        anonymous ? broker.anonymousUrl() : broker.url(),
                        trial.contender().queue("idle"),
                        Optional.of(broker.process()))) {
                    connects.open(connections / 4);
                    Connects.Cost cost = connects.open(connections);
                    trial.note(title, Metric.CONNECTS, cost.rate());
                    cost.brokerCpuMs().ifPresent(ms -> trial.note(title, Metric.CONNECT_CPU, ms));
                    if (anonymous) {
                        Connects.Held held = connects.held(connections);
                        trial.note(title, Metric.HEAP, held.heapBytes() / KIB / connections);
                        held.directBytes()
                                .ifPresent(bytes ->
                                        trial.note(title, Metric.HELD, (held.heapBytes() + bytes) / KIB / connections));
                    }
                }
            }
        }
    }

    static void firstMessage(Trial trial) throws IOException, InterruptedException {
        String queue = trial.contender().queue("first");
        trial.start().close();
        try (Broker broker = trial.start();
                Client client = Client.connect(broker.url(), "turnstone-compare-first", TIMEOUT_MS)) {
            client.receiver(queue, 1);
            new Queues(broker.url(), queue, SMALL).fill(1, 1);
            client.receive();
            started(trial, "100 B", broker);
        }
    }

    static void roundTrips(Trial trial) throws IOException, InterruptedException {
        int count = trial.effort().roundTrips();
        String title = "1 in flight";
        try (Broker broker = trial.start()) {
            var trips =
                    new RoundTrips(broker.url(), trial.contender().queue("rpc"), SMALL, Optional.of(broker.process()));
            RoundTrips.Measured measured = trips.measure(count / 3, count);
            trial.note(title, Metric.RATE, measured.rate());
            trial.note(title, Metric.CPU, measured.brokerCpuMicros());
            trial.note(title, Metric.P50, measured.percentileMs(50));
            trial.note(title, Metric.P99, measured.percentileMs(99));
        }
    }

    static void manyQueues(Trial trial) throws IOException, InterruptedException {
        int count = trial.effort().queues();
        String title = String.format(Locale.ROOT, "%,d queues", count);
        String queues = trial.contender().queue("many-%d");
        long empty;
        try (Broker broker = trial.start()) {
            empty = broker.memory().liveHeapBytes();
            long cpu = broker.process().cpuNanos();
            trial.note(title, Metric.QUEUES, new Queues(broker.url(), queues, SMALL).fill(count, QUEUE_CONNECTIONS));
            trial.note(title, Metric.QUEUE_CPU, (broker.process().cpuNanos() - cpu) / 1e6 / count);
        }
        try (Broker broker = trial.start()) {
            first(trial, title, broker, queues.replace("%d", Integer.toString(count - 1)));
            trial.note(title, Metric.QUEUE_HEAP, (broker.memory().liveHeapBytes() - empty) / KIB / count);
        }
    }
}
