package io.turnstone.fuzz;

import io.turnstone.amqp.AmqpProtocol;
import io.turnstone.amqp.AmqpSettings;
import io.turnstone.amqp.MemoryChannel;
import io.turnstone.amqp.message.AmqpFormat;
import io.turnstone.api.Address;
import io.turnstone.api.Authenticated;
import io.turnstone.api.Binding;
import io.turnstone.api.Body;
import io.turnstone.api.Consumer;
import io.turnstone.api.ConsumerRequest;
import io.turnstone.api.Deduplication;
import io.turnstone.api.Delivery;
import io.turnstone.api.ExchangeSpec;
import io.turnstone.api.FakeLoop;
import io.turnstone.api.FakeStore;
import io.turnstone.api.GroupSpec;
import io.turnstone.api.Identity;
import io.turnstone.api.Loop;
import io.turnstone.api.Outcome;
import io.turnstone.api.Overflow;
import io.turnstone.api.Peer;
import io.turnstone.api.QueueLimit;
import io.turnstone.api.QueueSpec;
import io.turnstone.api.QueueStatus;
import io.turnstone.api.Refusal;
import io.turnstone.api.RetrySpec;
import io.turnstone.api.Router;
import io.turnstone.api.Topology;
import io.turnstone.api.plugin.BrokerEvent;
import io.turnstone.api.plugin.Login;
import io.turnstone.api.plugin.Protocol;
import io.turnstone.api.store.Spool;
import io.turnstone.router.RouterCore;
import io.turnstone.router.RouterSettings;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The broker without threads, sockets and files: the real front end and core on a loop and a store driven by hand. */
final class FuzzBroker implements Protocol.Host {

    private static final long A_MINUTE = 60_000;
    private static final int MOST_PARKED = 100;

    final FakeLoop loop = new FakeLoop();
    private final FakeStore store;
    private final RouterCore core;
    private final AmqpProtocol protocol;
    private long connections;

    /** @param slow whether the store commits only when it is told */
    FuzzBroker(boolean slow) {
        store = slow ? FakeStore.manual() : FakeStore.automatic();
        core = RouterCore.start(
                RouterSettings.defaults(Map.of(AmqpFormat.INSTANCE.id(), AmqpFormat.INSTANCE)), List.of(loop), store);
        protocol = new AmqpProtocol(AmqpSettings.of("fuzz", "0")
                .withMaxFrameSize(32 << 10)
                .withMaxMessageBytes(128 << 10)
                .withWindows(64, 20, 40, 64 << 10)
                .withLinks(3, 7, 20));
        for (QueueSpec spec : queues()) {
            core.topology().declareQueue(spec, Topology.Owner.CLIENT);
        }
        for (String type : List.of("direct", "topic", "fanout", "headers")) {
            core.topology().declareExchange(ExchangeSpec.of("amq." + type, type), Topology.Owner.CLIENT);
        }
        commitAll();
        core.topology().bind(new Binding("amq.topic", "q", false, "a.#", Map.of()), Topology.Owner.CLIENT);
        core.topology().bind(new Binding("amq.fanout", "priorities", false, "", Map.of()), Topology.Owner.CLIENT);
        commitAll();
    }

    private static List<QueueSpec> queues() {
        return List.of(
                QueueSpec.named("q").durable(true).build(),
                QueueSpec.named("priorities").durable(true).priorities(5).build(),
                QueueSpec.named("few")
                        .durable(true)
                        .limit(new QueueLimit(4, 4_000, Overflow.DROP_HEAD))
                        .build(),
                QueueSpec.named("full")
                        .limit(new QueueLimit(2, 2_000, Overflow.BLOCK))
                        .build(),
                QueueSpec.named("groups").groups(GroupSpec.DEFAULT).build(),
                QueueSpec.named("once")
                        .durable(true)
                        .deduplication(Deduplication.DEFAULT)
                        .retry(new RetrySpec(2, RetrySpec.Backoff.FIXED, 10, 10, 0))
                        .build(),
                QueueSpec.named("one").singleActive(true).ttlMs(5_000).build());
    }

    Protocol.Connection accept(MemoryChannel socket) {
        return protocol.accept(socket, this);
    }

    /** Everything that can happen at this moment. */
    void settle() {
        loop.settle();
        while (store.answerReads()) {
            loop.settle();
        }
    }

    /** Commits what the store was given, if it does not do so by itself. */
    void commit() {
        settle();
        store.commit();
        settle();
    }

