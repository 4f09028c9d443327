package io.turnstone.broker;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/** Rows of a JSON document under heads, as people read them. */
final class TextTable {

    /** One column: its head and what a row has there. */
    record Column(String head, Function<JsonObject, Object> cell) {
        static List<Column> of(String... keys) {
            return Stream.of(keys)
                    .map(key -> new Column(key, row -> row.getValue(key)))
                    .toList();
        }
    }

    private TextTable() {}

    static List<JsonObject> rows(JsonObject report, String key) {
        JsonArray array = report.getJsonArray(key);
        List<JsonObject> rows = new ArrayList<>();
        for (int i = 0; i < array.size(); i++) {
            rows.add(array.getJsonObject(i));
        }
        return rows;
    }

    static void append(StringBuilder text, String title, List<Column> columns, List<JsonObject> rows) {
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
