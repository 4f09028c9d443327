package io.turnstone.store.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One test as a Markdown table of medians. A ratio is the first row's figure over this row's: how many times as fast
 * Turnstone is as the contender of that row.
 */
final class Table {

    private final Map<String, Map<Figure, List<Double>>> rows;
    private final Map<Figure, List<Double>> first;
    private final EnumSet<Figure> figures = EnumSet.noneOf(Figure.class);
    private boolean repeated;

    /** Of a test with a row at least. */
    Table(Map<String, Map<Figure, List<Double>>> rows) {
        this.rows = rows;
        first = rows.values().iterator().next();
        for (var row : rows.values()) {
            figures.addAll(row.keySet());
            repeated |= row.values().stream().anyMatch(values -> values.size() > 1);
        }
    }

    List<String> lines() {
        var cells = new ArrayList<List<String>>();
        cells.add(head());
        rows.forEach((name, values) -> cells.add(row(name, values)));
        var widths = new int[cells.get(0).size()];
        for (var row : cells) {
            Arrays.setAll(widths, i -> Math.max(widths[i], row.get(i).length()));
        }
        var lines = new ArrayList<String>();
        cells.forEach(row -> lines.add(line(row, widths)));
        lines.add(1, rule(widths));
        return lines;
    }

    private List<String> head() {
        var head = new ArrayList<>(List.of(""));
        for (Figure figure : figures) {
            head.add(figure.title());
            if (figure.compared()) {
                if (repeated) {
                    head.add("min to max");
                }
                head.add("ratio");
            }
        }
        return head;
    }

    private List<String> row(String name, Map<Figure, List<Double>> measured) {
        var row = new ArrayList<>(List.of(name));
        for (Figure figure : figures) {
            var values = measured.get(figure);
            row.add(values == null ? "" : figure.format(Results.median(values)));
            if (figure.compared()) {
                if (repeated) {
                    row.add(values == null ? "" : range(figure, values));
                }
                row.add(ratio(first.get(figure), values));
            }
        }
        return row;
    }

    private static String range(Figure figure, List<Double> values) {
        return figure.format(Collections.min(values)) + " to " + figure.format(Collections.max(values));
    }

    private static String ratio(@Nullable List<Double> ours, @Nullable List<Double> theirs) {
        return ours == null || theirs == null
                ? ""
                : String.format(Locale.ROOT, "%.2f", Results.median(ours) / Results.median(theirs));
    }

    private static String line(List<String> row, int[] widths) {
        var line = new StringBuilder("|");
        for (int i = 0; i < widths.length; i++) {
            String pad = " ".repeat(widths[i] - row.get(i).length());
            line.append(' ')
                    .append(i == 0 ? row.get(i) + pad : pad + row.get(i))
                    .append(" |");
        }
        return line.toString();
    }

    /** Names to the left, figures to the right. */
    private static String rule(int[] widths) {
        var rule = new StringBuilder("|");
        for (int i = 0; i < widths.length; i++) {
            rule.append("-".repeat(widths[i] + 1)).append(i == 0 ? "-|" : ":|");
        }
        return rule.toString();
    }
}
