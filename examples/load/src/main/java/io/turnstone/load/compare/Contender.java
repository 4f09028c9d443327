package io.turnstone.load.compare;

import java.io.IOException;
import java.util.List;

/** Who is measured: how to start it and how its addresses are written. Immutable. */
sealed interface Contender permits Turnstone, Variant, Artemis, BrokerJ, NullContender {

    /** As on the command line and in the table. */
    String name();

    /** What it is, for the reader of the table. */
    String version() throws IOException;

    /** Whether ratios are taken to it. */
    default boolean peer() {
        return false;
    }

    /** Whether it takes part: floors cannot in all. */
    default boolean runs(Work workload) {
        return true;
    }

    /**
     * Writes what it reads at its start into the folder of the place.
     *
     * @return the command that starts it
     */
    List<String> prepare(Place place) throws IOException;

    /** A durable queue, first in first out; {@code %d} may stand for many. Made on first use. */
    default String queue(String name) {
        return "q." + name;
    }

    /** A durable queue with ten levels of priority. */
    default String priorityQueue(String name) {
        return "p." + name;
    }

    /** How to publish to a topic. */
    Publication topic(String key);

    /** A subscription to keys; {@code *} stands for one word. */
    String subscription(String pattern);

    /**
     * Where a producer sends.
     *
     * @param address of the link; empty for the anonymous terminus
     * @param to in each message; empty for none
     * @param subject of each message; empty for none
     */
    record Publication(String address, String to, String subject) {}
}
