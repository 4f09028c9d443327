package io.turnstone.router;

import io.turnstone.api.Address;
import io.turnstone.api.ExchangeSpec;
import io.turnstone.api.FakeLoop;
import io.turnstone.api.Outcome;
import io.turnstone.api.plugin.ExchangeType.Routes;
import io.turnstone.router.exchange.ExchangeTypes;
import io.turnstone.router.exchange.Routing;
import io.turnstone.router.exchange.TestMessage;
import java.util.List;

/** Prints what routing and publishing cost here; for a look, not a test. Run {@link #main} with the test class path. */
final class RoutingBench {

    private static final int BINDINGS = 100_000;
    private static final int ROUNDS = 2_000_000;

    private RoutingBench() {}

    public static void main(String[] args) {
        for (int round = 0; round < 3; round++) {
            topic();
            publish("non-durable, default exchange", new Address.Queue("q", false), false);
            publish("non-durable, topic exchange", new Address.Exchange("x", "a.b"), false);
            publish("durable, default exchange, memory store", new Address.Queue("q", false), true);
        }
    }

    private static void topic() {
        long start = System.nanoTime();
        Routes routes = new ExchangeTypes(List.of()).create(ExchangeSpec.of("x", "topic"));
        for (int i = 0; i < BINDINGS; i++) {
            routes = routes.with(Routing.binding("region" + i % 10 + ".shop" + i + ".*.paid", "q" + i));
        }
        print("topic: one of " + BINDINGS + " bindings added", System.nanoTime() - start, BINDINGS);
        long[] found = new long[1];
        var message = TestMessage.fleeting("");
        start = System.nanoTime();
        for (int i = 0; i < ROUNDS; i++) {
            routes.route(message, "region7.shop77777.order9.paid", binding -> found[0]++);
        }
        print("topic: one key of 4 words among them", System.nanoTime() - start, ROUNDS);
        if (found[0] != ROUNDS) {
            throw new AssertionError("matched " + found[0]);
        }
    }

    private static void publish(String what, Address to, boolean durable) {
        var broker = TestBroker.manual(1).exchange("x", "topic").queue("q").bind("x", "q", "a.*");
        var in = broker.in(to);
        var out = new Object() {
            long settled;
        };
        var consumer = broker.out(new Address.Queue("q", false));
        var message = TestMessage.of(durable, null, "x".repeat(100));
        FakeLoop loop = broker.loops[0];
        long start = System.nanoTime();
        for (int batch = 0; batch < ROUNDS / 1000; batch++) {
            loop.within(() -> {
                for (int i = 0; i < 1000; i++) {
                    in.publisher.publish(message, null);
                }
            });
            broker.store.commit();
            long limit = (batch + 1) * 1000L;
            loop.within(() -> consumer.consumer.flow(limit, false));
            FakeLoop.settle(loop);
            loop.within(() -> consumer.deliveries.forEach(delivery -> {
                consumer.consumer.settle(delivery, Outcome.ACCEPTED, false);
                consumer.consumer.written(delivery.message().size());
            }));
            out.settled += consumer.deliveries.size();
            consumer.deliveries.clear();
            broker.store.commit();
            FakeLoop.settle(loop);
        }
        print(what + ": in, out and settled", System.nanoTime() - start, ROUNDS);
        if (out.settled != ROUNDS) {
            throw new AssertionError("settled " + out.settled);
        }
    }

    private static void print(String what, long nanos, int count) {
        System.out.println(what + ": " + nanos / count + " ns");
    }
}
