package io.turnstone.router;

import io.turnstone.api.Address;
import io.turnstone.api.Binding;
import io.turnstone.api.Consumer;
import io.turnstone.api.ConsumerRequest;
import io.turnstone.api.ConsumerRequest.Mode;
import io.turnstone.api.Delivery;
import io.turnstone.api.ExchangeSpec;
import io.turnstone.api.FakeLoop;
import io.turnstone.api.FakeStore;
import io.turnstone.api.Identity;
import io.turnstone.api.Loop;
import io.turnstone.api.Message;
import io.turnstone.api.Outcome;
import io.turnstone.api.Peer;
import io.turnstone.api.PublishOutcome;
import io.turnstone.api.Publisher;
import io.turnstone.api.QueueSpec;
import io.turnstone.api.QueueStatus;
import io.turnstone.api.Refusal;
import io.turnstone.api.RefusedException;
import io.turnstone.api.Topology.Owner;
import io.turnstone.api.plugin.BrokerEvent;
import io.turnstone.router.exchange.TestMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A router on loops and a store that are driven by hand. Used by one thread. */
final class TestBroker {

    static final Peer ALICE = peer(1, "alice");
    static final Peer BOB = peer(2, "bob");

    final FakeLoop[] loops;
    final FakeStore store;
    final RouterCore core;
    final List<BrokerEvent> events = new ArrayList<>();
    private final boolean automatic;
    private final UnaryOperator<RouterSettings> settings;

    private TestBroker(FakeLoop[] loops, FakeStore store, boolean automatic, UnaryOperator<RouterSettings> settings) {
        this.loops = loops;
        this.store = store;
        this.automatic = automatic;
        this.settings = settings;
        var defaults = RouterSettings.defaults(Map.of("test", TestMessage.FORMAT));
        var applied = settings.apply(new RouterSettings(
                defaults.autoCreateQueues(),
                defaults.authorizer(),
                List.of(),
                List.of(),
                List.of(),
                events::add,
                defaults.formats(),
                defaults.memoryBudgetBytes(),
                defaults.limits()));
        core = RouterCore.start(applied, List.<Loop>of(loops), store);
        settle();
    }

    /** On so many loops, with a store that commits at once. */
    static TestBroker on(int loops) {
        return on(loops, settings -> settings);
    }

    static TestBroker on(int loops, UnaryOperator<RouterSettings> settings) {
        return new TestBroker(loops(loops), FakeStore.automatic(), true, settings);
    }

    /** With a store that commits when {@link #settle} or the test says so. */
    static TestBroker manual(int loops) {
        return new TestBroker(loops(loops), FakeStore.manual(), false, settings -> settings);
    }

    private static FakeLoop[] loops(int count) {
        var clock = new FakeLoop.Clock();
        var loops = new FakeLoop[count];
        for (int i = 0; i < count; i++) {
            loops[i] = new FakeLoop(i, clock);
        }
        return loops;
    }

    /** What the next run finds after this one was killed. */
    TestBroker afterCrash() {
        return new TestBroker(loops(loops.length), store.afterCrash(), automatic, settings);
    }

    static Peer peer(long id, String user) {
        return new Peer(id, "test", user, new Identity(user, "PLAIN"), "127.0.0.1:" + (1000 + id));
    }

    /** Runs and commits until nothing is left to do at this moment. */
    void settle() {
        FakeLoop.settle(loops);
        while (store.answerReads() || store.waiting() > 0) {
            store.commit();
            FakeLoop.settle(loops);
        }
    }

    void advance(long ms) {
        settle();
        FakeLoop.advance(ms, loops);
        settle();
    }

    /** What a stage completes with, after everything has run. */
    <T extends @Nullable Object> T get(CompletionStage<T> stage) {
        settle();
        return now(stage);
    }

