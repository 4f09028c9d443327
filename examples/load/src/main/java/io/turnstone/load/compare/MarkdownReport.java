package io.turnstone.load.compare;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;

/** The comparison as Markdown: one table for each case of each workload. */
final class MarkdownReport {

    private final Heading heading;
    private final Results results;
    private final StringBuilder text = new StringBuilder();

    MarkdownReport(Heading heading, Results results) {
        this.heading = heading;
        this.results = results;
    }

    /** @param plot the file name of the plot beside it */
    String text(String plot, String command) {
        text.append("# ").append(heading.title()).append("\n\n");
        text.append("Written by `")
                .append(command)
                .append("` on ")
                .append(heading.date())
                .append(". ");
        text.append(heading.machine()).append(". ").append(heading.settings()).append("\n\n");
        heading.versions()
                .forEach((name, version) -> text.append("- `")
                        .append(name)
                        .append("`: ")
                        .append(version)
                        .append('\n'));
        text.append("""

                Each figure is the median of the repetitions, with the lowest and the highest behind it; contenders take turns. CPU is the
                user and system time of the broker's whole process, garbage collection and compilation included. `×` is the ratio of medians to
                """);
        text.append(measure());
        text.append(" in this run: for a rate more is better, for everything else less.\n\n![](")
                .append(plot)
                .append(")\n");
        Work last = null;
        for (Results.Case of : results.cases()) {
            if (of.workload() != last) {
                last = of.workload();
                text.append("\n## ")
                        .append(last.name())
                        .append("\n")
                        .append(sentence(last.description()))
                        .append("\n");
            }
            text.append("\n**").append(of.title()).append("**\n\n");
            table(of);
        }
        if (!results.remarks().isEmpty()) {
            text.append("\n## Remarks\n");
            results.remarks()
                    .forEach(remark ->
                            text.append("- ").append(remark.replace("\n", " ")).append('\n'));
        }
        return text.toString();
    }

    private String measure() {
        return heading.peers().size() == 1
                ? "`" + heading.peers().get(0) + "`"
                : "the best peer (" + String.join(", ", heading.peers()) + ")";
    }

    private static String sentence(String words) {
        return words.substring(0, 1).toUpperCase(Locale.ROOT) + words.substring(1) + ".";
    }

    private void table(Results.Case of) {
        List<Metric> metrics = results.metrics(of);
        var head = new StringJoiner(" | ", "| | ", " |\n");
        var rule = new StringJoiner("|", "|---|", "|\n");
        for (Metric metric : metrics) {
            head.add(metric.title());
            rule.add("--:");
            if (metric.ofBroker()) {
                head.add("×");
                rule.add("--:");
            }
        }
        text.append(head).append(rule);
        for (String contender : heading.contenders()) {
            if (results.contenders(of).contains(contender)) {
                text.append(row(of, contender, metrics));
            }
        }
    }

    private String row(Results.Case of, String contender, List<Metric> metrics) {
        var cells = new ArrayList<String>();
        for (Metric metric : metrics) {
            List<Double> values = results.values(of, contender, metric);
            cells.add(values.isEmpty() ? "" : figure(metric, values));
            if (metric.ofBroker()) {
                cells.add(ratio(of, metric, values));
            }
        }
        return "| " + contender + " | " + String.join(" | ", cells) + " |\n";
    }

    private static String figure(Metric metric, List<Double> values) {
        String median = metric.format(Results.median(values));
        return values.size() == 1
                ? median
                : median + " (" + metric.format(Collections.min(values)) + "–" + metric.format(Collections.max(values))
                        + ")";
    }

    private String ratio(Results.Case of, Metric metric, List<Double> values) {
        var best = results.best(of, metric, heading.peers());
        if (values.isEmpty() || best.isEmpty() || best.getAsDouble() <= 0) {
            return "";
        }
        double ratio = Results.median(values) / best.getAsDouble();
        return String.format(Locale.ROOT, ratio < 0.095 ? "%.3f" : ratio < 9.95 ? "%.2f" : "%.1f", ratio);
    }
}
