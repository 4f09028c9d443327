package io.turnstone.router.topology;

import io.turnstone.api.Binding;
import io.turnstone.api.Message;
import io.turnstone.api.Peer;
import io.turnstone.router.exchange.Exchange;
import io.turnstone.router.exchange.PersistentMap;
import io.turnstone.router.queue.MessageQueue;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Follows bindings from exchange to exchange to queues. Each exchange is visited once, so cycles end; an exchange of
 * which no binding matched hands over to its alternate. Owned by one loop; used again and again.
 */
public final class RouteFinder implements Consumer<Binding> {

    private static final Logger log = LogManager.getLogger(RouteFinder.class);

    /** One of so many failures is logged. */
    private static final int LOGGED_FAILURES = 10_000;

    private final Set<MessageQueue> queues = new LinkedHashSet<>();
    private final Set<String> visited = new LinkedHashSet<>();
    private final ArrayDeque<Exchange> next = new ArrayDeque<>();
    private Snapshot snapshot = Snapshot.EMPTY;
    private PersistentMap<String, QueueEntry> names = PersistentMap.empty();
    private int[] passed = new int[4];
    private boolean matched;
    /** What is asked of the gates of subscriptions, while a route is looked for. */
    private @Nullable Message message;

    private @Nullable Peer publisher;
    private String key = "";
    private boolean gated;
    private boolean declined;
    private long failures;

    /** Who publishes the messages to come; null when nobody knows. */
    public RouteFinder from(@Nullable Peer peer) {
        publisher = peer;
        return this;
    }

    /** Where a message goes that comes to an exchange with a key. */
    public Route find(
            Snapshot from,
            PersistentMap<String, QueueEntry> queueNames,
            Exchange first,
            String routingKey,
            Message routed) {
        snapshot = from;
        names = queueNames;
        message = routed;
        key = routingKey;
        gated = false;
        declined = false;
        boolean byKeyAlone = true;
        visit(first);
        while (!next.isEmpty()) {
            Exchange exchange = next.remove();
            matched = false;
            byKeyAlone &= ask(exchange, routed, routingKey);
            if (!matched) {
                visitNamed(exchange.spec().alternate());
            }
        }
        Route route = Route.of(queues, Arrays.copyOf(passed, visited.size()), byKeyAlone && !gated);
        queues.clear();
        visited.clear();
        snapshot = Snapshot.EMPTY;
        names = PersistentMap.empty();
        message = null;
        publisher = null;
        return declined && route.queues().length == 0 ? route.unwanted() : route;
    }

    /**
     * Asks one exchange, whose type may be a plugin's: one that fails is as one without bindings.
     *
     * @return whether the answer holds for every message with this key
     */
    private boolean ask(Exchange exchange, Message message, String key) {
        try {
            exchange.routes().route(message, key, this);
            return exchange.routes().byKeyAlone();
        } catch (RuntimeException | LinkageError e) {
            if (failures++ % LOGGED_FAILURES == 0) {
                log.error(
                        "exchange={} type={} failed to route",
                        exchange.name(),
                        exchange.spec().type(),
                        e);
            }
            return false;
        }
    }

    @Override
    public void accept(Binding binding) {
        matched = true;
        if (binding.toExchange()) {
            visitNamed(binding.destination());
            return;
        }
        QueueEntry entry = names.get(binding.destination());
        if (entry != null && isWanted(entry.gate())) {
            queues.add(entry.queue());
        }
    }

    /** A gate looks at each message, so the route is that of one message. */
    private boolean isWanted(@Nullable Gate gate) {
        Message asked = message;
        if (gate == null || asked == null) {
            return true;
        }
        gated = true;
        boolean wanted = gate.admits(asked, passedFirst(), key, publisher);
        declined |= !wanted;
        return wanted;
    }

    private String passedFirst() {
        return visited.isEmpty() ? "" : visited.iterator().next();
    }

    private void visitNamed(@Nullable String name) {
        Exchange exchange = name == null ? null : snapshot.exchange(name);
        if (exchange != null) {
            visit(exchange);
        }
    }

    private void visit(Exchange exchange) {
        if (!visited.add(exchange.name())) {
            return;
        }
        if (visited.size() > passed.length) {
            passed = Arrays.copyOf(passed, 2 * passed.length);
        }
        passed[visited.size() - 1] = exchange.number();
        next.add(exchange);
    }
}