    private static <T extends @Nullable Object> T now(CompletionStage<T> stage) {
        CompletableFuture<T> future = stage.toCompletableFuture();
        if (!future.isDone()) {
            throw new AssertionError("not complete");
        }
        try {
            return future.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RefusedException refused) {
                throw refused;
            }
            throw e;
        }
    }

    /** Why a stage was refused. */
    Refusal refusal(Supplier<? extends CompletionStage<?>> asked) {
        try {
            Object value = get(asked.get());
            throw new AssertionError("not refused but " + value);
        } catch (RefusedException e) {
            return e.refusal();
        }
    }

    TestBroker queue(String name) {
        return queue(QueueSpec.named(name).build());
    }

    TestBroker queue(QueueSpec spec) {
        get(core.topology().declareQueue(spec, Owner.CLIENT));
        return this;
    }

    TestBroker exchange(String name, String type) {
        return exchange(ExchangeSpec.of(name, type));
    }

    TestBroker exchange(ExchangeSpec spec) {
        get(core.topology().declareExchange(spec, Owner.CLIENT));
        return this;
    }

    TestBroker bind(String exchange, String queue, String key) {
        get(core.topology().bind(new Binding(exchange, queue, false, key, Map.of()), Owner.CLIENT));
        return this;
    }

    TestBroker bindExchange(String exchange, String to, String key) {
        get(core.topology().bind(new Binding(exchange, to, true, key, Map.of()), Owner.CLIENT));
        return this;
    }

    QueueStatus status(String queue) {
        settle();
        return core.queueStatus().stream()
                .filter(status -> status.name().equals(queue))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no queue " + queue));
    }

    boolean has(String queue) {
        settle();
        return core.topology().queue(queue).isPresent();
    }

    // ---- In

    /** A publisher and what it was told. */
    final class In implements Publisher.Listener {
        final FakeLoop loop;
        final List<PublishOutcome> outcomes = new ArrayList<>();
        final List<Boolean> flow = new ArrayList<>();
        java.util.function.Consumer<Boolean> onFlow = open -> {};

        @Nullable
        Refusal closed;

        Publisher publisher;

        In(FakeLoop loop, Address address, Peer peer) {
            this.loop = loop;
            var stage = new ArrayList<CompletionStage<Publisher>>();
            loop.within(() -> stage.add(core.openPublisher(address, peer, loop, this)));
            publisher = get(stage.get(0));
        }

        In send(Message message) {
            loop.within(() -> publisher.publish(message, outcomes::add));
            return this;
        }

        In send(Address to, Message message) {
            loop.within(() -> publisher.publish(to, message, outcomes::add));
            return this;
        }

        In sendSettled(Message message) {
            loop.within(() -> publisher.publish(message, null));
            return this;
        }

        PublishOutcome outcome(Message message) {
            send(message);
            settle();
            return outcomes.get(outcomes.size() - 1);
        }

        PublishOutcome outcome(Address to, Message message) {
            send(to, message);
            settle();
            return outcomes.get(outcomes.size() - 1);
        }

        void close() {
            loop.within(publisher::close);
            settle();
        }

        @Override
        public void flow(boolean open) {
            flow.add(open);
            onFlow.accept(open);
        }

        @Override
        public void closed(Refusal reason) {
            closed = reason;
        }
    }

    In in(Address address) {
        return in(0, address, ALICE);
    }

    In in(int loop, Address address, Peer peer) {
        return new In(loops[loop], address, peer);
    }

    In toQueue(String queue) {
        return in(new Address.Queue(queue, false));
    }

    In toExchange(String exchange, @Nullable String key) {
        return in(new Address.Exchange(exchange, key));
    }

    // ---- Out

    /** A consumer with what it got. */
    final class Out implements Consumer.Listener {
        final FakeLoop loop;
        final List<Delivery> deliveries = new ArrayList<>();
        final List<Delivery> settled = new ArrayList<>();
        java.util.function.Consumer<Delivery> onDelivery = delivery -> {};
        boolean drained;

        @Nullable
        Refusal closed;

        Consumer consumer;

        Out(FakeLoop loop, ConsumerRequest request) {
            this.loop = loop;
            var stage = new ArrayList<CompletionStage<Consumer>>();
            loop.within(() -> stage.add(core.openConsumer(request, loop, this)));
            consumer = get(stage.get(0));
        }

        Out(FakeLoop loop, Address address, Peer peer, boolean settled) {
            this(loop, ConsumerRequest.of(address, peer, settled ? Mode.TAKE_SETTLED : Mode.TAKE, 1 << 20));
        }

        Out credit(long limit) {
            loop.within(() -> consumer.flow(limit, false));
            TestBroker.this.settle();
            return this;
        }

        void settle(Delivery delivery, Outcome outcome) {
            loop.within(() -> consumer.settle(delivery, outcome, true));
            TestBroker.this.settle();
        }

        List<String> texts() {
            TestBroker.this.settle();
            return deliveries.stream()
                    .map(delivery -> TestMessage.textOf(delivery.message()))
                    .toList();
        }

        Out settleAll(Outcome outcome) {
            loop.within(() -> deliveries.forEach(delivery -> consumer.settle(delivery, outcome, false)));
            TestBroker.this.settle();
            return this;
        }

        void close() {
            loop.within(() -> consumer.close(false));
            TestBroker.this.settle();
        }

        @Override
        public void deliver(Delivery delivery) {
            deliveries.add(delivery);
            onDelivery.accept(delivery);
        }

        @Override
        public void drained() {
            drained = true;
        }

        @Override
        public void settled(Delivery delivery, Outcome outcome) {
            settled.add(delivery);
        }

        @Override
        public void closed(Refusal reason) {
            closed = reason;
        }
    }

    Out out(Address address) {
        return out(loops.length - 1, address, ALICE);
    }

    Out out(int loop, ConsumerRequest request) {
        return new Out(loops[loop], request);
    }

    Out out(int loop, Address address, Peer peer) {
        return new Out(loops[loop], address, peer, false);
    }

    /** One that settles nothing. */
    Out settledOut(int loop, Address address, Peer peer) {
        return new Out(loops[loop], address, peer, true);
    }

    /** Everything a queue holds, in the order it delivers it; it is left unsettled and returns. */
    List<String> drain(String queue) {
        var out = out(new Address.Queue(queue, false)).credit(1_000_000);
        var texts = out.texts();
        out.close();
        return texts;
    }

    /** One random step: a turn of some loop, or a commit. */
    void step(Random random) {
        int choice = random.nextInt(loops.length + 1);
        if (choice < loops.length) {
            loops[choice].turn();
        } else {
            store.commit();
        }
    }
}
