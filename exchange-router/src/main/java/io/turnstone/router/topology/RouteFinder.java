package io.turnstone.router.topology;

import io.turnstone.api.Binding;
import io.turnstone.api.Message;
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
    private long failures;

    /** Where a message goes that comes to an exchange with a key. */
    public Route find(
            Snapshot from, PersistentMap<String, QueueEntry> queueNames, Exchange first, String key, Message message) {
        snapshot = from;
        names = queueNames;
        boolean byKeyAlone = true;
        visit(first);
        while (!next.isEmpty()) {
            Exchange exchange = next.remove();
            matched = false;
            byKeyAlone &= ask(exchange, message, key);
            if (!matched) {
                visitNamed(exchange.spec().alternate());
            }
        }
        Route route = Route.of(queues, Arrays.copyOf(passed, visited.size()), byKeyAlone);
        queues.clear();
        visited.clear();
        snapshot = Snapshot.EMPTY;
        names = PersistentMap.empty();
        return route;
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
        if (entry != null) {
            queues.add(entry.queue());
        }
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
