package io.turnstone.load;

import java.io.PrintWriter;
import java.util.Locale;
import org.HdrHistogram.Histogram;

/** Prints figures for a reader, or as one JSON object for a program. */
final class Report {

    private static final double[] PERCENTILES = {50, 90, 99, 99.9, 100};

    private final Figures figures;
    private final Plan plan;
    private final Tally tally;

    Report(Figures figures) {
        this.figures = figures;
        plan = figures.plan();
        tally = figures.tally();
    }

    void text(PrintWriter out) {
        Plan.Links links = plan.links();
        Plan.Messages messages = plan.messages();
        out.println(plan.broker() + "  " + links.to() + " → " + links.from());
        out.println(line(
                "  %d producers, %d consumers, %d connections; %,d B, %s, %s, credit %,d",
                links.producers(),
                links.consumers(),
                links.connections(),
                messages.bytes(),
                messages.durable() ? "durable" : "not durable",
                messages.settled() ? "pre-settled" : line("unsettled, window %,d", messages.window()),
                links.credit()));
        if (links.producers() > 0) {
            rate(out, "sent", tally.sending);
        }
        if (tally.settling.count() > 0) {
            rate(out, "confirmed", tally.settling);
        }
        if (links.consumers() > 0) {
            rate(out, "received", tally.receiving);
            times(out, "latency", tally.latency);
        }
        times(out, "confirm", tally.confirm);
        times(out, "sent late", tally.late);
        figures.brokerMicrosPerMessage()
                .ifPresent(micros -> out.println(line(
                        "  %-10s %.2f µs/msg  (pid %d, %.2f s user+system)",
                        "broker CPU", micros, figures.brokerPid().orElse(0), figures.brokerCpuNanos() / 1e9)));
        out.println(line("  %-10s %.2f µs/msg", "own CPU", figures.ownMicrosPerMessage()));
        out.println(line(
                "  %-10s %,d lost, %,d repeated, %,d reordered, %,d refused, %,d damaged, %,d of earlier runs",
                "counts",
                figures.lost(),
                figures.repeated(),
                tally.reordered,
                tally.refused,
                tally.damaged,
                tally.foreign));
        if (tally.firstRefusal != null) {
            out.println("  first refusal: " + tally.firstRefusal);
        }
        if (figures.gaveUp()) {
            out.println(line("  gave up: nothing moved for %,d ms", plan.pace().patienceMs()));
        }
        out.flush();
    }

    private static void rate(PrintWriter out, String name, Span span) {
        String format = span.rate() < 100 ? "  %-10s %,12.1f" : "  %-10s %,12.0f";
        out.println(line(format + " msg/s  (%,d in %.3f s)", name, span.rate(), span.count(), span.seconds()));
    }

    private static void times(PrintWriter out, String name, Histogram nanos) {
        if (nanos.getTotalCount() > 0) {
            var row = new StringBuilder(line("  %-10s", name));
            for (double percentile : PERCENTILES) {
                row.append(line(
                        " %s %,.3f",
                        percentile == 100 ? "max" : "p" + trimmed(percentile),
                        nanos.getValueAtPercentile(percentile) / 1e6));
            }
            out.println(row + " ms");
        }
    }

    /** One object on one line; times in microseconds, rates in messages per second. */
    void json(PrintWriter out) {
        Plan.Links links = plan.links();
        Plan.Messages messages = plan.messages();
        var json = new StringBuilder("{");
        add(json, "good", figures.good());
        add(json, "producers", links.producers());
        add(json, "consumers", links.consumers());
        add(json, "connections", links.connections());
        add(json, "size", messages.bytes());
        add(json, "durable", messages.durable());
        add(json, "settled", messages.settled());
        add(json, "window", messages.window());
        add(json, "credit", links.credit());
        add(json, "messages", figures.measured());
        add(json, "seconds", number(Math.max(tally.receiving.seconds(), tally.sending.seconds())));
        add(json, "sendRate", number(tally.sending.rate()));
        add(json, "confirmRate", number(tally.settling.rate()));
        add(json, "receiveRate", number(tally.receiving.rate()));
        addTimes(json, "latencyMicros", tally.latency);
        addTimes(json, "confirmMicros", tally.confirm);
        addTimes(json, "sentLateMicros", tally.late);
        figures.brokerMicrosPerMessage().ifPresent(micros -> {
            add(json, "brokerPid", figures.brokerPid().orElse(0));
            add(json, "brokerCpuMicrosPerMessage", number(micros));
        });
        add(json, "ownCpuMicrosPerMessage", number(figures.ownMicrosPerMessage()));
        add(json, "lost", figures.lost());
        add(json, "repeated", figures.repeated());
        add(json, "reordered", tally.reordered);
        add(json, "refused", tally.refused);
        add(json, "damaged", tally.damaged);
        add(json, "foreign", tally.foreign);
        add(json, "gaveUp", figures.gaveUp());
        out.println(json.append('}'));
        out.flush();
    }

    private static void addTimes(StringBuilder json, String name, Histogram nanos) {
        if (nanos.getTotalCount() > 0) {
            var values = new StringBuilder("{");
            for (double percentile : PERCENTILES) {
                add(
                        values,
                        percentile == 100 ? "max" : "p" + trimmed(percentile),
                        number(nanos.getValueAtPercentile(percentile) / 1e3));
            }
            add(json, name, values.append('}'));
        }
    }

    private static void add(StringBuilder json, String name, Object value) {
        json.append(json.length() > 1 ? ", " : "")
                .append('"')
                .append(name)
                .append("\": ")
                .append(value);
    }

    private static String number(double value) {
        return line("%.3f", value);
    }

    static String trimmed(double percentile) {
        return percentile == Math.rint(percentile) ? Long.toString((long) percentile) : Double.toString(percentile);
    }

    private static String line(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
