package io.turnstone.metrics;

import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.turnstone.api.DeathReason;
import io.turnstone.api.Message;
import io.turnstone.api.QueueStatus;
import io.turnstone.api.plugin.BrokerView;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * What each queue looks like, labelled by queue. The fullest queues get series of their own; the others are added up
 * under the label {@value #OTHERS}, so the number of series is bounded however many queues come and go.
 */
final class QueueMetrics implements MultiCollector {

    static final String OTHERS = "(others)";

    /** One series a queue: its name without prefix, help, and how to read it from a status. */
    private record Series(String name, String help, ToDoubleFunction<QueueStatus> value) {}

    private static final List<Series> GAUGES = List.of(
            new Series("messages_ready", "Messages that wait for a consumer.", QueueStatus::ready),
            new Series(
                    "messages_delayed",
                    "Messages that wait for their time, delayed or to be tried again.",
                    QueueStatus::delayed),
            new Series("messages_unsettled", "Messages that consumers hold.", QueueStatus::unsettled),
            new Series("bytes", "Bytes of all messages the queue holds.", QueueStatus::bytes),
            new Series("consumers", "Open consumers.", QueueStatus::consumers));

    private static final List<Series> COUNTERS = List.of(
            new Series("published", "Messages that entered the queue.", QueueStatus::published),
            new Series("delivered", "Deliveries made, redeliveries included.", QueueStatus::delivered),
            new Series("accepted", "Deliveries accepted by a consumer.", QueueStatus::accepted),
            new Series("redelivered", "Deliveries of messages delivered before.", QueueStatus::redelivered),
            new Series("expired", "Messages whose time ended.", QueueStatus::expired),
            new Series("dropped", "Messages dropped by a limit or without a dead letter.", QueueStatus::dropped),
            new Series("duplicates", "Messages published before, accepted and not kept.", QueueStatus::duplicates));

    private final BrokerView broker;
    private final int maxQueues;

    QueueMetrics(BrokerView broker, int maxQueues) {
        this.broker = broker;
        this.maxQueues = maxQueues;
    }

    @Override
    public MetricSnapshots collect() {
        var all = broker.queues();
        var queues = bounded(all);
        var snapshots = MetricSnapshots.builder();
        for (Series series : GAUGES) {
            snapshots.metricSnapshot(gauge(series, queues));
        }
        snapshots.metricSnapshot(gauge(
                new Series(
                        "oldest_message_age_seconds",
                        "How long the oldest ready message has waited.",
                        queue -> ageSeconds(queue, System.currentTimeMillis())),
                queues));
        for (Series series : COUNTERS) {
            snapshots.metricSnapshot(counter(series, queues));
        }
        snapshots.metricSnapshot(deadLettered(queues));
        snapshots.metricSnapshot(GaugeSnapshot.builder()
                .name("turnstone_queues")
                .help("Queues the broker has.")
                .dataPoint(GaugeDataPointSnapshot.builder().value(all.size()).build())
                .build());
        return snapshots.build();
    }

    private static double ageSeconds(QueueStatus queue, long nowMs) {
        return queue.oldestAtMs() == Message.NONE ? 0 : Math.max(0, nowMs - queue.oldestAtMs()) / 1000.0;
    }

    private static GaugeSnapshot gauge(Series series, List<QueueStatus> queues) {
        var gauge =
                GaugeSnapshot.builder().name("turnstone_queue_" + series.name).help(series.help);
        for (QueueStatus queue : queues) {
            gauge.dataPoint(GaugeDataPointSnapshot.builder()
                    .labels(Labels.of("queue", queue.name()))
                    .value(series.value.applyAsDouble(queue))
                    .build());
        }
        return gauge.build();
    }

    private static CounterSnapshot counter(Series series, List<QueueStatus> queues) {
        var counter =
                CounterSnapshot.builder().name("turnstone_queue_" + series.name).help(series.help);
        for (QueueStatus queue : queues) {
            counter.dataPoint(CounterDataPointSnapshot.builder()
                    .labels(Labels.of("queue", queue.name()))
                    .value(series.value.applyAsDouble(queue))
                    .build());
        }
        return counter.build();
    }

    private static CounterSnapshot deadLettered(List<QueueStatus> queues) {
        var counter = CounterSnapshot.builder()
                .name("turnstone_queue_dead_lettered")
                .help("Messages moved to a dead-letter queue, by reason.");
        for (QueueStatus queue : queues) {
            for (DeathReason reason : DeathReason.values()) {
                counter.dataPoint(CounterDataPointSnapshot.builder()
                        .labels(Labels.of("queue", queue.name(), "reason", reason.symbol()))
                        .value(queue.deadLettered().getOrDefault(reason, 0L))
                        .build());
            }
        }
        return counter.build();
    }

    private List<QueueStatus> bounded(Collection<QueueStatus> all) {
        if (all.size() <= maxQueues) {
            return List.copyOf(all);
        }
        var fullestFirst = all.stream()
                .sorted(Comparator.<QueueStatus, Boolean>comparing(
                                queue -> queue.name().equals(OTHERS)) // the label can be had once
                        .thenComparing(
                                Comparator.comparingLong(QueueStatus::messages).reversed())
                        .thenComparing(QueueStatus::name))
                .toList();
        var kept = new java.util.ArrayList<>(fullestFirst.subList(0, maxQueues));
        kept.add(fullestFirst.subList(maxQueues, fullestFirst.size()).stream()
                .reduce(QueueMetrics::sum)
                .orElseThrow());
        return kept;
    }

    /** Two queues as one; counters of queues may move between series when another queue becomes fuller. */
    private static QueueStatus sum(QueueStatus a, QueueStatus b) {
        Map<DeathReason, Long> deadLettered = new EnumMap<>(DeathReason.class);
        deadLettered.putAll(a.deadLettered());
        b.deadLettered().forEach((reason, count) -> deadLettered.merge(reason, count, Long::sum));
        return new QueueStatus(
                OTHERS,
                a.ready() + b.ready(),
                a.delayed() + b.delayed(),
                a.unsettled() + b.unsettled(),
                a.bytes() + b.bytes(),
                a.consumers() + b.consumers(),
                older(a.oldestAtMs(), b.oldestAtMs()),
                a.published() + b.published(),
                a.delivered() + b.delivered(),
                a.accepted() + b.accepted(),
                a.redelivered() + b.redelivered(),
                a.expired() + b.expired(),
                a.dropped() + b.dropped(),
                a.duplicates() + b.duplicates(),
                deadLettered);
    }

    private static long older(long a, long b) {
        if (a == Message.NONE || b == Message.NONE) {
            return Math.max(a, b);
        }
        return Math.min(a, b);
    }
}
