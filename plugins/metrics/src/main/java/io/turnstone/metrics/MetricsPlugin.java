package io.turnstone.metrics;

import io.prometheus.metrics.exporter.httpserver.HTTPServer;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.turnstone.api.plugin.Plugin;
import io.turnstone.api.plugin.PluginContext;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Serves the broker's figures at {@code http://HOST:PORT/metrics} in the formats Prometheus reads. Everything is read
 * from the broker's published snapshots when it is asked for; nothing is counted on the message path.
 */
public final class MetricsPlugin implements Plugin {

    private @Nullable HTTPServer server;

    /** For {@link java.util.ServiceLoader}. */
    public MetricsPlugin() {}

    @Override
    public String name() {
        return "metrics";
    }

    @Override
    public void start(PluginContext context) throws IOException {
        var settings = MetricsSettings.from(context.config());
        var registry = new PrometheusRegistry();
        registry.register(new QueueMetrics(context.broker(), settings.maxQueues()));
        registry.register(new BrokerMetrics(context.broker()));
        try {
            var started = HTTPServer.builder()
                    .hostname(settings.host())
                    .port(settings.port())
                    .registry(registry)
                    .buildAndStart();
            server = started;
            context.logger()
                    .log(
                            System.Logger.Level.INFO,
                            "metrics url=http://{0}:{1}/metrics",
                            settings.host(),
                            Integer.toString(started.getPort()));
        } catch (IOException e) {
            throw new IOException(
                    "cannot listen on " + settings.host() + ":" + settings.port()
                            + "; choose another host or port under plugins: metrics: config",
                    e);
        }
    }

    @Override
    public void close() {
        var running = server;
        if (running != null) {
            running.close();
        }
    }
}
