package io.turnstone.router.topology;

import io.turnstone.api.Address;
import io.turnstone.api.Binding;
import io.turnstone.api.Condition;
import io.turnstone.api.ExchangeSpec;
import io.turnstone.api.Loop;
import io.turnstone.api.Message;
import io.turnstone.api.QueueSpec;
import io.turnstone.api.Refusal;
import io.turnstone.api.RefusedException;
import io.turnstone.api.Subscription;
import io.turnstone.api.Topology.Declared;
import io.turnstone.api.Topology.Owner;
import io.turnstone.api.store.StoreRecord;
import io.turnstone.router.exchange.Exchange;
import io.turnstone.router.queue.MessageQueue;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Makes the queues of subscriptions, with the topics they need, finds them again and ends them. Each is one change of the
 * topology. Any thread.
 */
public final class Subscriptions {

    private static final String FANOUT = "fanout";
    private static final long SOON_MS = 1_000;

    private final TopologyState state;
    private final Changes changes;
    private final LiveTopology topology;

    Subscriptions(TopologyState state, Changes changes, LiveTopology topology) {
        this.state = state;
        this.changes = changes;
        this.topology = topology;
    }

    /**
     * The queue of a subscription, made if it is not there. One that gets other messages than asked for is made anew when
     * nobody uses it.
     *
     * @param near the loop its queue should live on if it is made
     * @return completes on the topology loop; refused with {@code RESOURCE_LOCKED} when it is in use and differs
     */
    public CompletionStage<MessageQueue> enter(Subscription wanted, Loop near) {
        return changes.run(() -> {
            QueueEntry entry = state.queue(wanted.queue());
            Subscription there = entry == null ? null : entry.declared().subscription();
            if (entry == null || there == null) {
                return create(wanted, near);
            }
            if (there.key().shared() != wanted.key().shared()) {
                throw new RefusedException(
                        Condition.PRECONDITION_FAILED,
                        called(wanted) + " exists and is " + (there.key().shared() ? "" : "not ")
                                + "shared; unsubscribe first or take another name");
            }
            boolean keeps = entry.stored() || !QueueEntry.stored(spec(wanted));
            if (there.selectsLike(wanted) && keeps) {
                return enter(entry, wanted);
            }
            return delete(entry, "has consumers and gets other messages than asked for; close them first")
                    .thenCompose(messages -> create(wanted, near));
        });
    }

    private CompletionStage<MessageQueue> enter(QueueEntry entry, Subscription wanted) {
        entry.queue().touch();
        return lasting(entry, wanted)
                .thenCompose(durable -> topology.make(binding(wanted), Owner.CLIENT))
                .thenApply(bound -> entry.queue());
    }

    /** Whoever attached last says how long it lasts. */
    private CompletionStage<@Nullable Void> lasting(QueueEntry entry, Subscription wanted) {
        if (wanted.equals(entry.declared().subscription())) {
            return CompletableFuture.completedFuture(null);
        }
        // One that is stored stays so; where it is to go with its consumer, it must not outlive a restart for long.
        long expiresMs = entry.stored() && wanted.expiresMs() == 0
                ? SOON_MS
                : spec(wanted).expiresMs();
        QueueSpec next = entry.declared()
                .but()
                .expiresMs(expiresMs)
                .autoDelete(wanted.expiresMs() == 0)
                .subscription(wanted)
                .build();
        QueueEntry changed = entry.with(next, entry.owner());
        List<StoreRecord> records =
                changed.stored() ? List.of(Definitions.made(entry.queue().id(), next, entry.owner())) : List.of();
        return changes.commit(records).thenCompose(durable -> {
            state.put(changed);
            return changes.here(entry.queue().reconfigure(topology.effective(next)));
        });
    }

    private CompletionStage<MessageQueue> create(Subscription wanted, Loop near) {
        QueueSpec spec = spec(wanted);
        long connectionId = spec.exclusive() ? wanted.key().connectionId() : QueueEntry.NOBODY;
        return exchange(wanted, QueueEntry.stored(spec))
                .thenCompose(ready -> topology.create(spec, Owner.CLIENT, connectionId, near))
                .thenCompose(made -> bound(wanted));
    }

    private CompletionStage<MessageQueue> bound(Subscription wanted) {
        QueueEntry entry = state.queue(wanted.queue());
        if (entry == null) {
            throw LiveTopology.missing("queue", wanted.queue());
        }
        CompletionStage<MessageQueue> bound;
        try {
            bound = topology.make(binding(wanted), Owner.CLIENT).thenApply(made -> entry.queue());
        } catch (RuntimeException refused) {
            bound = CompletableFuture.failedFuture(refused);
        }
        return bound.handle((queue, failure) -> failure == null
                        ? CompletableFuture.completedFuture(queue)
                        : topology.delete(entry, MessageQueue.DeleteIf.ALWAYS, called(wanted) + " cannot be bound")
                                .<MessageQueue>thenApply(gone -> {
                                    throw new CompletionException(Changes.refused(failure));
                                }))
                .thenCompose(Function.identity());
    }

