package io.turnstone.router.topology;

import io.turnstone.api.Binding;
import io.turnstone.api.Condition;
import io.turnstone.api.ExchangeSpec;
import io.turnstone.api.Loop;
import io.turnstone.api.Peer;
import io.turnstone.api.QueueSpec;
import io.turnstone.api.QueueStatus;
import io.turnstone.api.Refusal;
import io.turnstone.api.RefusedException;
import io.turnstone.api.Subscription;
import io.turnstone.api.Topology;
import io.turnstone.api.plugin.BrokerEvent;
import io.turnstone.api.store.StoreRecord;
import io.turnstone.router.exchange.Exchange;
import io.turnstone.router.queue.Lifecycle;
import io.turnstone.router.queue.MessageQueue;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The topology of a running broker. A change is decided on the topology loop, made durable, and only then seen by
 * anybody; the next change is decided after that. Reads and stages: any thread.
 */
public final class LiveTopology implements Topology, Lifecycle {

    private static final Logger log = LogManager.getLogger(LiveTopology.class);

    private final TopologyState state;
    private final Changes changes;
    private final QueueFactory factory;
    private final RouterLimits limits;
    private final TopologyListener listener;
    private final Forgetting forgetting;
    private final Subscriptions subscriptions;

    public LiveTopology(
            TopologyState state,
            Changes changes,
            QueueFactory factory,
            RouterLimits limits,
            TopologyListener listener) {
        this.state = state;
        this.changes = changes;
        this.factory = factory;
        this.limits = limits;
        this.listener = listener;
        forgetting = new Forgetting(changes);
        subscriptions = new Subscriptions(state, changes, this);
    }

    /** What a queue that is declared so is like with its policy. */
    QueueSpec effective(QueueSpec declared) {
        return factory.effective(declared);
    }

    /** How much of each thing there may be. */
    RouterLimits limits() {
        return limits;
    }

    // ---- Queues

    @Override
    public CompletionStage<Declared> declareQueue(QueueSpec spec, Owner owner) {
        return declareQueue(spec, owner, QueueEntry.NOBODY, null);
    }

    @Override
    public CompletionStage<Declared> declareQueue(QueueSpec spec, Peer peer) {
        return declareQueue(spec, Owner.CLIENT, peer.connectionId(), null);
    }

    /** Makes a queue for a link, on the link's loop. */
    public CompletionStage<Declared> declareQueue(QueueSpec spec, Peer peer, Loop near) {
        return declareQueue(spec, Owner.CLIENT, peer.connectionId(), near);
    }

    /** Where the subscriptions are made. */
    public Subscriptions subscriptions() {
        return subscriptions;
    }

    @Override
    public CompletionStage<@Nullable Void> unsubscribe(Subscription.Key key) {
        return subscriptions.end(key);
    }

    @Override
    public Optional<Subscription> subscription(Subscription.Key key) {
        return Optional.ofNullable(state.queue(key.queue()))
                .map(entry -> entry.declared().subscription());
    }

    private CompletionStage<Declared> declareQueue(
            QueueSpec spec, Owner owner, long connectionId, @Nullable Loop near) {
        return changes.run(() -> {
            QueueEntry there = state.queue(spec.name());
            if (there != null) {
                equal(there, spec, connectionId);
                there.queue().touch();
                return CompletableFuture.completedFuture(Declared.EXISTED);
            }
            if (!spec.temporary()) {
                Reserved.refuse("queue", spec.name());
            }
            if (spec.exclusive() && connectionId == QueueEntry.NOBODY) {
                throw new RefusedException(
                        Condition.INVALID,
                        "queue '" + spec.name() + "' is exclusive, which needs a connection to own it");
            }
            return create(spec, owner, spec.exclusive() ? connectionId : QueueEntry.NOBODY, near);
        });
    }

