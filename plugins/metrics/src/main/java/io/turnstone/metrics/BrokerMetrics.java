package io.turnstone.metrics;

import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot.InfoDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.turnstone.api.ConnectionStatus;
import io.turnstone.api.ExchangeStatus;
import io.turnstone.api.plugin.BrokerView;
import io.turnstone.api.store.StoreStatus;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/** What concerns the broker as a whole: connections, exchanges and the store. */
final class BrokerMetrics implements MultiCollector {

    private static final double NANOS_PER_SECOND = 1e9;

    private final BrokerView broker;

    BrokerMetrics(BrokerView broker) {
        this.broker = broker;
    }

    @Override
    public MetricSnapshots collect() {
        var store = broker.store();
        return MetricSnapshots.builder()
                .metricSnapshot(info())
                .metricSnapshot(gauge(
                        "turnstone_start_time_seconds",
                        "When the broker started, in seconds since the epoch.",
                        broker.startedAtMs() / 1000.0))
                .metricSnapshot(connections())
                .metricSnapshot(suspendedLinks())
                .metricSnapshot(
                        exchanges("published", "Messages that came to the exchange.", ExchangeStatus::published))
                .metricSnapshot(exchanges("unroutable", "Messages no queue got.", ExchangeStatus::unroutable))
                .metricSnapshot(exchanges(
                        "dropped",
                        "Messages refused for want of room, of which the publisher does not want to hear (pre-settled).",
                        ExchangeStatus::dropped))
                .metricSnapshot(gauge(
                        "turnstone_store_healthy",
                        "1 while the store takes records and found no damage.",
                        store.state().equals("ok") ? 1 : 0))
                .metricSnapshot(gauge("turnstone_store_journal_bytes", "Bytes in the journal's files.", (double)
                        store.journalBytes()))
                .metricSnapshot(
                        gauge("turnstone_store_absorbed_bytes", "Bytes in the files behind the journal.", (double)
                                store.absorbedBytes()))
                .metricSnapshot(CounterSnapshot.builder()
                        .name("turnstone_store_records")
                        .help("Records committed.")
                        .dataPoint(CounterDataPointSnapshot.builder()
                                .value((double) store.records())
                                .build())
                        .build())
                .metricSnapshot(commitLatency(store))
                .build();
    }

    private InfoSnapshot info() {
        return InfoSnapshot.builder()
                .name("turnstone_build")
                .help("The broker's name and version.")
                .dataPoint(InfoDataPointSnapshot.builder()
                        .labels(Labels.of("node", broker.node(), "version", broker.version()))
                        .build())
                .build();
    }

    private GaugeSnapshot suspendedLinks() {
        return GaugeSnapshot.builder()
                .name("turnstone_suspended_links")
                .help("Links that are gone with their connection, and kept until they are resumed.")
                .dataPoint(GaugeDataPointSnapshot.builder()
                        .value(broker.suspendedLinks())
                        .build())
                .build();
    }

    /** By protocol only: users and addresses would be labels without a bound. */
    private GaugeSnapshot connections() {
        Map<String, List<ConnectionStatus>> byProtocol = broker.connections().stream()
                .collect(Collectors.groupingBy(connection -> connection.peer().protocol()));
        byProtocol.putIfAbsent("amqp", List.of());
        var gauge = GaugeSnapshot.builder().name("turnstone_connections").help("Open connections, by protocol.");
        byProtocol.forEach((protocol, connections) -> gauge.dataPoint(GaugeDataPointSnapshot.builder()
                .labels(Labels.of("protocol", protocol))
                .value(connections.size())
                .build()));
        return gauge.build();
    }

    private CounterSnapshot exchanges(String name, String help, ToDoubleFunction<ExchangeStatus> value) {
        var counter =
                CounterSnapshot.builder().name("turnstone_exchange_" + name).help(help);
        for (ExchangeStatus exchange : broker.exchanges()) {
            counter.dataPoint(CounterDataPointSnapshot.builder()
                    .labels(Labels.of("exchange", exchange.name()))
                    .value(value.applyAsDouble(exchange))
                    .build());
        }
        return counter.build();
    }

    private static GaugeSnapshot gauge(String name, String help, double value) {
        return GaugeSnapshot.builder()
                .name(name)
                .help(help)
                .dataPoint(GaugeDataPointSnapshot.builder().value(value).build())
                .build();
    }

    private static HistogramSnapshot commitLatency(StoreStatus store) {
        var buckets = ClassicHistogramBuckets.builder();
        long[] bounds = store.commitBounds();
        long[] counts = store.commitBuckets();
        for (int i = 0; i < bounds.length; i++) {
            buckets.bucket(bounds[i] / NANOS_PER_SECOND, counts[i]);
        }
        buckets.bucket(Double.POSITIVE_INFINITY, counts[bounds.length]);
        return HistogramSnapshot.builder()
                .name("turnstone_store_commit_seconds")
                .help("Time from the start of a group commit until it was durable.")
                .dataPoint(HistogramDataPointSnapshot.builder()
                        .classicHistogramBuckets(buckets.build())
                        .sum(store.commitNanos() / NANOS_PER_SECOND)
                        .build())
                .build();
    }
}
