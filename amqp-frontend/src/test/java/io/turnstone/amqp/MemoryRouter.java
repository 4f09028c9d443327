package io.turnstone.amqp;

import io.turnstone.api.Address;
import io.turnstone.api.Condition;
import io.turnstone.api.Consumer;
import io.turnstone.api.ConsumerRequest;
import io.turnstone.api.Loop;
import io.turnstone.api.Peer;
import io.turnstone.api.Publisher;
import io.turnstone.api.Refusal;
import io.turnstone.api.RefusedException;
import io.turnstone.api.Router;
import io.turnstone.api.Topology;
import io.turnstone.api.Transaction;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * A small router that keeps messages in lists. Every name is a queue, except {@code missing} (not found),
 * {@code locked}, {@code nowhere} (publishing is unroutable) and {@code full} (publishing is refused).
 */
final class MemoryRouter implements Router {

    final Map<String, MemoryQueue> queues = new HashMap<>();
    final List<MemoryPublisher> publishers = new ArrayList<>();
    final List<MemoryConsumer> consumers = new ArrayList<>();
    final List<ConsumerRequest> requests = new ArrayList<>();
    final List<Peer> disconnected = new ArrayList<>();
    /** Opens in a later turn. */
    boolean slow;
    /** Publish outcomes wait in {@link #held} until a test tells them. */
    boolean holdOutcomes;
    /** How everything that is published is refused, if it is. */
    Refusal refusal;

    /** Why no transaction begins, if so. */
    Refusal refuseTransactions;

    final List<MemoryTransaction> transactions = new ArrayList<>();

    /** What each peer may see and change. */
    Function<Peer, Topology> topologies = peer -> topology();

    final MemoryTopology topology = new MemoryTopology();
    final ArrayDeque<Runnable> held = new ArrayDeque<>();

    MemoryQueue queue(String name) {
        return queues.computeIfAbsent(name, MemoryQueue::new);
    }

    /** Tells all publish outcomes that wait. */
    void commit() {
        while (!held.isEmpty()) {
            held.remove().run();
        }
    }

    @Override
    public CompletionStage<Publisher> openPublisher(Address target, Peer peer, Loop loop, Publisher.Listener listener) {
        return opened(loop, target, () -> {
            var publisher = new MemoryPublisher(this, target, listener);
            publishers.add(publisher);
            return publisher;
        });
    }

    @Override
    public CompletionStage<Consumer> openConsumer(ConsumerRequest request, Loop loop, Consumer.Listener listener) {
        requests.add(request);
        return opened(loop, request.source(), () -> {
            var consumer = new MemoryConsumer(queue(name(request.source())), request, listener);
            if (consumer.claims() && claims.containsKey(request.claim().name())) {
                consumer.unsettled.addAll(claims.remove(request.claim().name()));
            }
            consumers.add(consumer);
            return consumer;
        });
    }

    @Override
    public CompletionStage<Consumer> resumeConsumer(
            Consumer suspended, Peer peer, Loop loop, Consumer.Listener listener) {
        var old = (MemoryConsumer) suspended;
        return opened(loop, old.request.source(), () -> {
            if (old.closed) {
                throw new RefusedException(Condition.NOT_FOUND, "nothing is kept");
            }
            var consumer = old.resumed(listener);
            consumers.add(consumer);
            return consumer;
        });
    }

    private <T> CompletionStage<T> opened(Loop loop, Address address, Supplier<T> maker) {
        var stage = new CompletableFuture<T>();
        Runnable open = () -> {
            try {
                check(address);
                stage.complete(maker.get());
            } catch (RefusedException refused) {
                stage.completeExceptionally(refused);
            }
        };
        if (slow) {
            loop.schedule(10, open);
        } else {
            open.run();
        }
        return stage;
    }

    private static void check(Address address) {
        String name = name(address);
        if (name.equals("missing")) {
            throw new RefusedException(Condition.NOT_FOUND, "queue 'missing' does not exist");
        } else if (name.equals("locked")) {
            throw new RefusedException(
                    Condition.RESOURCE_LOCKED, "cannot obtain exclusive access to locked queue 'locked'");
        }
    }

    static String name(Address address) {
        if (address instanceof Address.Queue queue) {
            return queue.name();
        } else if (address instanceof Address.Plain plain) {
            return plain.name();
        } else if (address instanceof Address.Dynamic dynamic) {
            return dynamic.name();
        } else if (address instanceof Address.Volatile replies) {
            return replies.name();
        } else if (address instanceof Address.Subscribed subscribed) {
            return "sub." + subscribed.to().exchange();
        } else if (address instanceof Address.Topic topic) {
            return topic.name();
        } else if (address instanceof Address.Exchange exchange) {
            return "sub." + exchange.name();
        }
        return "";
    }

    @Override
    public Transaction begin(Peer peer, Loop loop, Transaction.Listener listener) {
        if (refuseTransactions != null) {
            throw new RefusedException(refuseTransactions);
        }
        var transaction = new MemoryTransaction(this, listener);
        transactions.add(transaction);
        return transaction;
    }

    /** Survives as a store would, for another router. */
    Map<String, byte[]> kept = new HashMap<>();

    @Override
    public void keep(String name, byte[] value, Loop loop) {
        if (value == null) {
            kept.remove(name);
        } else {
            kept.put(name, value);
        }
    }

    @Override
    public Map<String, byte[]> kept() {
        return Map.copyOf(kept);
    }

    /** What consumers held when another router ended, by claim; positions are as they were. */
    Map<String, List<MemoryQueue.Entry>> claims = new HashMap<>();

    /** Notes of the claims of all consumers there were. */
    final Map<String, byte[]> notes = new HashMap<>();

    final List<String> renounced = new ArrayList<>();

    /** Another router, started after this one was killed. */
    MemoryRouter afterCrash() {
        var next = new MemoryRouter();
        next.kept = kept;
        for (MemoryConsumer consumer : consumers) {
            if (consumer.claims() && !consumer.closed && !consumer.unsettled.isEmpty()) {
                ConsumerRequest.Claim claim = consumer.request.claim();
                next.claims.put(claim.name(), List.copyOf(consumer.unsettled));
                next.notes.put(claim.name(), claim.note());
            }
        }
        return next;
    }

    @Override
    public Map<String, byte[]> claims() {
        return Map.copyOf(notes);
    }

    @Override
    public void renounce(String claim) {
        List<MemoryQueue.Entry> held = claims.remove(claim);
        if (held != null) {
            renounced.add(claim);
            queue("q").giveBack(held);
        }
    }

    @Override
    public void disconnected(Peer peer) {
        disconnected.add(peer);
    }

    @Override
    public Topology topology(Peer peer) {
        return topologies.apply(peer);
    }

    @Override
    public Topology topology() {
        return topology;
    }
}
