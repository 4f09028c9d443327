package io.turnstone.router;

import io.turnstone.api.Address;
import io.turnstone.api.Binding;
import io.turnstone.api.ExchangeSpec;
import io.turnstone.api.Topology;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** A message through a topic exchange into a queue, with the cache of routes that the router keeps. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class RouteBenchmark {

    private static final String EXCHANGE = "x";

    /** Of the exchange; one of them matches. */
    @Param({"10", "1000"})
    public int bindings = 1;

    private Passage passage = passage(1);

    /** Declares and binds. */
    @Setup
    public void declare() {
        passage = passage(bindings);
    }

    private static Passage passage(int bindings) {
        return new Passage(
                new Address.Exchange(EXCHANGE, null),
                Passage.queue(false),
                (topology, queue) -> bind(topology, queue, bindings),
                false);
    }

    private static List<CompletionStage<?>> bind(Topology topology, String queue, int count) {
        var stages = new ArrayList<CompletionStage<?>>(count + 1);
        stages.add(topology.declareExchange(ExchangeSpec.of(EXCHANGE, "topic"), Topology.Owner.CLIENT));
        for (int i = 1; i <= count; i++) {
            String key = i < count ? "a.other" + i + ".*" : "a.b.*";
            stages.add(topology.bind(new Binding(EXCHANGE, queue, false, key, Map.of()), Topology.Owner.CLIENT));
        }
        return stages;
    }

    /** Published, routed, delivered, accepted. */
    @Benchmark
    @OperationsPerInvocation(Passage.TURN)
    public long through() {
        return passage.turn();
    }
}
