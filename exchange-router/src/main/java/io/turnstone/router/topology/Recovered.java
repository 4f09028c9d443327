package io.turnstone.router.topology;

import io.turnstone.api.Binding;
import io.turnstone.api.QueueSpec;
import io.turnstone.api.Topology.Owner;
import io.turnstone.api.store.MessageKey;
import io.turnstone.api.store.MessageStore;
import io.turnstone.api.store.StoreRecord;
import io.turnstone.api.store.StoredRun;
import io.turnstone.router.queue.ClaimRecord;
import io.turnstone.router.queue.KeyWindow;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Builds the topology and its queues from what the store kept. What cannot be read is reported and left in the store.
 * Used once, by the starting thread.
 */
public final class Recovered implements MessageStore.Recovery {

    private static final Logger log = LogManager.getLogger(Recovered.class);

    /** Lines about what cannot be read; the rest is a number in the summary. */
    private static final int MAX_LINES = 20;

    private final TopologyState state;
    private final QueueFactory factory;
    private final QueueNumbers numbers;
    private final List<DefinitionCodec.StoredQueueSpec> queueSpecs = new ArrayList<>();
    private final List<DefinitionCodec.StoredExchange> exchanges = new ArrayList<>();
    private final List<DefinitionCodec.StoredBinding> bindings = new ArrayList<>();
    private final Map<Integer, QueueEntry> queues = new HashMap<>();
    private final Map<Integer, Long> strays = new HashMap<>();
    private final Map<String, byte[]> kept = new HashMap<>();
    private final List<ClaimRecord> claims = new ArrayList<>();
    private final SharedValues values = new SharedValues();
    private boolean made;
    private long messages;
    private long unreadable;
    private int lines;

    public Recovered(TopologyState state, QueueFactory factory) {
        this.state = state;
        this.factory = factory;
        numbers = factory.numbers();
    }

    /** Definitions that could not be read, and messages without a queue. */
    public long unreadable() {
        return unreadable;
    }

    /** What front ends kept, by name. */
    public Map<String, byte[]> kept() {
        return Map.copyOf(kept);
    }

    /** What consumers of the last run held under claims, in queues that are there. */
    public List<ClaimRecord> claims() {
        return claims.stream()
                .filter(claim -> queues.containsKey(claim.queueId()))
                .toList();
    }

    /** The claims to messages of queues that are gone: nothing in the store, and to be forgotten there. */
    public List<StoreRecord> pointless() {
        return claims.stream()
                .filter(claim -> !queues.containsKey(claim.queueId()))
                .<StoreRecord>map(claim -> ClaimRecord.gone(claim.queueId(), claim.position()))
                .toList();
    }

    @Override
    public void definition(String kind, String name, byte[] value) {
        try {
            if (kind.equals(Definitions.QUEUE)) {
                queueSpecs.add(DefinitionCodec.queue(value, name, values));
            } else if (kind.equals(Definitions.EXCHANGE)) {
                exchanges.add(DefinitionCodec.exchange(value));
            } else if (kind.equals(Definitions.BINDING)) {
                bindings.add(DefinitionCodec.binding(value));
            } else if (kind.equals(Definitions.COUNTER) && name.equals(Definitions.QUEUE_NUMBERS)) {
                numbers.recovered(DefinitionCodec.number(value));
            } else if (Definitions.isKept(kind)) {
                kept.put(name, value);
            } else if (kind.equals(ClaimRecord.KIND)) {
                claims.add(ClaimRecord.of(name, value));
            }
        } catch (IllegalArgumentException e) {
            unreadable(kind + " '" + name + "'", String.valueOf(e.getMessage()));
        }
    }

    @Override
    public void keysForgotten(int queueId, long untilMs, long position) {
        KeyWindow keys = keys(queueId);
        if (keys != null) {
            keys.forgotten(untilMs, position);
        }
    }

    @Override
    public void key(long position, MessageKey key) {
        KeyWindow keys = keys(key.queueId());
        if (keys != null) {
            keys.recovered(position, key);
        }
    }

    private @Nullable KeyWindow keys(int queueId) {
        make();
        QueueEntry entry = queues.get(queueId);
        return entry == null ? null : entry.queue().keys();
    }

    @Override
    public void run(int queueId, int level, StoredRun run) {
        make();
        int count = run.positions().length;
        messages += count;
        QueueEntry entry = queues.get(queueId);
        if (entry == null) {
            strays.merge(queueId, (long) count, Long::sum);
        } else {
            entry.queue().recovered(level, run);
        }
    }

    @Override
    public void done(boolean clean) {
        make();
        queues.values().forEach(entry -> entry.queue().maybeSeen());
        strays.forEach((id, count) ->
                unreadable(count + " messages of queue number " + id, count, "the queue is not defined"));
        log.info(
                "recovered queues={} exchanges={} bindings={} messages={} unreadable={} clean={}",
                queues.size(),
                exchanges.size(),
                bindings.size(),
                messages,
                unreadable,
                clean);
    }

    /** All definitions were told: the queues must be there for their messages. */
    private void make() {
        if (made) {
            return;
        }
        made = true;
        for (var stored : queueSpecs) {
            numbers.used(stored.id());
            QueueEntry entry = queue(stored);
            state.put(entry);
            queues.put(stored.id(), entry);
        }
        for (ClaimRecord claim : claims) {
            QueueEntry entry = queues.get(claim.queueId());
            if (entry != null) {
                entry.queue().recovered(claim);
            }
        }
        exchanges.forEach(this::exchange);
        bindings.forEach(this::binding);
    }

    private QueueEntry queue(DefinitionCodec.StoredQueueSpec stored) {
        try {
            return factory.make(stored.id(), stored.spec(), stored.owner(), QueueEntry.NOBODY, null);
        } catch (IllegalArgumentException e) {
            unreadable("the filter of queue '" + stored.spec().name() + "'", String.valueOf(e.getMessage()));
            QueueSpec open = Gate.opened(stored.spec());
            return factory.make(stored.id(), open, stored.owner(), QueueEntry.NOBODY, null)
                    .with(stored.spec(), stored.owner());
        }
    }

    private void exchange(DefinitionCodec.StoredExchange stored) {
        try {
            state.put(List.of(state.created(stored.spec(), stored.owner())));
        } catch (IllegalArgumentException e) {
            unreadable("exchange '" + stored.spec().name() + "'", String.valueOf(e.getMessage()));
        }
    }

    private void binding(DefinitionCodec.StoredBinding stored) {
        Binding binding = stored.binding();
        Owner owner = stored.owner();
        try {
            state.bind(List.of(binding), owner);
        } catch (IllegalArgumentException e) {
            unreadable("binding of exchange '" + binding.exchange() + "'", String.valueOf(e.getMessage()));
        }
    }

    private void unreadable(String what, String why) {
        unreadable(what, 1, why);
    }

    private void unreadable(String what, long count, String why) {
        unreadable += count;
        if (++lines <= MAX_LINES) {
            log.error("{} cannot be read and stays in the store, out of reach: {}", what, why);
        }
    }
}
