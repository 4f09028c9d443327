package io.turnstone.router.topology;

import io.turnstone.api.Binding;
import io.turnstone.api.ExchangeSpec;
import io.turnstone.api.Topology.Owner;
import io.turnstone.router.exchange.BindingSet;
import io.turnstone.router.exchange.Exchange;
import io.turnstone.router.exchange.ExchangeCounters;
import io.turnstone.router.exchange.ExchangeTypes;
import io.turnstone.router.exchange.PersistentMap;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The topology as it is now, in memory. Reads: any thread. Changes: the topology loop only, or the starting thread
 * before any loop works with it.
 */
public final class TopologyState {

    private final ExchangeTypes types;
    private final Map<String, BindingSet> intoQueues = new HashMap<>();
    private final Map<String, BindingSet> intoExchanges = new HashMap<>();
    private final Map<Long, List<QueueEntry>> exclusives = new HashMap<>();
    private final ArrayDeque<Integer> freeNumbers = new ArrayDeque<>();
    private int lastNumber = ExchangeCounters.DEFAULT_EXCHANGE;
    private volatile Snapshot snapshot = Snapshot.EMPTY;
    private volatile PersistentMap<String, QueueEntry> queues = PersistentMap.empty();

    public TopologyState(ExchangeTypes types) {
        this.types = types;
    }

    /** The exchanges and bindings as they are now. */
    public Snapshot snapshot() {
        return snapshot;
    }

    /** The queues by name as they are now. */
    public PersistentMap<String, QueueEntry> queues() {
        return queues;
    }

    /** The queue of a name, or null. */
    public @Nullable QueueEntry queue(String name) {
        return queues.get(name);
    }

    /** The exchange of a name, or null. */
    public @Nullable Exchange exchange(String name) {
        return snapshot.exchange(name);
    }

    /** The queues as they are now, in no particular order. */
    public List<QueueEntry> queueList() {
        var now = queues;
        var list = new ArrayList<QueueEntry>(now.size());
        now.forEach((name, entry) -> list.add(entry));
        return list;
    }

    /** The exchanges as they are now, in no particular order. */
    public List<Exchange> exchangeList() {
        var now = snapshot.exchanges();
        var list = new ArrayList<Exchange>(now.size());
        now.forEach((name, exchange) -> list.add(exchange));
        return list;
    }

    /** The bindings whose destination is a queue or an exchange. */
    Collection<Binding> bindingsTo(String destination, boolean exchange) {
        BindingSet into = (exchange ? intoExchanges : intoQueues).get(destination);
        return into == null ? List.of() : into.list();
    }

    /** The queues that belong to a connection. In the topology loop. */
    List<QueueEntry> exclusiveTo(long connectionId) {
        return List.copyOf(exclusives.getOrDefault(connectionId, List.of()));
    }

    /** Adds a queue or replaces its entry. */
    void put(QueueEntry entry) {
        QueueEntry before = queues.get(entry.name());
        queues = queues.with(entry.name(), entry);
        if (before == null && entry.connectionId() != QueueEntry.NOBODY) {
            exclusives
                    .computeIfAbsent(entry.connectionId(), id -> new ArrayList<>())
                    .add(entry);
        }
    }

    /**
     * An exchange without bindings, not yet part of the topology.
     *
     * @throws IllegalArgumentException when the type is unknown or refuses an argument
     */
    Exchange created(ExchangeSpec spec, Owner owner) {
        var routes = types.create(spec);
        Integer free = freeNumbers.poll();
        return new Exchange(spec, owner, free == null ? ++lastNumber : free, routes, PersistentMap.empty());
    }

    /** Adds exchanges or replaces them. */
    void put(Collection<Exchange> exchanges) {
        Snapshot next = snapshot;
        for (Exchange exchange : exchanges) {
            next = next.with(exchange);
        }
        snapshot = next;
    }

    /** Adds bindings between what exists, or changes their owner. */
    void bind(Collection<Binding> bindings, Owner owner) {
        snapshot = snapshot.bound(bindings, owner);
        for (Binding binding : bindings) {
            into(binding).merge(binding.destination(), BindingSet.EMPTY.with(binding), (a, b) -> a.with(binding));
        }
    }

    /** Takes everything out at once that belongs together. */
    void remove(Removal removal) {
        Snapshot next = snapshot.unbound(removal.bindings());
        for (Binding binding : removal.bindings()) {
            into(binding).computeIfPresent(binding.destination(), (name, set) -> {
                BindingSet left = set.without(binding);
                return left.isEmpty() ? null : left;
            });
        }
        for (Exchange exchange : removal.exchanges()) {
            next = next.without(exchange.name());
            freeNumbers.add(exchange.number());
        }
        snapshot = next;
        PersistentMap<String, QueueEntry> left = queues;
        for (QueueEntry queue : removal.queues()) {
            left = left.without(queue.name());
            exclusives.computeIfPresent(queue.connectionId(), (id, entries) -> {
                entries.remove(queue);
                return entries.isEmpty() ? null : entries;
            });
        }
        queues = left;
    }

    private Map<String, BindingSet> into(Binding binding) {
        return binding.toExchange() ? intoExchanges : intoQueues;
    }
}
