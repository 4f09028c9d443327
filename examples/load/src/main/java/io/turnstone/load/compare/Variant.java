package io.turnstone.load.compare;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Turnstone again, with queues that were declared in one way or another. Immutable.
 *
 * @param name of the way
 * @param declared each queue, in YAML
 */
record Variant(Turnstone turnstone, String name, String declared) implements Contender {

    /** The one that others are measured against. */
    static final String PLAIN = "plain";

    /** Queues of {@link OwnWork} whose names end in a number. */
    static final int MANY = 10;

    private static final String PRIORITIES = "priorities: 10";
    private static final String TTL = "ttl: 1h";
    private static final String RETRY = "retry: { attempts: 5, backoff: exponential, first: 1s, max: 5m, jitter: 0.2 }";

    /** Never reached: what is measured is that they are watched. */
    private static final String LIMITS = "limit: { messages: 50000000, bytes: 64GiB, overflow: reject }";

    /** A queue without anything, one for each feature, and one that has them all. */
    static List<Contender> all(Turnstone turnstone) {
        return List.of(
                new Variant(turnstone, PLAIN, ""),
                new Variant(turnstone, "priorities", PRIORITIES),
                new Variant(turnstone, "ttl", TTL),
                new Variant(turnstone, "retry", RETRY),
                new Variant(turnstone, "limits", LIMITS),
                new Variant(turnstone, "all", String.join(", ", PRIORITIES, TTL, RETRY, LIMITS)));
    }

    @Override
    public String version() throws IOException {
        return turnstone.version() + (declared.isEmpty() ? ", queues without any feature" : ", `" + declared + "`");
    }

    @Override
    public List<String> prepare(Place place) throws IOException {
        var names = new ArrayList<>(List.of(OwnWork.SMALL, OwnWork.KIB, OwnWork.ONE));
        Stream.iterate(0, i -> i + 1).limit(MANY).forEach(i -> names.add(OwnWork.TEN.replace("%d", i.toString())));
        var yaml = new StringBuilder("queues:\n");
        names.forEach(queue -> yaml.append(String.format(Locale.ROOT, "  %s: { %s }%n", queue(queue), declared)));
        return turnstone.command(place, yaml.toString());
    }

    @Override
    public Publication topic(String key) {
        return turnstone.topic(key);
    }

    @Override
    public String subscription(String pattern) {
        return turnstone.subscription(pattern);
    }
}
