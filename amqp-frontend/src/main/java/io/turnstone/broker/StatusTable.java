package io.turnstone.broker;

import io.turnstone.broker.TextTable.Column;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** A status report as people read it. */
final class StatusTable {

    private static final List<Column> QUEUES = queues();
    private static final List<Column> EXCHANGES = Column.of("name", "published", "unroutable", "dropped");
    private static final List<Column> CONNECTIONS =
            Column.of("id", "protocol", "user", "remote", "container", "sessions", "links");

    private StatusTable() {}

    static String of(JsonObject report) {
        var text = new StringBuilder();
        String detail = report.getString("detail", "");
        text.append("node      ").append(report.getString("node")).append('\n');
        text.append("version   ").append(report.getString("version")).append('\n');
        text.append("health    ")
                .append(report.getString("health"))
                .append(detail.isEmpty() ? "" : ": " + detail)
                .append('\n');
        text.append("up        ").append(up(report.getLong("uptimeMs"))).append('\n');
        String fsync = report.getJsonObject("store").getString("fsync", "");
        text.append("store     ")
                .append(fsync.isEmpty() ? "keeps nothing" : "fsync " + fsync)
                .append('\n');
        text.append("listeners ")
                .append(report.getJsonObject("listeners").stream()
                        .flatMap(entry ->
                                ((JsonArray) entry.getValue()).stream().map(address -> entry.getKey() + "=" + address))
                        .collect(Collectors.joining(" ")))
                .append('\n');
        int suspended = report.getInteger("suspendedLinks", 0);
        if (suspended > 0) {
            text.append("suspended ").append(suspended).append(" links wait to be resumed\n");
        }
        TextTable.append(text, "queues", QUEUES, TextTable.rows(report, "queues"));
        List<JsonObject> exchanges = TextTable.rows(report, "exchanges");
        exchanges.removeIf(exchange -> exchange.getString("name").isEmpty());
        if (!exchanges.isEmpty()) {
            TextTable.append(text, "exchanges", EXCHANGES, exchanges);
        }
        TextTable.append(text, "connections", CONNECTIONS, TextTable.rows(report, "connections"));
        return text.toString().stripTrailing();
    }

    private static String up(long ms) {
        Duration time = Duration.ofSeconds(ms / 1000);
        return "%dd %02dh %02dm %02ds"
                .formatted(time.toDays(), time.toHoursPart(), time.toMinutesPart(), time.toSecondsPart());
    }

    /** In the words of what happened to a message: who accepts it has acknowledged it. */
    private static List<Column> queues() {
        List<Column> columns = new ArrayList<>(
                Column.of("name", "messages", "ready", "delayed", "unsettled", "consumers", "bytes", "published"));
        columns.add(new Column("acked", row -> row.getValue("accepted")));
        columns.addAll(Column.of("expired", "dropped"));
        columns.add(new Column(
                "dead-lettered",
                row -> row.getJsonObject("deadLettered").stream()
                        .mapToLong(reason -> ((Number) reason.getValue()).longValue())
                        .sum()));
        return List.copyOf(columns);
    }
}
