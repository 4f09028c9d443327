package io.turnstone.broker;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A status report as people read it. */
final class StatusTable {

    /** One column: its head and what a row has there. */
    private record Column(String head, Function<JsonObject, Object> cell) {
        static List<Column> of(String... keys) {
            return Stream.of(keys)
                    .map(key -> new Column(key, row -> row.getValue(key)))
                    .toList();
        }
    }

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
        text.append("listeners ")
                .append(report.getJsonObject("listeners").stream()
                        .map(entry -> entry.getKey() + "=" + entry.getValue())
                        .collect(Collectors.joining(" ")))
                .append('\n');
        table(text, "queues", QUEUES, rows(report, "queues"));
        List<JsonObject> exchanges = rows(report, "exchanges");
        exchanges.removeIf(exchange -> exchange.getString("name").isEmpty());
        if (!exchanges.isEmpty()) {
            table(text, "exchanges", EXCHANGES, exchanges);
        }
        table(text, "connections", CONNECTIONS, rows(report, "connections"));
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

    private static List<JsonObject> rows(JsonObject report, String key) {
        JsonArray array = report.getJsonArray(key);
        List<JsonObject> rows = new ArrayList<>();
        for (int i = 0; i < array.size(); i++) {
            rows.add(array.getJsonObject(i));
        }
        return rows;
    }

    private static void table(StringBuilder text, String title, List<Column> columns, List<JsonObject> rows) {
        text.append('\n').append(title).append(": ").append(rows.size()).append('\n');
        if (rows.isEmpty()) {
            return;
        }
        List<List<String>> lines = new ArrayList<>();
        lines.add(columns.stream().map(Column::head).toList());
        for (JsonObject row : rows) {
            lines.add(columns.stream()
                    .map(column -> String.valueOf(column.cell().apply(row)))
                    .toList());
        }
        for (List<String> line : lines) {
            for (int column = 0; column < columns.size(); column++) {
                int at = column;
                int width = lines.stream()
                        .mapToInt(other -> other.get(at).length())
                        .max()
                        .orElse(0);
                text.append("  ")
                        .append(line.get(column))
                        .append(" ".repeat(width - line.get(column).length()));
            }
            text.append('\n');
        }
    }
}
