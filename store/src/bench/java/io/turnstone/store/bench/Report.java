package io.turnstone.store.bench;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What a run measured: tables in Markdown for a reader, one JSON object for a program. */
final class Report {

    private final String machine;
    private final Results results;

    Report(String machine, Results results) {
        this.machine = machine;
        this.results = results;
    }

    void print(PrintStream out) {
        out.println(machine);
        results.tests().forEach((test, rows) -> {
            out.printf("%n### %s%n%n", test);
            new Table(rows).lines().forEach(out::println);
        });
        out.flush();
    }

    /** One object; every value of every repetition. */
    String json() {
        var json =
                new StringBuilder("{\n  \"machine\": ").append(quoted(machine)).append(",\n  \"tests\": {");
        String afterTest = "";
        for (var test : results.tests().entrySet()) {
            json.append(afterTest)
                    .append("\n    ")
                    .append(quoted(test.getKey()))
                    .append(": {");
            afterTest = ",";
            String afterRow = "";
            for (var row : test.getValue().entrySet()) {
                json.append(afterRow).append("\n      ").append(quoted(row.getKey()));
                json.append(": ").append(figures(row.getValue()));
                afterRow = ",";
            }
            json.append("\n    }");
        }
        return json.append("\n  }\n}\n").toString();
    }

    private static String figures(Map<Figure, List<Double>> figures) {
        var parts = new ArrayList<String>();
        figures.forEach((figure, values) -> parts.add(quoted(figure.title()) + ": "
                + values.stream()
                        .map(v -> String.format(Locale.ROOT, "%.3f", v))
                        .toList()));
        return "{" + String.join(", ", parts) + "}";
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