    /** Makes a queue whose name is free, within a change. */
    CompletionStage<Declared> create(QueueSpec spec, Owner owner, long connectionId, @Nullable Loop near) {
        room("queues", state.queues().size(), limits.queues());
        var records = new ArrayList<StoreRecord>();
        boolean stored = QueueEntry.stored(spec);
        int id = factory.numbers().next(stored, records);
        if (stored) {
            records.add(Definitions.made(id, spec, owner));
        }
        return changes.commit(records)
                .thenCompose(durable -> {
                    QueueEntry entry = factory.make(id, spec, owner, connectionId, near);
                    return changes.here(QueueFactory.start(entry)).thenApply(started -> entry);
                })
                .thenApply(entry -> {
                    state.put(entry);
                    log.debug("queue={} id={} declared by {}", spec.name(), id, owner);
                    listener.happened(new BrokerEvent.QueueDeclared(spec));
                    return Declared.CREATED;
                });
    }

    private static void equal(QueueEntry there, QueueSpec wanted, long connectionId) {
        String name = there.name();
        if (there.connectionId() != QueueEntry.NOBODY && there.connectionId() != connectionId) {
            throw locked(name);
        }
        var differences = SpecDifference.of(there.declared(), wanted);
        if (!differences.isEmpty()) {
            throw different("queue", name, there.owner(), differences);
        }
    }

    /** The refusal for a queue that belongs to another connection; clients look for the words. */
    static RefusedException locked(String queue) {
        return new RefusedException(new Refusal(
                Condition.RESOURCE_LOCKED,
                "cannot obtain exclusive access to locked queue '" + queue + "'; another connection owns it",
                Map.of("queue", queue)));
    }

    private static RefusedException different(String what, String name, Owner owner, List<SpecDifference> differences) {
        String whose = owner == Owner.CONFIG
                ? " is declared in the configuration with other values: "
                : " exists with other values: ";
        return new RefusedException(new Refusal(
                Condition.PRECONDITION_FAILED,
                what + " '" + name + "'" + whose + SpecDifference.text(differences),
                Map.of(what, name, "keys", SpecDifference.keys(differences))));
    }

    private static void room(String what, int present, int limit) {
        if (present >= limit) {
            throw new RefusedException(
                    Condition.LIMIT_EXCEEDED,
                    "there are " + present + " " + what + " already; at most " + limit + " are allowed");
        }
    }

    @Override
    public CompletionStage<Long> deleteQueue(String name, DeleteMode mode) {
        return deleteQueue(name, mode, null);
    }

    /** Deletes a queue on behalf of a peer, which must own it if anybody does. */
    public CompletionStage<Long> deleteQueue(String name, DeleteMode mode, @Nullable Peer peer) {
        var when = mode == DeleteMode.ALWAYS ? MessageQueue.DeleteIf.ALWAYS : MessageQueue.DeleteIf.EMPTY_AND_UNUSED;
        return changes.run(() -> {
            QueueEntry entry = state.queue(name);
            if (entry == null) {
                return CompletableFuture.completedFuture(0L);
            }
            ownedByClients("queue", name, entry.owner());
            notAnothers(entry, peer);
            return delete(entry, when, "queue '" + name + "' was deleted");
        });
    }

    /** Deletes a queue whoever owns it, within a change; completes on the topology loop. */
    CompletionStage<Long> delete(QueueEntry entry, MessageQueue.DeleteIf when, String reason) {
        var refusal = new Refusal(Condition.RESOURCE_DELETED, reason, Map.of("queue", entry.name()));
        return changes.here(entry.queue().delete(refusal, when)).thenCompose(messages -> {
            var removal = new Removal(state).queue(entry);
            factory.gone(entry);
            // Gone whatever the store says: a queue that lives on without its messages would be worse.
            return forgetting
                    .forget(entry.name(), Definitions.forgetting(removal, state))
                    .whenComplete((durable, failure) -> {
                        state.remove(removal);
                        listener.removed(removal, refusal);
                    })
                    .thenApply(durable -> messages);
        });
    }

    /** Deletes what nobody uses any more; a queue that is in use again stays. */
    @Override
    public void unused(MessageQueue queue) {
        deleteQuietly(queue, MessageQueue.DeleteIf.UNUSED, "queue '" + queue.name() + "' was not used any more");
    }

    /** Deletes a queue on the broker's own account; completes in any case. */
    public CompletionStage<Long> deleteQuietly(MessageQueue queue, MessageQueue.DeleteIf when, String reason) {
        return changes.run(() -> {
                    QueueEntry entry = state.queue(queue.name());
                    return entry == null || entry.queue() != queue
                            ? CompletableFuture.completedFuture(0L)
                            : delete(entry, when, reason);
                })
                .exceptionally(failure -> {
                    log.debug("queue={} is not deleted in order: {}", queue.name(), failure.getMessage());
                    return 0L;
                });
    }

