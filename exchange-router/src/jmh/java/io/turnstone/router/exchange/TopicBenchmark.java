package io.turnstone.router.exchange;

import io.turnstone.api.Binding;
import io.turnstone.api.ExchangeSpec;
import io.turnstone.api.Message;
import io.turnstone.api.plugin.ExchangeType.Routes;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** A key of four words among many patterns, each of another queue; without the cache that a router keeps of routes. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class TopicBenchmark {

    private static final int REGIONS = 10;
    private static final int KEYS = 1 << 10;

    @Param({"10", "1000", "100000"})
    public int bindings = 1;

    private int next;
    private int found;
    private final Message message = TestMessage.fleeting("");
    private final String[] hits = new String[KEYS];
    private final String[] misses = new String[KEYS];
    private Routes routes = new ExchangeTypes(List.of()).create(ExchangeSpec.of("x", "topic"));
    private final Binding another = Routing.binding("region0.another.*.paid", "q");

    /** Binds, and chooses keys. */
    @Setup
    public void bind() {
        for (int i = 0; i < bindings; i++) {
            routes = routes.with(Routing.binding(pattern(i, "*"), "q" + i));
        }
        for (int i = 0; i < KEYS; i++) {
            int shop = (int) ((long) i * bindings / KEYS);
            hits[i] = pattern(shop, "order" + i);
            misses[i] = "region" + i % REGIONS + ".mall" + i + ".order.paid";
        }
    }

    private static String pattern(int shop, String order) {
        return "region" + shop % REGIONS + ".shop" + shop + "." + order + ".paid";
    }

    private void count(Binding binding) {
        found++;
    }

    /** Each key has one pattern that matches; keys in turn. */
    @Benchmark
    public int match() {
        routes.route(message, hits[next++ & KEYS - 1], this::count);
        return found;
    }

    /** No pattern matches. */
    @Benchmark
    public int miss() {
        routes.route(message, misses[next++ & KEYS - 1], this::count);
        return found;
    }

    /** The routes with one pattern more, as a change of topology makes them. */
    @Benchmark
    public Object bindOneMore() {
        return routes.with(another);
    }
}
