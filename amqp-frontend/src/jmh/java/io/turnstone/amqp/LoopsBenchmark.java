package io.turnstone.amqp;

import io.turnstone.amqp.message.AmqpFormat;
import io.turnstone.api.FakeStore;
import io.turnstone.api.Loop;
import io.turnstone.api.QueueSpec;
import io.turnstone.api.Topology;
import io.turnstone.broker.config.LoopConfig;
import io.turnstone.broker.host.VertxHost;
import io.turnstone.router.RouterCore;
import io.turnstone.router.RouterSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
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
import org.openjdk.jmh.annotations.TearDown;

/**
 * Two queues with a publisher and a consumer each, on the broker's own event loops: from the bytes of a transfer that came to
 * those of one that leaves, without sockets. With two loops each queue and its peers have one of their own, so that the
 * time should be half, if two processors are free.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class LoopsBenchmark {

    private static final int QUEUES = 2;
    private static final int TURNS = 200;

    /** As in the configuration. */
    @Param({"1", "2"})
    public int loops = 1;

    private final List<PeersWithin> peers = new ArrayList<>();
    private VertxHost host = new VertxHost(new LoopConfig(1, true), 1, 1);

    /** Connects the peers, and waits until they may send. */
    @Setup
    public void connect() throws InterruptedException {
        host.close();
        host = new VertxHost(new LoopConfig(loops, true), 1, 1);
        List<Loop> all = host.loops();
        RouterCore core = RouterCore.start(
                RouterSettings.defaults(Map.of(AmqpFormat.INSTANCE.id(), AmqpFormat.INSTANCE)),
                all,
                FakeStore.automatic());
        var memory = new MemoryHost(new MemoryRouter());
        memory.core = core;
        var protocol = new AmqpProtocol(AmqpSettings.of("node", "1"));
        for (int i = 0; i < QUEUES; i++) {
            Loop loop = all.get(i % loops);
            String queue = "q" + i;
            core.topology()
                    .declareQueue(QueueSpec.named(queue).durable(false).build(), Topology.Owner.CLIENT)
                    .toCompletableFuture()
                    .join();
            var made = new CompletableFuture<PeersWithin>();
            loop.execute(() -> made.complete(new PeersWithin(loop, protocol, memory, "/queues/" + queue)));
            peers.add(made.join());
            while (!ready(loop, made.join())) {
                TimeUnit.MILLISECONDS.sleep(1);
            }
        }
    }

    private static boolean ready(Loop loop, PeersWithin each) {
        var ready = new CompletableFuture<Boolean>();
        loop.execute(() -> ready.complete(each.ready()));
        return ready.join();
    }

    /** One message through one of the two. */
    @Benchmark
    @OperationsPerInvocation(QUEUES * TURNS * PeersWithin.TURN)
    public void through() throws InterruptedException {
        var done = new CountDownLatch(QUEUES);
        for (PeersWithin each : peers) {
            each.run(TURNS, done::countDown);
        }
        done.await();
    }

    /** Ends the loops. */
    @TearDown
    public void close() {
        host.close();
    }
}
