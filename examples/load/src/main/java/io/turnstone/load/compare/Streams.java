package io.turnstone.load.compare;

import io.turnstone.load.Figures;
import java.io.IOException;
import java.util.Locale;

/** The workloads that are a steady stream of messages. */
final class Streams {

    static final int SMALL = 100;
    static final int KIB = 1024;
    private static final int SUBSCRIPTIONS = 10;
    private static final int TOPIC_CONNECTIONS = 11;
    private static final int RATE = 5000;
    private static final String WIDE = "wide";

    private Streams() {}

    static void presettled(Trial trial) throws IOException, InterruptedException {
        try (Broker broker = trial.start()) {
            stream(trial, broker, "100 B", Stream.through(queue(trial, "small")).presettled(SMALL));
            stream(trial, broker, "1 KiB", Stream.through(queue(trial, "kib")).presettled(KIB));
        }
    }

    static void durable(Trial trial) throws IOException, InterruptedException {
        try (Broker broker = trial.start()) {
            stream(
                    trial,
                    broker,
                    "one queue",
                    Stream.through(queue(trial, "one")).durable(1000));
            if (!(trial.contender() instanceof NullContender)) {
                Stream ten = Stream.through(queue(trial, "ten-%d")).durable(1000);
                stream(trial, broker, "ten queues", ten.spread(10, 10, 10));
            }
        }
    }

    static void oneAtATime(Trial trial) throws IOException, InterruptedException {
        try (Broker broker = trial.start()) {
            Stream sync = Stream.through(queue(trial, "sync")).durable(1).sendingOnly();
            String title = "1 KiB";
            Figures figures = trial.load(title, broker, sync.forTime(broker.url(), trial.effort()));
            trial.note(title, Metric.RATE, figures.confirmRate());
            cpu(trial, title, figures);
            trial.note(title, Metric.P50, figures.confirmMs(50));
            trial.note(title, Metric.P99, figures.confirmMs(99));
        }
    }

    static void fanOut(Trial trial) throws IOException, InterruptedException {
        Contender contender = trial.contender();
        try (Broker broker = trial.start()) {
            Stream stream = Stream.between(contender.topic("news"), contender.subscription("news"));
            stream(trial, broker, "1 to 10", stream.fannedOut(SUBSCRIPTIONS));
        }
    }

    static void topic(Trial trial) throws IOException, InterruptedException {
        Contender contender = trial.contender();
        int bindings = trial.effort().bindings();
        try (Broker broker = trial.start()) {
            Stream stream = Stream.between(contender.topic("w5.%k.x"), contender.subscription("w5.%k.*"))
                    .keyed(bindings)
                    .received(bindings, TOPIC_CONNECTIONS);
            String title = String.format(Locale.ROOT, "%,d subscriptions", bindings);
            stream(trial, broker, title, stream);
            if (contender instanceof Turnstone) {
                stream(trial, broker, title + ", pre-settled", stream.presettled(KIB));
                wideTopic(trial, broker);
            }
        }
    }

    /** Peers cannot bind one queue so often over AMQP 1.0, and as many queues would measure queues. */
    private static void wideTopic(Trial trial, Broker broker) throws IOException, InterruptedException {
        int count = trial.effort().wideBindings();
        String queue = queue(trial, "wide");
        var publication = new Contender.Publication(WIDE, "", "wide.%k.x");
        Stream stream = Stream.between(publication, queue).keyed(count);
        try (var bindings = new Bindings(broker.url())) {
            bindings.declare(WIDE, queue);
            for (int i = 0; i < count; i++) {
                bindings.bind(
                        WIDE, queue, "wide." + stream.messages().envelope().key(i) + ".*");
            }
            bindings.await();
        }
        String title = String.format(Locale.ROOT, "%,d bindings of one queue", count);
        stream(trial, broker, title, stream);
        stream(trial, broker, title + ", pre-settled", stream.presettled(KIB));
    }

    static void openLoop(Trial trial) throws IOException, InterruptedException {
        try (Broker broker = trial.start()) {
            String title = RATE + " msg/s";
            Figures figures = stream(
                    trial, broker, title, Stream.through(queue(trial, "open")).at(RATE));
            trial.note(title, Metric.P50, figures.latencyMs(50));
            trial.note(title, Metric.P99, figures.latencyMs(99));
            trial.note(title, Metric.P999, figures.latencyMs(99.9));
        }
    }

    static void mixed(Trial trial) throws IOException, InterruptedException {
        try (Broker broker = trial.start()) {
            Stream stream = Stream.through(trial.contender().priorityQueue("%d"))
                    .durable(100)
                    .withPriorities(10)
                    .withTtl(60_000);
            stream(trial, broker, "50 connections", stream.spread(Workload.PRIORITY_QUEUES, 30, 20));
        }
    }

    private static String queue(Trial trial, String name) {
        return trial.contender().queue(trial.workload().name().toLowerCase(Locale.ROOT) + "-" + name);
    }

    private static Figures stream(Trial trial, Broker broker, String title, Stream stream)
            throws IOException, InterruptedException {
        Figures figures = trial.load(title, broker, stream.forTime(broker.url(), trial.effort()));
        trial.note(title, Metric.RATE, figures.receiveRate());
        cpu(trial, title, figures);
        return figures;
    }

    static void cpu(Trial trial, String title, Figures figures) {
        figures.brokerMicrosPerMessage().ifPresent(micros -> trial.note(title, Metric.CPU, micros));
        trial.note(title, Metric.OWN_CPU, figures.ownMicrosPerMessage());
    }
}
