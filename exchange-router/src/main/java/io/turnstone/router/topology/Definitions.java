package io.turnstone.router.topology;

import io.turnstone.api.Binding;
import io.turnstone.api.ExchangeSpec;
import io.turnstone.api.QueueSpec;
import io.turnstone.api.Topology.Owner;
import io.turnstone.api.store.StoreRecord;
import io.turnstone.router.exchange.Exchange;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The records by which the topology is kept in the store, and what front ends keep there. Pure, any thread. */
public final class Definitions {

    /** What a front end keeps. */
    private static final String KEPT = "kept";

    static final String QUEUE = "queue";
    static final String EXCHANGE = "exchange";
    static final String BINDING = "binding";
    static final String COUNTER = "counter";

    /** The counter from which queues get their numbers. */
    static final String QUEUE_NUMBERS = "queue-numbers";

    private static final int NAME_BYTES = 16;

    private Definitions() {}

    /** What a front end keeps, or (null) forgets. */
    public static StoreRecord.Define kept(String name, byte @Nullable [] value) {
        return new StoreRecord.Define(KEPT, name, value);
    }

    static boolean isKept(String kind) {
        return kind.equals(KEPT);
    }

    static StoreRecord made(int id, QueueSpec spec, Owner owner) {
        return new StoreRecord.Define(QUEUE, spec.name(), DefinitionCodec.queue(id, spec, owner));
    }

    static StoreRecord made(ExchangeSpec spec, Owner owner) {
        return new StoreRecord.Define(EXCHANGE, spec.name(), DefinitionCodec.exchange(spec, owner));
    }

    static StoreRecord made(Binding binding, Owner owner) {
        return new StoreRecord.Define(BINDING, nameOf(binding), DefinitionCodec.binding(binding, owner));
    }

    static StoreRecord numbersUsedUpTo(int number) {
        return new StoreRecord.Define(COUNTER, QUEUE_NUMBERS, DefinitionCodec.number(number));
    }

    /** What forgets a removal: only what was stored, and queues last, so that no binding is left without its queue. */
    static List<StoreRecord> gone(Removal removal, TopologyState state) {
        var records = new ArrayList<StoreRecord>();
        for (Binding binding : removal.bindings()) {
            if (stored(binding, state)) {
                records.add(new StoreRecord.Define(BINDING, nameOf(binding), null));
            }
        }
        for (Exchange exchange : removal.exchanges()) {
            if (exchange.spec().durable()) {
                records.add(new StoreRecord.Define(EXCHANGE, exchange.name(), null));
            }
        }
        for (QueueEntry queue : removal.queues()) {
            if (queue.stored()) {
                records.add(new StoreRecord.Define(QUEUE, queue.name(), null));
            }
        }
        return records;
    }

    /** The steps that forget stored queues with their bindings, messages first. */
    static List<Forgetting.Step> forgetting(Removal removal, TopologyState state) {
        var steps = new ArrayList<Forgetting.Step>();
        for (QueueEntry queue : removal.queues()) {
            if (queue.stored()) {
                steps.add(new Forgetting.Step(new StoreRecord.Drop(queue.queue()), () -> false));
            }
        }
        for (Binding binding : removal.bindings()) {
            if (stored(binding, state)) {
                var gone = new StoreRecord.Define(BINDING, nameOf(binding), null);
                steps.add(new Forgetting.Step(gone, () -> stored(binding, state) && isBound(binding, state)));
            }
        }
        for (Exchange exchange : removal.exchanges()) {
            if (exchange.spec().durable()) {
                var gone = new StoreRecord.Define(EXCHANGE, exchange.name(), null);
                steps.add(new Forgetting.Step(gone, () -> {
                    Exchange again = state.exchange(exchange.name());
                    return again != null && again.spec().durable();
                }));
            }
        }
        for (QueueEntry queue : removal.queues()) {
            if (queue.stored()) {
                var gone = new StoreRecord.Define(QUEUE, queue.name(), null);
                steps.add(new Forgetting.Step(gone, () -> {
                    QueueEntry again = state.queue(queue.name());
                    return again != null && again.stored();
                }));
            }
        }
        return steps;
    }

    private static boolean isBound(Binding binding, TopologyState state) {
        Exchange from = state.exchange(binding.exchange());
        return from != null && from.bindings().contains(binding);
    }

    /** A binding is kept when both of its ends are. */
    static boolean stored(Binding binding, TopologyState state) {
        Exchange from = state.exchange(binding.exchange());
        if (from == null || !from.spec().durable()) {
            return false;
        }
        if (binding.toExchange()) {
            Exchange to = state.exchange(binding.destination());
            return to != null && to.spec().durable();
        }
        QueueEntry to = state.queue(binding.destination());
        return to != null && to.stored();
    }

    /** Bindings have no name of their own: a digest of all they consist of, whoever owns them. */
    private static String nameOf(Binding binding) {
        try {
            var digest = MessageDigest.getInstance("SHA-256").digest(DefinitionCodec.binding(binding, Owner.CLIENT));
            return HexFormat.of().formatHex(digest, 0, NAME_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }
}
