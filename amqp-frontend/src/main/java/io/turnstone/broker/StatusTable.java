package io.turnstone.broker;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** A status report as people read it. */
final class StatusTable {

    private static final List<String> QUEUE_COLUMNS =
            List.of("name", "messages", "ready", "delayed", "unsettled", "consumers", "bytes", "published", "accepted");
    private static final List<String> CONNECTION_COLUMNS =
            List.of("id", "protocol", "user", "remote", "container", "sessions", "links");

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
        table(text, "queues", QUEUE_COLUMNS, report.getJsonArray("queues"));
        table(text, "connections", CONNECTION_COLUMNS, report.getJsonArray("connections"));
        return text.toString().stripTrailing();
    }

    private static String up(long ms) {
        Duration time = Duration.ofSeconds(ms / 1000);
        return "%dd %02dh %02dm %02ds"
                .formatted(time.toDays(), time.toHoursPart(), time.toMinutesPart(), time.toSecondsPart());
    }

    private static void table(StringBuilder text, String title, List<String> columns, JsonArray rows) {
        text.append('\n').append(title).append(": ").append(rows.size()).append('\n');
        if (rows.isEmpty()) {
            return;
        }
        List<List<String>> lines = new ArrayList<>();
        lines.add(columns);
        for (int i = 0; i < rows.size(); i++) {
            JsonObject row = rows.getJsonObject(i);
            lines.add(columns.stream()
                    .map(column -> String.valueOf(row.getValue(column)))
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
