package io.turnstone.load.compare;

import java.util.Locale;

/** What is measured, as its column is headed. */
enum Metric {
    RATE("msg/s", 0, true),
    CPU("CPU µs/msg", 2, false),
    OWN_CPU("generator's CPU µs/msg", 2, false),
    ALLOCATED("allocated B/msg", 0, false),
    P50("p50 ms", 3, false),
    P99("p99 ms", 3, false),
    P999("p99.9 ms", 3, false),
    FILL("fill msg/s", 0, true),
    FILL_CPU("fill CPU µs/msg", 2, false),
    RESIDENT("RSS MiB", 0, false),
    DISK("disk MiB", 0, false),
    FIRST("start to first message s", 2, false),
    FIRST_CPU("CPU s until then", 2, false),
    DRAIN("drain msg/s", 0, true),
    DRAIN_CPU("drain CPU µs/msg", 2, false),
    CONNECTS("connects/s", 0, true),
    CONNECT_CPU("CPU ms/connect", 2, false),
    HEAP("heap KiB/connection", 1, false),
    HELD("heap and direct KiB/connection", 1, false),
    QUEUES("queues made/s", 0, true),
    QUEUE_CPU("CPU ms/queue", 2, false),
    QUEUE_HEAP("heap KiB/queue", 2, false);

    private final String title;
    private final int digits;
    private final boolean higherIsBetter;

    Metric(String title, int digits, boolean higherIsBetter) {
        this.title = title;
        this.digits = digits;
        this.higherIsBetter = higherIsBetter;
    }

    String title() {
        return title;
    }

    boolean higherIsBetter() {
        return higherIsBetter;
    }

    /** What a generator needs says nothing about a broker. */
    boolean ofBroker() {
        return this != OWN_CPU;
    }

    String format(double value) {
        return String.format(Locale.ROOT, "%,." + digits + "f", value);
    }
}