    /** Deletes the queues that are exclusive to a connection that is gone, those just being made included. */
    public void disconnected(Peer peer) {
        changes.run(() -> {
            for (QueueEntry entry : state.exclusiveTo(peer.connectionId())) {
                String reason = "queue '" + entry.name() + "' went with the connection that owned it";
                deleteQuietly(entry.queue(), MessageQueue.DeleteIf.ALWAYS, reason);
            }
            return CompletableFuture.completedFuture(null);
        });
    }

    @Override
    public CompletionStage<Long> purge(String queue) {
        return purge(queue, null);
    }

    /** Purges a queue on behalf of a peer, which must own it if anybody does. */
    public CompletionStage<Long> purge(String queue, @Nullable Peer peer) {
        QueueEntry entry = state.queue(queue);
        if (entry == null) {
            return CompletableFuture.failedFuture(missing("queue", queue));
        }
        try {
            notAnothers(entry, peer);
        } catch (RefusedException e) {
            return CompletableFuture.failedFuture(e);
        }
        return entry.queue().purge();
    }

    private static void notAnothers(QueueEntry entry, @Nullable Peer peer) {
        if (peer != null && entry.connectionId() != QueueEntry.NOBODY && entry.connectionId() != peer.connectionId()) {
            throw locked(entry.name());
        }
    }

    @Override
    public CompletionStage<QueueStatus> status(String queue) {
        QueueEntry entry = state.queue(queue);
        return entry == null
                ? CompletableFuture.failedFuture(missing("queue", queue))
                : entry.queue().figures();
    }

    // ---- Exchanges

    @Override
    public CompletionStage<Declared> declareExchange(ExchangeSpec spec, Owner owner) {
        return changes.run(() -> {
            Exchange there = state.exchange(spec.name());
            if (there != null) {
                var differences = SpecDifference.of(there.spec(), spec);
                if (!differences.isEmpty()) {
                    throw different("exchange", spec.name(), there.owner(), differences);
                }
                return CompletableFuture.completedFuture(Declared.EXISTED);
            }
            return create(spec, owner);
        });
    }

    /** Makes an exchange whose name is free, within a change. */
    CompletionStage<Declared> create(ExchangeSpec spec, Owner owner) {
        Reserved.refuse("exchange", spec.name());
        return make(spec, owner);
    }

    /** The same, also under a name of the broker's own. */
    CompletionStage<Declared> make(ExchangeSpec spec, Owner owner) {
        String alternate = spec.alternate();
        if (alternate != null && !alternate.equals(spec.name()) && state.exchange(alternate) == null) {
            throw missing("exchange", alternate);
        }
        room("exchanges", state.snapshot().exchanges().size(), limits.exchanges());
        Exchange made = state.created(spec, owner);
        List<StoreRecord> records = spec.durable() ? List.of(Definitions.made(spec, owner)) : List.of();
        return changes.commit(records).thenApply(durable -> {
            state.put(List.of(made));
            listener.happened(new BrokerEvent.ExchangeDeclared(spec));
            return Declared.CREATED;
        });
    }

    @Override
    public CompletionStage<@Nullable Void> deleteExchange(String name, DeleteMode mode) {
        return changes.run(() -> {
            if (name.isEmpty()) {
                throw new RefusedException(Condition.NOT_ALLOWED, "the default exchange cannot be deleted");
            }
            Exchange exchange = state.exchange(name);
            if (exchange == null) {
                return CompletableFuture.completedFuture(null);
            }
            ownedByClients("exchange", name, exchange.owner());
            if (mode == DeleteMode.IF_EMPTY_AND_UNUSED && isBound(exchange)) {
                throw new RefusedException(
                        Condition.PRECONDITION_FAILED, "exchange '" + name + "' has bindings; remove them first");
            }
            return deleteExchange(exchange);
        });
    }

    boolean isBound(Exchange exchange) {
        return !exchange.bindings().isEmpty()
                || !state.bindingsTo(exchange.name(), true).isEmpty();
    }

