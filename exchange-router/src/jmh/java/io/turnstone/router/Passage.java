package io.turnstone.router;

import io.turnstone.api.Address;
import io.turnstone.api.Consumer;
import io.turnstone.api.ConsumerRequest;
import io.turnstone.api.Delivery;
import io.turnstone.api.FakeLoop;
import io.turnstone.api.Identity;
import io.turnstone.api.Message;
import io.turnstone.api.Outcome;
import io.turnstone.api.Peer;
import io.turnstone.api.PublishOutcome;
import io.turnstone.api.Publisher;
import io.turnstone.api.QueueSpec;
import io.turnstone.api.Refusal;
import io.turnstone.api.Topology;
import io.turnstone.router.exchange.TestMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * A message's way through the router: published, stored in no store, delivered, accepted. A loop that is driven by hand
 * takes a hundred in each turn, and its clock goes on by a millisecond. The messages are made beforehand and published
 * again and again: what is allocated is what the router adds to them. Used by one thread.
 */
final class Passage {

    /** Messages of one turn. */
    static final int TURN = 100;

    private static final String QUEUE = "q";
    private static final Peer PEER = new Peer(1, "jmh", "jmh", Identity.ANONYMOUS, "127.0.0.1:1");
    private static final int PRIORITIES = 10;
    private static final long BYTE_BUDGET = 1 << 20;

    private final FakeLoop loop = new FakeLoop();
    private final DroppingStore store = new DroppingStore(loop);
    private final RouterCore core =
            RouterCore.start(RouterSettings.defaults(Map.of("test", TestMessage.FORMAT)), List.of(loop), store);
    private final Message[] messages = new Message[TURN];
    private final Arrivals arrivals = new Arrivals();
    private final Runnable publish = this::publish;
    private final Runnable ask = this::ask;
    private final Runnable accept = this::accept;
    private final Publisher.PublishListener told = this::published;
    private final Publisher publisher;
    private final Consumer consumer;
    private long turns;
    private long taken;
    private long accepted;

    private static final class Arrivals implements Consumer.Listener {

        final List<Delivery> deliveries = new ArrayList<>(TURN);

        @Override
        public void deliver(Delivery delivery) {
            deliveries.add(delivery);
        }

        @Override
        public void drained() {
            throw new IllegalStateException("nobody asked for a drain");
        }

        @Override
        public void settled(Delivery delivery, Outcome outcome) {
            throw new IllegalStateException("nobody asked for a confirmation");
        }

        @Override
        public void closed(Refusal reason) {
            throw new IllegalStateException(reason.toString());
        }
    }

    /** Makes the exchanges and bindings that a message goes through. */
    interface Binding {
        /** Does so; the queue is there already. */
        List<CompletionStage<?>> make(Topology topology, String queue);
    }

    /** @param to where it is published; a key is the message's */
    Passage(Address to, QueueSpec.Builder queue, Binding bindings, boolean durable) {
        for (int i = 0; i < TURN; i++) {
            TestMessage plain = TestMessage.of(durable, "a.b.c", "x".repeat(100));
            messages[i] = new TestMessage(
                    durable, plain.subject(), null, i % PRIORITIES, Message.NONE, Map.of(), plain.body());
        }
        get(() -> core.topology().declareQueue(queue.build(), Topology.Owner.CLIENT));
        bindings.make(core.topology(), QUEUE).forEach(each -> get(() -> each));
        publisher = get(() -> core.openPublisher(to, PEER, loop, new NoPublisherListener()));
        var request = ConsumerRequest.of(new Address.Queue(QUEUE, false), PEER, ConsumerRequest.Mode.TAKE, BYTE_BUDGET);
        consumer = get(() -> core.openConsumer(request, loop, arrivals));
    }

    /** A queue that differs from others by what is built on. */
    static QueueSpec.Builder queue(boolean durable) {
        return QueueSpec.named(QUEUE).durable(durable);
    }

    /** Straight to the queue. */
    static Address toQueue() {
        return new Address.Queue(QUEUE, false);
    }

    private <T> T get(Supplier<CompletionStage<T>> asked) {
        var stages = new ArrayList<CompletionStage<T>>(1);
        loop.within(() -> stages.add(asked.get()));
        settle();
        return stages.get(0).toCompletableFuture().getNow(null);
    }

    private void settle() {
        do {
            loop.settle();
        } while (store.commit());
    }

    /** So many messages in and out; how many were ever accepted. */
    long turn() {
        turns++;
        loop.advance(1);
        loop.within(publish);
        settle();
        loop.within(ask);
        loop.settle();
        loop.within(accept);
        settle();
        if (taken != turns * TURN || accepted != taken) {
            throw new IllegalStateException(
                    "published " + turns * TURN + ", taken " + taken + ", delivered " + accepted);
        }
        return accepted;
    }

    private void publish() {
        for (Message message : messages) {
            publisher.publish(message, told);
        }
    }

    private void published(PublishOutcome outcome) {
        taken++;
    }

    private void ask() {
        consumer.flow(turns * TURN, false);
    }

    private void accept() {
        for (int i = 0; i < arrivals.deliveries.size(); i++) {
            Delivery delivery = arrivals.deliveries.get(i);
            consumer.settle(delivery, Outcome.ACCEPTED, false);
            consumer.written(delivery.message().size());
        }
        accepted += arrivals.deliveries.size();
        arrivals.deliveries.clear();
    }
}
