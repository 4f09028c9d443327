package io.turnstone.load.compare;

/**
 * How much is done. Immutable.
 *
 * @param warmUpSeconds of each stream, not measured
 * @param seconds of each stream, measured
 * @param backlog messages of W7
 * @param bindings of W5, each a subscription
 * @param wideBindings of W5, all to one queue
 * @param roundTrips of W10; a third as many come before, not measured
 * @param connections of W8
 * @param queues of W11
 */
record Effort(
        double warmUpSeconds,
        double seconds,
        int backlog,
        int bindings,
        int wideBindings,
        int roundTrips,
        int connections,
        int queues) {

    static final Effort FULL = new Effort(10, 10, 500_000, 1000, 100_000, 60_000, 2000, 20_000);

    /** Shows that everything works; its figures say little. */
    static final Effort QUICK = new Effort(1.5, 1.5, 20_000, 100, 1000, 1500, 150, 200);
}