    private void commitAll() {
        do {
            commit();
        } while (store.waiting() > 0);
    }

    void advance(long ms) {
        loop.advance(ms);
        settle();
    }

    /** After the last connection is gone: nothing is held for it, and all there is can be taken. */
    void checkNothingHeld(Set<ByteBuffer> sent) {
        advance(A_MINUTE);
        commitAll();
        check(store.pending() == 0, store.pending() + " messages of transactions are left in the store");
        advance(1);
        for (QueueStatus status : core.queueStatus()) {
            check(status.consumers() == 0, "a consumer is left: " + status);
            check(status.unsettled() == 0, "unsettled messages are left: " + status);
        }
        for (QueueSpec spec : core.topology().queues()) {
            check(!spec.temporary() && !spec.exclusive(), "a queue of a connection is left: " + spec);
        }
        for (QueueSpec spec : List.copyOf(core.topology().queues())) {
            drain(spec.name(), sent);
        }
    }

    private QueueStatus status(String queue) {
        return core.queueStatus().stream()
                .filter(status -> status.name().equals(queue))
                .findFirst()
                .orElseThrow();
    }

    private void drain(String queue, Set<ByteBuffer> sent) {
        QueueStatus before = status(queue);
        var peer = new Peer(++connections, "fuzz", "drain", Identity.ANONYMOUS, "192.0.2.2:1");
        var taken = new Taker(sent);
        loop.within(() -> core.openConsumer(
                        ConsumerRequest.of(new Address.Queue(queue, false), peer, ConsumerRequest.Mode.TAKE, 1L << 40),
                        loop,
                        taken)
                .thenAccept(taken::opened));
        settle();
        commit();
        // Time may have run out for a message that entered when another one left.
        long expired = status(queue).expired() - before.expired();
        // What waited for room, of a publisher that is gone, comes behind the others.
        boolean parks = core.topology().queue(queue).orElseThrow().limit().overflow() == Overflow.BLOCK;
        check(
                taken.count + expired >= before.ready() && (parks || taken.count <= before.ready() + before.delayed()),
                taken.count + " messages came of " + before);
        loop.within(() -> taken.consumer().close(false));
        for (int round = 0;
                round < MOST_PARKED && (round == 0 || (parks && status(queue).messages() > 0));
                round++) {
            core.topology().purge(queue);
            commitAll();
            advance(1);
        }
        if (core.topology().queue(queue).isPresent()) {
            QueueStatus after = status(queue);
            check(after.messages() == 0 && after.bytes() == 0, "an empty queue counts: " + after);
        }
    }

    /** Takes and accepts whatever comes, if somebody sent it. */
    private final class Taker implements Consumer.Listener {
        private final Set<ByteBuffer> sent;
        private final List<Consumer> opened = new ArrayList<>();
        private long count;

        Taker(Set<ByteBuffer> sent) {
            this.sent = sent;
        }

        void opened(Consumer consumer) {
            opened.add(consumer);
            consumer.flow(Integer.MAX_VALUE, false);
        }

        Consumer consumer() {
            check(!opened.isEmpty(), "a queue cannot be drained");
            return opened.get(0);
        }

        @Override
        public void deliver(Delivery delivery) {
            count++;
            var body = (Body.Inline) delivery.message().body();
            check(
                    sent.contains(ByteBuffer.wrap(body.array(), body.offset(), body.size())),
                    "a message that nobody sent");
            // The consumer is known when the first message comes, which is after it was given credit.
            loop.execute(() -> consumer().settle(delivery, Outcome.ACCEPTED, false));
        }

        @Override
        public void drained() {}

        @Override
        public void settled(Delivery delivery, Outcome outcome) {}

        @Override
        public void closed(Refusal reason) {}
    }

    private static void check(boolean fine, String what) {
        if (!fine) {
            throw new AssertionError(what);
        }
    }

    // ---- What the front end asks for

    @Override
    public Router router() {
        return core;
    }

    @Override
    public Optional<Spool> spool() {
        return Optional.empty();
    }

    @Override
    public Login login(Protocol.Channel channel) {
        return new FuzzLogin();
    }

    @Override
    public void authenticate(String user, char[] password, String remoteAddress, Loop on, Authenticated answer) {
        throw new AssertionError("AMQP logs in by SASL");
    }

    @Override
    public boolean anonymousAllowed(String remoteAddress) {
        return true;
    }

    @Override
    public void event(BrokerEvent event) {}

    @Override
    public long nextConnectionId() {
        return ++connections;
    }
}
