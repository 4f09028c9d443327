package io.turnstone.router;

import io.turnstone.api.Overflow;
import io.turnstone.api.QueueLimit;
import io.turnstone.api.QueueSpec;
import io.turnstone.api.RetrySpec;
import java.util.List;
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

/** A message through a queue, for what may be declared of it. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class QueueBenchmark {

    private static final RetrySpec RETRY = new RetrySpec(5, RetrySpec.Backoff.EXPONENTIAL, 1_000, 300_000, 0.2);
    private static final QueueLimit LIMIT = new QueueLimit(1_000_000, 2L << 30, Overflow.REJECT);

    /** What the queue has; each is in use by every message. */
    @Param({"plain", "priorities", "ttl", "retry", "limit", "all"})
    public String has = "";

    /** Whether messages go through the store. */
    @Param({"false", "true"})
    public boolean durable;

    private Passage passage = passage("plain", false);

    /** Declares the queue. */
    @Setup
    public void declare() {
        passage = passage(has, durable);
    }

    private static Passage passage(String has, boolean durable) {
        QueueSpec.Builder queue = Passage.queue(durable);
        switch (has) {
            case "priorities" -> queue.priorities(10);
            case "ttl" -> queue.ttlMs(60_000);
            case "retry" -> queue.retry(RETRY);
            case "limit" -> queue.limit(LIMIT);
            case "all" -> queue.priorities(10).ttlMs(60_000).retry(RETRY).limit(LIMIT);
            default -> {}
        }
        return new Passage(Passage.toQueue(), queue, (topology, name) -> List.of(), durable);
    }

    /** Published, delivered, accepted. */
    @Benchmark
    @OperationsPerInvocation(Passage.TURN)
    public long through() {
        return passage.turn();
    }
}
