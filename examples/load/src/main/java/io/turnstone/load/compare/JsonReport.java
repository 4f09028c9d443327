package io.turnstone.load.compare;

import java.util.Locale;
import java.util.StringJoiner;

/** The comparison as one JSON object, with the figure of each repetition. */
final class JsonReport {

    private JsonReport() {}

    static String text(Heading heading, Results results) {
        var versions = new StringJoiner(", ", "{", "}");
        heading.versions().forEach((name, version) -> versions.add(quoted(name) + ": " + quoted(version)));
        var figures = new StringJoiner(",\n    ", "[\n    ", "\n  ]");
        for (Results.Case of : results.cases()) {
            for (String contender : results.contenders(of)) {
                for (Metric metric : results.metrics(of)) {
                    var values = new StringJoiner(", ", "[", "]");
                    results.values(of, contender, metric)
                            .forEach(value -> values.add(String.format(Locale.ROOT, "%.4f", value)));
                    if (values.length() > 2) {
                        figures.add("{\"workload\": " + quoted(of.workload().name()) + ", \"case\": "
                                + quoted(of.title()) + ", \"contender\": " + quoted(contender) + ", \"metric\": "
                                + quoted(metric.title()) + ", \"values\": " + values + "}");
                    }
                }
            }
        }
        var remarks = new StringJoiner(", ", "[", "]");
        results.remarks().forEach(remark -> remarks.add(quoted(remark)));
        return "{\n  \"date\": " + quoted(heading.date()) + ",\n  \"machine\": " + quoted(heading.machine())
                + ",\n  \"settings\": " + quoted(heading.settings()) + ",\n  \"contenders\": " + versions
                + ",\n  \"figures\": " + figures + ",\n  \"remarks\": " + remarks + "\n}\n";
    }

    private static String quoted(String text) {
        var quoted = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c < ' ') {
                quoted.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }
}
