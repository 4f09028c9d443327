package io.turnstone.broker;

import io.turnstone.api.ConnectionStatus;
import io.turnstone.api.ExchangeStatus;
import io.turnstone.api.QueueStatus;
import io.turnstone.api.plugin.BrokerView;
import io.turnstone.api.store.StoreStatus;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** The state of a broker as the JSON document that {@code turnstone status} shows. */
final class StatusReport {

    private StatusReport() {}

    static JsonObject of(BrokerView view, Map<String, List<String>> listeners, long pluginFailures) {
        StoreStatus store = view.store();
        var report = new JsonObject()
                .put("node", view.node())
                .put("version", view.version())
                .put("health", store.state())
                .put("detail", store.detail())
                .put("pid", ProcessHandle.current().pid())
                .put("uptimeMs", System.currentTimeMillis() - view.startedAtMs())
                .put("pluginFailures", pluginFailures);
        var addresses = new JsonObject();
        listeners.forEach((scheme, all) -> addresses.put(scheme, new JsonArray(all)));
        return report.put("listeners", addresses)
                .put(
                        "store",
                        new JsonObject()
                                .put("state", store.state())
                                .put("fsync", store.fsync())
                                .put("journalBytes", store.journalBytes())
                                .put("absorbedBytes", store.absorbedBytes())
                                .put("commits", store.commits())
                                .put("records", store.records()))
                .put("connections", connections(view))
                .put("suspendedLinks", view.suspendedLinks())
                .put("queues", queues(view))
                .put("exchanges", exchanges(view));
    }

    private static JsonArray connections(BrokerView view) {
        var connections = new JsonArray();
        view.connections().stream()
                .sorted(Comparator.comparingLong(connection -> connection.peer().connectionId()))
                .forEach(connection -> connections.add(connection(connection)));
        return connections;
    }

    private static JsonObject connection(ConnectionStatus connection) {
        return new JsonObject()
                .put("id", connection.peer().connectionId())
                .put("protocol", connection.peer().protocol())
                .put("container", connection.peer().containerId())
                .put("user", connection.peer().identity().name())
                .put("remote", connection.peer().remoteAddress())
                .put("sessions", connection.sessions())
                .put("links", connection.links())
                .put("openedAtMs", connection.openedAtMs());
    }

    private static JsonArray queues(BrokerView view) {
        var queues = new JsonArray();
        view.queues().stream()
                .sorted(Comparator.comparing(QueueStatus::name))
                .forEach(queue -> queues.add(queue(queue)));
        return queues;
    }

    private static JsonObject queue(QueueStatus queue) {
        var deadLettered = new JsonObject();
        queue.deadLettered().forEach((reason, count) -> deadLettered.put(reason.symbol(), count));
        return new JsonObject()
                .put("name", queue.name())
                .put("messages", queue.messages())
                .put("ready", queue.ready())
                .put("delayed", queue.delayed())
                .put("unsettled", queue.unsettled())
                .put("bytes", queue.bytes())
                .put("consumers", queue.consumers())
                .put("oldestAtMs", queue.oldestAtMs())
                .put("published", queue.published())
                .put("delivered", queue.delivered())
                .put("accepted", queue.accepted())
                .put("redelivered", queue.redelivered())
                .put("expired", queue.expired())
                .put("dropped", queue.dropped())
                .put("duplicates", queue.duplicates())
                .put("deadLettered", deadLettered);
    }

    private static JsonArray exchanges(BrokerView view) {
        var exchanges = new JsonArray();
        view.exchanges().stream()
                .sorted(Comparator.comparing(ExchangeStatus::name))
                .forEach(exchange -> exchanges.add(new JsonObject()
                        .put("name", exchange.name())
                        .put("published", exchange.published())
                        .put("unroutable", exchange.unroutable())
                        .put("dropped", exchange.dropped())));
        return exchanges;
    }
}
