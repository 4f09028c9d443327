package io.turnstone.router.topology;

import io.turnstone.api.Binding;
import io.turnstone.api.Body;
import io.turnstone.api.Message;
import io.turnstone.api.MessageFormat;
import io.turnstone.api.Topology.Owner;
import io.turnstone.api.store.MessageStore;
import io.turnstone.router.queue.OverlayCodec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

/**
 * Builds the topology and its queues from what the store kept. What cannot be read is reported and left in the store.
 * Used once, by the starting thread.
 */
public final class Recovered implements MessageStore.Recovery {

    private static final Logger log = LogManager.getLogger(Recovered.class);

    /** Lines about single messages that cannot be read; the rest is a number in the summary. */
    private static final int MAX_LINES = 20;

    private record Kept(int queueId, long position, String format, Body body, byte[] overlay) {}

    private final TopologyState state;
    private final QueueFactory factory;
    private final QueueNumbers numbers;
    private final Map<String, MessageFormat> formats;
    private final List<DefinitionCodec.StoredQueueSpec> queueSpecs = new ArrayList<>();
    private final List<DefinitionCodec.StoredExchange> exchanges = new ArrayList<>();
    private final List<DefinitionCodec.StoredBinding> bindings = new ArrayList<>();
    private final Map<Integer, QueueEntry> queues = new HashMap<>();
    private List<Kept> messages = new ArrayList<>();
    private long unreadable;

    public Recovered(TopologyState state, QueueFactory factory, Map<String, MessageFormat> formats) {
        this.state = state;
        this.factory = factory;
        numbers = factory.numbers();
        this.formats = formats;
    }

    /** Messages and definitions that could not be read. */
    public long unreadable() {
        return unreadable;
    }

    @Override
    public void definition(String kind, String name, byte[] value) {
        try {
            if (kind.equals(Definitions.QUEUE)) {
                queueSpecs.add(DefinitionCodec.queue(value));
            } else if (kind.equals(Definitions.EXCHANGE)) {
                exchanges.add(DefinitionCodec.exchange(value));
            } else if (kind.equals(Definitions.BINDING)) {
                bindings.add(DefinitionCodec.binding(value));
            } else if (kind.equals(Definitions.COUNTER) && name.equals(Definitions.QUEUE_NUMBERS)) {
                numbers.recovered(DefinitionCodec.number(value));
            }
        } catch (IllegalArgumentException e) {
            unreadable(kind + " '" + name + "'", String.valueOf(e.getMessage()));
        }
    }

    @Override
    public void message(int queueId, long position, String format, Body body, byte[] overlay) {
        messages.add(new Kept(queueId, position, format, body, overlay));
    }

    @Override
    public void done(boolean clean) {
        for (var stored : queueSpecs) {
            numbers.used(stored.id());
            var entry = factory.make(stored.id(), stored.spec(), stored.owner(), QueueEntry.NOBODY, null);
            state.put(entry);
            queues.put(stored.id(), entry);
        }
        exchanges.forEach(this::exchange);
        bindings.forEach(this::binding);
        for (Kept kept : messages) {
            message(kept, !clean);
        }
        log.info(
                "recovered queues={} exchanges={} bindings={} messages={} unreadable={} clean={}",
                queues.size(),
                exchanges.size(),
                bindings.size(),
                messages.size(),
                unreadable,
                clean);
        messages = List.of();
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

    private void message(Kept kept, boolean maybeSeen) {
        QueueEntry entry = queues.get(kept.queueId());
        String where = "message " + kept.position() + " of queue "
                + (entry == null ? "number " + kept.queueId() : "'" + entry.name() + "'");
        MessageFormat format = formats.get(kept.format());
        if (entry == null || format == null) {
            unreadable(where, entry == null ? "the queue is not defined" : "no format '" + kept.format() + "'");
            return;
        }
        try {
            Message message = format.read(kept.body());
            var overlay = OverlayCodec.decode(kept.overlay(), kept.queueId());
            entry.queue().recovered(kept.position(), message, overlay, maybeSeen);
        } catch (RuntimeException e) {
            unreadable(where, String.valueOf(e.getMessage()));
        }
    }

    private void unreadable(String what, String why) {
        unreadable++;
        if (unreadable <= MAX_LINES) {
            log.error("{} cannot be read and stays in the store, out of reach: {}", what, why);
        }
    }
}
