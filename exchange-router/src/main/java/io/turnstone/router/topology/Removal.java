package io.turnstone.router.topology;

import io.turnstone.api.Binding;
import io.turnstone.router.exchange.Exchange;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What goes together: the bindings of a queue or exchange, and auto-delete exchanges with their last binding. Collected
 * by the topology loop before anything is changed.
 */
public final class Removal {

    private final TopologyState state;
    private final Set<Binding> bindings = new LinkedHashSet<>();
    private final Map<String, Exchange> exchanges = new LinkedHashMap<>();
    private final List<QueueEntry> queues = new ArrayList<>();
    private final Map<String, Integer> removedFrom = new HashMap<>();
    private final ArrayDeque<Exchange> unfollowed = new ArrayDeque<>();

    Removal(TopologyState state) {
        this.state = state;
    }

    Removal queue(QueueEntry queue) {
        queues.add(queue);
        state.bindingsTo(queue.name(), false).forEach(this::binding);
        return this;
    }

    Removal exchange(Exchange exchange) {
        if (exchanges.putIfAbsent(exchange.name(), exchange) == null) {
            unfollowed.add(exchange);
        }
        follow();
        return this;
    }

    /** A binding that exists. */
    Removal binding(Binding binding) {
        take(binding);
        follow();
        return this;
    }

    private void follow() {
        while (!unfollowed.isEmpty()) {
            Exchange exchange = unfollowed.remove();
            exchange.bindings().forEach((binding, owner) -> take(binding));
            state.bindingsTo(exchange.name(), true).forEach(this::take);
        }
    }

    private void take(Binding binding) {
        Exchange from = state.exchange(binding.exchange());
        if (from == null || !bindings.add(binding)) {
            return;
        }
        int removed = removedFrom.merge(from.name(), 1, Integer::sum);
        if (from.spec().autoDelete()
                && removed == from.bindings().size()
                && exchanges.putIfAbsent(from.name(), from) == null) {
            unfollowed.add(from);
        }
    }

    /** The bindings that go. */
    public Collection<Binding> bindings() {
        return bindings;
    }

    /** The exchanges that go. */
    public Collection<Exchange> exchanges() {
        return exchanges.values();
    }

    /** The queues that go. */
    public Collection<QueueEntry> queues() {
        return queues;
    }
}
