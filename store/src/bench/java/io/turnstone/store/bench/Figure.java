package io.turnstone.store.bench;

import java.util.Locale;

/** What is measured, in the order in which it is printed. */
enum Figure {
    RATE("messages/s", "%,.0f", true),
    CPU("cpu µs", "%.2f", false),
    P50("p50 µs", "%,.0f", false),
    P99("p99 µs", "%,.0f", false),
    P999("p99.9 µs", "%,.0f", false),
    MAX("max µs", "%,.0f", false),
    P99_RATIO("p99 / floor", "%.2f", false),
    FILL("fill/s", "%,.0f", true),
    CLOSE("close s", "%.2f", false),
    DISK("disk/payload", "%.2f", false),
    REOPEN("reopen s", "%.2f", false),
    MEMORY("memory MiB", "%,.1f", false),
    DRAIN("drain/s", "%,.0f", true);

    private final String title;
    private final String format;
    private final boolean compared;

    Figure(String title, String format, boolean compared) {
        this.title = title;
        this.format = format;
        this.compared = compared;
    }

    String title() {
        return title;
    }

    String format(double value) {
        return String.format(Locale.ROOT, format, value);
    }

    /** Whether least and most, and the first contender's ratio to the others, are printed with it. */
    boolean compared() {
        return compared;
    }
}