    /** Deletes an exchange whoever owns it, within a change. */
    CompletionStage<@Nullable Void> deleteExchange(Exchange exchange) {
        var reason = new Refusal(Condition.RESOURCE_DELETED, "exchange '" + exchange.name() + "' was deleted");
        return remove(new Removal(state).exchange(exchange), reason);
    }

    // ---- Bindings

    @Override
    public CompletionStage<Declared> bind(Binding binding, Owner owner) {
        return changes.run(() -> make(binding, owner));
    }

    /** Makes a binding, within a change. */
    CompletionStage<Declared> make(Binding binding, Owner owner) {
        if (binding.exchange().isEmpty()
                || (binding.toExchange() && binding.destination().isEmpty())) {
            throw new RefusedException(Condition.NOT_ALLOWED, "the default exchange cannot be bound");
        }
        Exchange from = state.exchange(binding.exchange());
        if (from == null) {
            throw missing("exchange", binding.exchange());
        }
        boolean known = binding.toExchange()
                ? state.exchange(binding.destination()) != null
                : state.queue(binding.destination()) != null;
        if (!known) {
            throw missing(binding.toExchange() ? "exchange" : "queue", binding.destination());
        }
        if (from.bindings().contains(binding)) {
            return CompletableFuture.completedFuture(Declared.EXISTED);
        }
        room("bindings", state.snapshot().bindings(), limits.bindings());
        from.with(binding, owner); // refuses a key before it is stored
        List<StoreRecord> records =
                Definitions.stored(binding, state) ? List.of(Definitions.made(binding, owner)) : List.of();
        return changes.commit(records).thenApply(durable -> {
            state.bind(List.of(binding), owner);
            listener.happened(new BrokerEvent.Bound(binding));
            return Declared.CREATED;
        });
    }

    @Override
    public CompletionStage<@Nullable Void> unbind(Binding binding) {
        return changes.run(() -> {
            Exchange from = state.exchange(binding.exchange());
            Owner owner = from == null ? null : from.bindings().get(binding);
            if (owner == null) {
                return CompletableFuture.completedFuture(null);
            }
            String what = "binding of exchange '" + binding.exchange() + "' to";
            ownedByClients(what, binding.destination(), owner);
            return unbind(List.of(binding));
        });
    }

    /** Removes bindings that exist, whoever owns them, within a change. */
    CompletionStage<@Nullable Void> unbind(Collection<Binding> bindings) {
        var removal = new Removal(state);
        bindings.forEach(removal::binding);
        return remove(removal, new Refusal(Condition.RESOURCE_DELETED, "the exchange went with its last binding"));
    }

    private CompletionStage<@Nullable Void> remove(Removal removal, Refusal reason) {
        return changes.commit(Definitions.gone(removal, state)).thenAccept(durable -> {
            state.remove(removal);
            listener.removed(removal, reason);
        });
    }

    private static void ownedByClients(String what, String name, Owner owner) {
        if (owner == Owner.CONFIG) {
            throw new RefusedException(
                    Condition.PRECONDITION_FAILED,
                    what + " '" + name + "' is declared in the configuration; remove it there");
        }
    }

    /** The refusal for a name that nothing has; clients look for the words. */
    public static RefusedException missing(String what, String name) {
        return new RefusedException(
                new Refusal(Condition.NOT_FOUND, "no " + what + " '" + name + "'", Map.of(what, name)));
    }

    // ---- Reads

    @Override
    public Optional<QueueSpec> queue(String name) {
        return Optional.ofNullable(state.queue(name)).map(QueueEntry::declared);
    }

    @Override
    public Optional<ExchangeSpec> exchange(String name) {
        return Optional.ofNullable(state.exchange(name)).map(Exchange::spec);
    }

    @Override
    public Collection<QueueSpec> queues() {
        return state.queueList().stream().map(QueueEntry::declared).toList();
    }

    @Override
    public Collection<ExchangeSpec> exchanges() {
        return state.exchangeList().stream().map(Exchange::spec).toList();
    }

    @Override
    public Collection<Binding> bindings(String exchange) {
        Exchange found = state.exchange(exchange);
        return found == null ? List.of() : found.bindingsOf(null);
    }
}
