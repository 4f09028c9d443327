package io.turnstone.load.compare;

import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * The comparison as a picture (SVG): for each case a row with up to three of its figures side by side, a bar for each
 * contender from zero to its median, and a line from its lowest to its highest repetition.
 */
final class Plot {

    private static final int PANELS = 3;
    private static final int WIDTH = 960;
    private static final int NAMES = 80;
    private static final int PANEL = (WIDTH - NAMES) / PANELS;
    private static final int BAR_SPACE = 190;
    private static final int BAR = 12;
    private static final int STEP = 17;
    private static final int TITLE = 40;
    private static final List<String> COLOURS =
            List.of("#c2410c", "#4b5563", "#9ca3af", "#60a5fa", "#a3e635", "#fbbf24");

    private final Heading heading;
    private final Results results;
    private final StringBuilder body = new StringBuilder();
    private int y = 30;

    Plot(Heading heading, Results results) {
        this.heading = heading;
        this.results = results;
    }

    String svg() {
        label(
                10,
                y,
                "bold",
                heading.title() + ", " + heading.date() + ": bar to the median, line from lowest to highest");
        results.cases().forEach(this::row);
        return "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + WIDTH + "\" height=\"" + (y + 20)
                + "\" font-family=\"sans-serif\" font-size=\"11\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
                + body + "</svg>\n";
    }

    private void row(Results.Case of) {
        List<Metric> shown = of.workload().plotted().stream()
                .filter(results.metrics(of)::contains)
                .toList();
        List<String> contenders = heading.contenders().stream()
                .filter(results.contenders(of)::contains)
                .toList();
        y += TITLE;
        label(10, y - 14, "bold", of.workload().name() + ", " + of.title());
        for (int panel = 0; panel < shown.size(); panel++) {
            label(NAMES + panel * PANEL, y, "normal", shown.get(panel).title());
        }
        for (String contender : contenders) {
            y += STEP;
            label(10, y, "normal", contender);
            for (int panel = 0; panel < shown.size(); panel++) {
                bar(of, contender, shown.get(panel), NAMES + panel * PANEL, contenders);
            }
        }
    }

    private void bar(Results.Case of, String contender, Metric metric, int x, List<String> contenders) {
        List<Double> values = results.values(of, contender, metric);
        if (values.isEmpty()) {
            return;
        }
        double most = contenders.stream()
                .flatMap(each -> results.values(of, each, metric).stream())
                .mapToDouble(Double::doubleValue)
                .max()
                .orElse(1);
        double scale = most > 0 ? BAR_SPACE / most : 0;
        double median = Results.median(values);
        String colour = COLOURS.get(heading.contenders().indexOf(contender) % COLOURS.size());
        draw(
                "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>%n",
                x, y - BAR + 2, Math.max(0.5, median * scale), BAR, colour);
        draw(
                "<path d=\"M%.1f %d H%.1f\" stroke=\"black\"/>%n",
                x + Collections.min(values) * scale, y - BAR / 2 + 2, x + Collections.max(values) * scale);
        double end =
                Stream.of(median, Collections.max(values)).max(Double::compare).orElse(median);
        label((int) (x + end * scale + 6), y, "normal", metric.format(median));
    }

    private void label(int x, int at, String weight, String text) {
        draw(
                "<text x=\"%d\" y=\"%d\" font-weight=\"%s\">%s</text>%n",
                x, at, weight, text.replace("&", "&amp;").replace("<", "&lt;"));
    }

    private void draw(String format, Object... values) {
        body.append(String.format(Locale.ROOT, format, values));
    }
}
