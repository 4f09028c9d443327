package io.turnstone.amqp;

import io.turnstone.api.Binding;
import io.turnstone.api.ExchangeSpec;
import io.turnstone.api.Peer;
import io.turnstone.api.QueueSpec;
import io.turnstone.api.QueueStatus;
import io.turnstone.api.Subscription;
import io.turnstone.api.Topology;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** The exchanges that a test says there are; nothing changes. */
final class MemoryTopology implements Topology {

    final Map<String, ExchangeSpec> exchanges = new HashMap<>();

    @Override
    public Optional<QueueSpec> queue(String name) {
        return Optional.empty();
    }

    @Override
    public Optional<ExchangeSpec> exchange(String name) {
        return Optional.ofNullable(exchanges.get(name));
    }

    @Override
    public Collection<QueueSpec> queues() {
        return List.of();
    }

    @Override
    public Collection<ExchangeSpec> exchanges() {
        return exchanges.values();
    }

    @Override
    public CompletionStage<QueueStatus> status(String queue) {
        throw new AssertionError("no test asks how a queue is doing");
    }

    @Override
    public Collection<Binding> bindings(String exchange) {
        return List.of();
    }

    @Override
    public CompletionStage<Declared> declareQueue(QueueSpec spec, Owner owner) {
        throw changes();
    }

    @Override
    public CompletionStage<Declared> declareQueue(QueueSpec spec, Peer peer) {
        throw changes();
    }

    @Override
    public CompletionStage<Declared> declareExchange(ExchangeSpec spec, Owner owner) {
        throw changes();
    }

    @Override
    public CompletionStage<Declared> bind(Binding binding, Owner owner) {
        throw changes();
    }

    @Override
    public CompletionStage<Void> unbind(Binding binding) {
        throw changes();
    }

    @Override
    public CompletionStage<Long> deleteQueue(String name, DeleteMode mode) {
        throw changes();
    }

    @Override
    public CompletionStage<Void> deleteExchange(String name, DeleteMode mode) {
        throw changes();
    }

    @Override
    public CompletionStage<Void> unsubscribe(Subscription.Key key) {
        throw changes();
    }

    @Override
    public Optional<Subscription> subscription(Subscription.Key key) {
        return Optional.empty();
    }

    @Override
    public CompletionStage<Long> purge(String queue) {
        throw changes();
    }

    private static AssertionError changes() {
        return new AssertionError("no test changes the topology");
    }
}
