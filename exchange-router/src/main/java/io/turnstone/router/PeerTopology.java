package io.turnstone.router;

import io.turnstone.api.Binding;
import io.turnstone.api.DeadLetter;
import io.turnstone.api.ExchangeSpec;
import io.turnstone.api.Peer;
import io.turnstone.api.QueueSpec;
import io.turnstone.api.QueueStatus;
import io.turnstone.api.RefusedException;
import io.turnstone.api.Subscription;
import io.turnstone.api.Topology;
import io.turnstone.api.plugin.Authorizer.Action;
import io.turnstone.router.topology.LiveTopology;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The topology as one peer may see and change it. Making needs {@code declare}, and {@code publish} where dead or
 * unrouted messages would go; binding needs {@code consume} of what the exchange gets as well; deleting and purging need
 * {@code manage}; looking needs any of these. Immutable, any thread.
 */
final class PeerTopology implements Topology {

    private final LiveTopology topology;
    private final Publishing publishing;
    private final Peer peer;

    PeerTopology(LiveTopology topology, Publishing publishing, Peer peer) {
        this.topology = topology;
        this.publishing = publishing;
        this.peer = peer;
    }

    @Override
    public CompletionStage<Declared> declareQueue(QueueSpec spec, Owner owner) {
        return declareQueue(spec, peer);
    }

    @Override
    public CompletionStage<Declared> declareQueue(QueueSpec spec, Peer same) {
        return permitted(
                () -> {
                    permit(Action.DECLARE, Target.resourceOfQueue(spec.name()));
                    if (spec.deadLetter() instanceof DeadLetter.ToQueue to) {
                        permit(Action.PUBLISH, Target.resourceOfQueue(to.queue()));
                    } else if (spec.deadLetter() instanceof DeadLetter.ToExchange to) {
                        permit(Action.PUBLISH, Target.resourceOfExchange(to.exchange(), to.key()));
                    }
                },
                () -> topology.declareQueue(spec, peer));
    }

    @Override
    public CompletionStage<Declared> declareExchange(ExchangeSpec spec, Owner owner) {
        return permitted(
                () -> {
                    permit(Action.DECLARE, Target.resourceOfExchange(spec.name(), ""));
                    String alternate = spec.alternate();
                    if (alternate != null) {
                        permit(Action.PUBLISH, Target.resourceOfExchange(alternate, ""));
                    }
                },
                () -> topology.declareExchange(spec, Owner.CLIENT));
    }

    @Override
    public CompletionStage<Declared> bind(Binding binding, Owner owner) {
        return permitted(() -> permitBinding(binding), () -> topology.bind(binding, Owner.CLIENT));
    }

    @Override
    public CompletionStage<@Nullable Void> unbind(Binding binding) {
        return permitted(() -> permitBinding(binding), () -> topology.unbind(binding));
    }

    private void permitBinding(Binding binding) {
        String destination = binding.destination();
        permit(
                Action.DECLARE,
                binding.toExchange()
                        ? Target.resourceOfExchange(destination, "")
                        : Target.resourceOfQueue(destination));
        permit(Action.CONSUME, Target.resourceOfExchange(binding.exchange(), binding.key()));
    }

    @Override
    public CompletionStage<Long> deleteQueue(String name, DeleteMode mode) {
        return permitted(
                () -> permit(Action.MANAGE, Target.resourceOfQueue(name)),
                () -> topology.deleteQueue(name, mode, peer));
    }

    @Override
    public CompletionStage<@Nullable Void> deleteExchange(String name, DeleteMode mode) {
        return permitted(
                () -> permit(Action.MANAGE, Target.resourceOfExchange(name, "")),
                () -> topology.deleteExchange(name, mode));
    }

    @Override
    public CompletionStage<@Nullable Void> unsubscribe(Subscription.Key key) {
        return permitted(
                () -> topology.subscription(key).ifPresent(this::permitSubscriber), () -> topology.unsubscribe(key));
    }

    @Override
    public Optional<Subscription> subscription(Subscription.Key key) {
        Optional<Subscription> there = topology.subscription(key);
        there.ifPresent(this::permitSubscriber);
        return there;
    }

    /** Whoever may subscribe may end what it subscribed to. */
    private void permitSubscriber(Subscription subscription) {
        permit(Action.CONSUME, Links.resource(subscription));
    }

    @Override
    public CompletionStage<Long> purge(String queue) {
        return permitted(() -> permit(Action.MANAGE, Target.resourceOfQueue(queue)), () -> topology.purge(queue, peer));
    }

    // ---- Reads

    @Override
    public CompletionStage<QueueStatus> status(String queue) {
        return permitted(() -> permitLook(Target.resourceOfQueue(queue)), () -> topology.status(queue));
    }

    @Override
    public Optional<QueueSpec> queue(String name) {
        permitLook(Target.resourceOfQueue(name));
        return topology.queue(name);
    }

    @Override
    public Optional<ExchangeSpec> exchange(String name) {
        permitLook(Target.resourceOfExchange(name, ""));
        return topology.exchange(name);
    }

    @Override
    public Collection<QueueSpec> queues() {
        return topology.queues().stream()
                .filter(queue -> mayLook(Target.resourceOfQueue(queue.name())))
                .toList();
    }

    @Override
    public Collection<ExchangeSpec> exchanges() {
        return topology.exchanges().stream()
                .filter(exchange -> mayLook(Target.resourceOfExchange(exchange.name(), "")))
                .toList();
    }

    @Override
    public Collection<Binding> bindings(String exchange) {
        permitLook(Target.resourceOfExchange(exchange, ""));
        return topology.bindings(exchange);
    }

    // ---- Permissions

    private boolean mayLook(String resource) {
        return List.of(Action.MANAGE, Action.DECLARE, Action.CONSUME).stream()
                .anyMatch(action -> publishing.allows(peer, action, resource));
    }

    private void permitLook(String resource) {
        if (!mayLook(resource)) {
            permit(Action.MANAGE, resource);
        }
    }

    private void permit(Action action, String resource) {
        publishing.permit(peer, action, resource);
    }

    private static <T extends @Nullable Object> CompletionStage<T> permitted(
            Runnable checks, Supplier<CompletionStage<T>> change) {
        try {
            checks.run();
        } catch (RefusedException e) {
            return CompletableFuture.failedFuture(e);
        }
        return change.get();
    }
}
