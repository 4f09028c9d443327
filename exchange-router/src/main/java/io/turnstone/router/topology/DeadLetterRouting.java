package io.turnstone.router.topology;

import io.turnstone.api.Condition;
import io.turnstone.api.DeadLetter;
import io.turnstone.api.Death;
import io.turnstone.api.DeathReason;
import io.turnstone.api.Message;
import io.turnstone.api.Overflow;
import io.turnstone.api.Overlay;
import io.turnstone.api.QueueSpec;
import io.turnstone.api.RefusedException;
import io.turnstone.api.Topology.Declared;
import io.turnstone.api.Topology.Owner;
import io.turnstone.api.plugin.BrokerEvent;
import io.turnstone.router.exchange.Exchange;
import io.turnstone.router.queue.DeadLetterRoutes;
import io.turnstone.router.queue.DeathHistory;
import io.turnstone.router.queue.MessageQueue;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Finds where dead messages go: the queue or exchange that the dead queue names, else {@code dlq.<queue>}. Any thread.
 */
public final class DeadLetterRouting implements DeadLetterRoutes {

    private static final String PREFIX = "dlq.";
    private static final String OF_TEMPORARY = PREFIX + "temporary";
    private static final int MAX_NAME = 255;

    /** Makes queues; the topology, once it is there. */
    public interface Maker {
        /** Makes a queue, or finds the one that is there. */
        CompletionStage<Declared> declareQueue(QueueSpec spec, Owner owner);
    }

    private final TopologyState state;
    private final Consumer<BrokerEvent> events;
    private volatile Maker maker = (spec, owner) ->
            CompletableFuture.failedFuture(new RefusedException(Condition.UNAVAILABLE, "the broker is starting"));

    public DeadLetterRouting(TopologyState state, Consumer<BrokerEvent> events) {
        this.state = state;
        this.events = events;
    }

    /** Says who makes queues; once, at start. */
    public void maker(Maker topology) {
        maker = topology;
    }

    @Override
    public @Nullable List<MessageQueue> resolve(
            MessageQueue source, Message message, Overlay overlay, DeathReason reason) {
        List<MessageQueue> targets = configured(source, message, overlay, reason);
        if (targets.isEmpty() && isKept(source, reason)) {
            QueueEntry automatic = state.queue(automaticName(source));
            if (automatic == null) {
                return null;
            }
            targets = List.of(automatic.queue());
        }
        if (!targets.isEmpty()) {
            events.accept(new BrokerEvent.DeadLettered(source.name(), reason));
        }
        return targets;
    }

    /** Whether a message is kept in any case: what a consumer failed with, or overflow must not lose. */
    private static boolean isKept(MessageQueue source, DeathReason reason) {
        return reason == DeathReason.REJECTED
                || reason == DeathReason.DELIVERY_LIMIT
                || (reason == DeathReason.MAXLEN && source.spec().limit().overflow() == Overflow.DEAD_LETTER);
    }

    private List<MessageQueue> configured(MessageQueue source, Message message, Overlay overlay, DeathReason reason) {
        DeadLetter deadLetter = source.spec().deadLetter();
        if (deadLetter instanceof DeadLetter.ToQueue to) {
            QueueEntry entry = state.queue(to.queue());
            return entry == null ? List.of() : withoutCycles(List.of(entry.queue()), source, overlay, reason);
        }
        if (deadLetter instanceof DeadLetter.ToExchange to) {
            Snapshot snapshot = state.snapshot();
            Exchange exchange = snapshot.exchange(to.exchange());
            if (exchange == null) {
                return List.of();
            }
            String key = to.key().isEmpty() ? overlay.routingKey() : to.key();
            Route route = new RouteFinder().find(snapshot, state.queues(), exchange, key, message);
            return withoutCycles(List.of(route.queues()), source, overlay, reason);
        }
        return List.of();
    }

    /**
     * Without the queues a message would come back to again and again on its own: those it died in before, when no
     * consumer rejected it since; all of them when it died in more than are remembered. Never the queue it dies in.
     */
    private static List<MessageQueue> withoutCycles(
            List<MessageQueue> targets, MessageQueue source, Overlay overlay, DeathReason reason) {
        var left = new ArrayList<MessageQueue>(targets.size());
        for (MessageQueue target : targets) {
            if (target != source && (reason == DeathReason.REJECTED || !returns(target.name(), overlay.deaths()))) {
                left.add(target);
            }
        }
        return left;
    }

    private static boolean returns(String queue, List<Death> deaths) {
        for (Death death : deaths) {
            if (death.reason() == DeathReason.REJECTED) {
                return false;
            }
            if (death.queue().equals(queue)) {
                return true;
            }
        }
        return deaths.size() >= DeathHistory.MAX_DEATHS; // where else it died is forgotten
    }

    @Override
    public CompletionStage<Void> prepare(MessageQueue source) {
        return maker.declareQueue(QueueSpec.named(automaticName(source)).build(), Owner.CLIENT)
                .thenAccept(declared -> {});
    }

    /**
     * {@code dlq.<queue>}; a name that would be too long is cut, and told apart by its hash. The queues that links bring
     * with them share one, which does not pile up when they are gone.
     */
    static String automaticName(MessageQueue source) {
        if (source.spec().temporary()) {
            return OF_TEMPORARY;
        }
        String name = PREFIX + source.name();
        if (name.length() <= MAX_NAME) {
            return name;
        }
        String hash = "~" + Integer.toHexString(name.hashCode());
        return name.substring(0, MAX_NAME - hash.length()) + hash;
    }
}
