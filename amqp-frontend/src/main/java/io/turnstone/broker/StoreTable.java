package io.turnstone.broker;

import io.turnstone.broker.TextTable.Column;
import io.vertx.core.json.JsonObject;
import java.util.List;

/** What was found in a store, as people read it. */
final class StoreTable {

    private static final List<Column> COUNTED =
            Column.of("name", "messages", "bytes", "first", "last", "inJournal", "inMapDb", "keys");
    private static final List<Column> READ = Column.of("name", "messages", "bytes", "unreadable", "keys");
    private static final List<Column> SEGMENTS = Column.of("file", "bytes", "firstPosition", "live");

    private StoreTable() {}

    static String ofFigures(JsonObject figures) {
        var text = new StringBuilder();
        text.append("store     ").append(figures.getString("id")).append('\n');
        text.append("format    ").append(figures.getInteger("format")).append('\n');
        text.append("spares    ").append(figures.getInteger("spares")).append('\n');
        text.append("free      ").append(figures.getLong("freeBytes")).append(" bytes in MapDB's file\n");
        TextTable.append(text, "queues", COUNTED, TextTable.rows(figures, StoreWork.QUEUES));
        TextTable.append(text, "journal segments", SEGMENTS, TextTable.rows(figures, "segments"));
        var files = figures.getJsonObject("files").stream()
                .map(file -> new JsonObject().put("file", file.getKey()).put("bytes", file.getValue()))
                .toList();
        TextTable.append(text, "files", Column.of("file", "bytes"), files);
        damage(text, figures);
        return text.toString().stripTrailing();
    }

    static String ofFindings(JsonObject findings) {
        var text = new StringBuilder();
        text.append("records      ").append(findings.getLong("records")).append(" in MapDB\n");
        text.append("unreferenced ").append(findings.getLong("unreferenced")).append('\n');
        TextTable.append(text, "queues", READ, TextTable.rows(findings, StoreWork.QUEUES));
        var aside = findings.getJsonArray(StoreWork.ASIDE);
        if (!aside.isEmpty()) {
            text.append("\nkept aside: ").append(aside.size()).append('\n');
            aside.forEach(file -> text.append("  ").append(file).append('\n'));
        }
        damage(text, findings);
        return text.toString().stripTrailing();
    }

    private static void damage(StringBuilder text, JsonObject document) {
        var places = document.getJsonArray(StoreWork.DAMAGE);
        text.append("\ndamage: ").append(places.size()).append('\n');
        places.forEach(place -> text.append("  ").append(place).append('\n'));
    }
}