    /** Makes sure of the exchange: that of a topic comes with its first subscriber, and survives if one of them does. */
    private CompletionStage<?> exchange(Subscription wanted, boolean durable) {
        Exchange there = state.exchange(wanted.exchange());
        if (there == null && wanted.source() instanceof Address.Topic topic) {
            var spec = new ExchangeSpec(topic.name(), FANOUT, durable, true, false, null, Map.of());
            return topology.create(spec, Owner.CLIENT);
        }
        if (there == null) {
            throw LiveTopology.missing("exchange", wanted.exchange());
        }
        ExchangeSpec spec = there.spec();
        boolean ofTopic = spec.autoDelete() && spec.type().equals(FANOUT) && there.owner() == Owner.CLIENT;
        return durable && !spec.durable() && ofTopic ? kept(there) : CompletableFuture.completedFuture(null);
    }

    /** Lets an exchange survive from now on, with the bindings to queues that do. */
    private CompletionStage<@Nullable Void> kept(Exchange there) {
        ExchangeSpec spec = there.spec();
        var durable = new ExchangeSpec(
                spec.name(), spec.type(), true, spec.autoDelete(), spec.internal(), spec.alternate(), spec.arguments());
        Exchange changed = there.with(durable, there.owner());
        var records = new ArrayList<StoreRecord>();
        records.add(Definitions.made(durable, there.owner()));
        there.bindings().forEach((binding, owner) -> {
            QueueEntry to = binding.toExchange() ? null : state.queue(binding.destination());
            if (to != null && to.stored()) {
                records.add(Definitions.made(binding, owner));
            }
        });
        return changes.commit(records).thenAccept(committed -> state.put(List.of(changed)));
    }

    /** Makes a topic that lives as long as a link; its name is the broker's own. */
    public CompletionStage<Declared> temporaryTopic(String name) {
        return changes.run(() -> {
            if (state.exchange(name) != null) {
                throw new RefusedException(Condition.NOT_ALLOWED, "exchange '" + name + "' exists already");
            }
            var spec = new ExchangeSpec(name, FANOUT, false, false, false, null, Map.of());
            return topology.make(spec, Owner.CLIENT);
        });
    }

    /** The link of such a topic is gone. */
    public void dropTopic(String name) {
        changes.run(() -> {
            Exchange there = state.exchange(name);
            return there == null ? CompletableFuture.completedFuture(null) : topology.deleteExchange(there);
        });
    }

    private Binding binding(Subscription wanted) {
        Exchange exchange = state.exchange(wanted.exchange());
        if (exchange == null) {
            throw LiveTopology.missing("exchange", wanted.exchange());
        }
        String key = wanted.source() instanceof Address.Exchange from ? from.key() : null;
        Map<String, Object> arguments = wanted.source() instanceof Address.Exchange from ? from.arguments() : Map.of();
        return new Binding(
                exchange.name(), wanted.queue(), false, key == null ? everything(exchange.spec()) : key, arguments);
    }

    /** The binding key that takes all an exchange gets; a direct exchange has none, there it is the empty key. */
    public static String everything(ExchangeSpec exchange) {
        return exchange.type().equals("topic") ? "#" : "";
    }

    /** Its queue; stored when there is something to survive a restart for. */
    private static QueueSpec spec(Subscription wanted) {
        boolean stored = wanted.key().durable() && wanted.expiresMs() != 0;
        return QueueSpec.named(wanted.queue())
                .durable(stored)
                .temporary(!stored)
                .exclusive(wanted.key().connectionId() != 0)
                .autoDelete(wanted.expiresMs() == 0)
                .expiresMs(wanted.expiresMs() == 0 ? Message.NONE : wanted.expiresMs())
                .subscription(wanted)
                .build();
    }

    /** Ends a subscription that nobody uses. */
    CompletionStage<@Nullable Void> end(Subscription.Key key) {
        return changes.run(() -> {
            QueueEntry entry = state.queue(key.queue());
            if (entry == null || entry.declared().subscription() == null) {
                throw new RefusedException(new Refusal(
                        Condition.NOT_FOUND,
                        "there is no subscription '" + key.name() + "'",
                        Map.of("queue", key.queue())));
            }
            return delete(entry, "has consumers; close them first").thenApply(messages -> null);
        });
    }

    private CompletionStage<Long> delete(QueueEntry entry, String otherwise) {
        return topology.delete(entry, MessageQueue.DeleteIf.UNUSED, "queue '" + entry.name() + "' was unsubscribed")
                .exceptionally(failure -> {
                    RefusedException why = Changes.refused(failure);
                    throw why.refusal().condition() == Condition.PRECONDITION_FAILED
                            ? new RefusedException(new Refusal(
                                    Condition.RESOURCE_LOCKED,
                                    "the subscription with queue '" + entry.name() + "' " + otherwise,
                                    Map.of("queue", entry.name())))
                            : why;
                });
    }

    private static String called(Subscription subscription) {
        return "subscription '" + subscription.key().name() + "'";
    }
}
