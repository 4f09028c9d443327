package io.turnstone.router.topology;

import io.turnstone.api.Binding;
import io.turnstone.api.ExchangeSpec;
import io.turnstone.api.QueueSpec;
import io.turnstone.api.Topology.Owner;
import io.turnstone.api.plugin.BrokerEvent;
import io.turnstone.api.store.StoreRecord;
import io.turnstone.router.exchange.Exchange;
import io.turnstone.router.queue.MessageQueue;
import io.turnstone.router.topology.TopologyProblem.Kind;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Brings the topology in line with a checked declaration: adds what is new in one go, changes what can change, removes
 * what left and is unused. One application; owned by the topology loop, within one change.
 */
public final class DeclarationApply {

    private final DeclaredTopology declared;
    private final TopologyState state;
    private final Changes changes;
    private final QueueFactory factory;
    private final LiveTopology topology;
    private final TopologyListener listener;

    private final List<StoreRecord> records = new ArrayList<>();
    private final List<Exchange> exchanges = new ArrayList<>();
    private final List<QueueEntry> queues = new ArrayList<>();
    private final List<QueueEntry> newQueues = new ArrayList<>();
    private final List<Binding> bindings = new ArrayList<>();
    private final List<BrokerEvent> events = new ArrayList<>();

    private final List<String> created = new ArrayList<>();
    private final List<String> changed = new ArrayList<>();
    private final List<String> deleted = new ArrayList<>();
    private final List<TopologyProblem> left = new ArrayList<>();

    public DeclarationApply(
            DeclaredTopology declared,
            TopologyState state,
            Changes changes,
            QueueFactory factory,
            LiveTopology topology,
            TopologyListener listener) {
        this.declared = declared;
        this.state = state;
        this.changes = changes;
        this.factory = factory;
        this.topology = topology;
        this.listener = listener;
    }

    /** Makes the changes; completes with what became of the declaration. */
    public CompletionStage<ApplyReport> apply() {
        var problems = new DeclarationRoom(state).problems(declared, topology.limits());
        if (!problems.isEmpty()) {
            return CompletableFuture.completedFuture(ApplyReport.refused(problems));
        }
        factory.policies(declared.policies());
        for (int i = 0; i < declared.exchanges().size(); i++) {
            exchange(declared.exchanges().get(i), i);
        }
        for (int i = 0; i < declared.queues().size(); i++) {
            queue(declared.queues().get(i), i);
        }
        addBindings();
        return changes.commit(records)
                .thenCompose(durable -> eachInTurn(newQueues, entry -> changes.here(QueueFactory.start(entry))))
                .thenAccept(started -> publish())
                .thenCompose(published -> reconfigure())
                .thenCompose(reconfigured -> removeLeaving())
                .thenApply(removed -> new ApplyReport(List.of(), created, changed, deleted, left));
    }

    private void exchange(ExchangeSpec spec, int index) {
        Exchange there = state.exchange(spec.name());
        if (there == null) {
            Exchange made = state.created(spec, Owner.CONFIG);
            exchanges.add(made);
            created.add("exchange '" + spec.name() + "'");
            events.add(new BrokerEvent.ExchangeDeclared(spec));
            define(made.spec());
            return;
        }
        leave(Kind.EXCHANGE, "exchange", spec.name(), index, SpecDifference.fixed(there.spec(), spec));
        ExchangeSpec next = SpecDifference.changed(there.spec(), spec);
        if (there.owner() != Owner.CONFIG || !there.spec().equals(next)) {
            exchanges.add(there.with(next, Owner.CONFIG));
            changed.add("exchange '" + spec.name() + "'");
            define(next);
        }
    }

    private void define(ExchangeSpec spec) {
        if (spec.durable()) {
            records.add(Definitions.made(spec, Owner.CONFIG));
        }
    }

    private void queue(QueueSpec spec, int index) {
        QueueEntry there = state.queue(spec.name());
        if (there == null) {
            int id = factory.numbers().next(QueueEntry.stored(spec), records);
            QueueEntry made = factory.make(id, spec, Owner.CONFIG, QueueEntry.NOBODY, null);
            newQueues.add(made);
            created.add("queue '" + spec.name() + "'");
            events.add(new BrokerEvent.QueueDeclared(spec));
            define(made);
            return;
        }
        leave(Kind.QUEUE, "queue", spec.name(), index, SpecDifference.fixed(there.declared(), spec));
        QueueSpec next = SpecDifference.changed(there.declared(), spec);
        if (there.owner() != Owner.CONFIG || !there.declared().equals(next)) {
            QueueEntry entry = there.with(next, Owner.CONFIG);
            queues.add(entry);
            changed.add("queue '" + spec.name() + "'");
            define(entry);
        }
    }

    private void define(QueueEntry entry) {
        if (entry.stored()) {
            records.add(Definitions.made(entry.queue().id(), entry.declared(), entry.owner()));
        }
    }

    private void leave(Kind kind, String what, String name, int index, List<SpecDifference> differences) {
        for (SpecDifference difference : differences) {
            String message = what + " '" + name + "': " + difference + "; it cannot change while the " + what
                    + " lives and was left: take it out of the configuration, reload, put it back";
            left.add(new TopologyProblem(kind, name, index, difference.key(), message));
        }
    }

    /** Collects the bindings to add; those are kept whose ends are, be they there or about to be. */
    private void addBindings() {
        Set<String> passing = new HashSet<>();
        exchanges.forEach(
                exchange -> note(passing, "x", exchange.name(), exchange.spec().durable()));
        newQueues.forEach(entry -> note(passing, "q", entry.name(), entry.stored()));
        state.exchangeList()
                .forEach(exchange ->
                        note(passing, "x", exchange.name(), exchange.spec().durable()));
        state.queueList().forEach(entry -> note(passing, "q", entry.name(), entry.stored()));
        for (int i = 0; i < declared.bindings().size(); i++) {
            Binding binding = declared.bindings().get(i);
            Exchange from = state.exchange(binding.exchange());
            if (from != null && from.bindings().get(binding) == Owner.CONFIG) {
                continue;
            }
            if (from != null && !takes(from, binding, i)) {
                continue;
            }
            bindings.add(binding);
            created.add("binding of exchange '" + binding.exchange() + "' to '" + binding.destination() + "' with key '"
                    + binding.key() + "'");
            events.add(new BrokerEvent.Bound(binding));
            String to = (binding.toExchange() ? "x" : "q") + binding.destination();
            if (!passing.contains("x" + binding.exchange()) && !passing.contains(to)) {
                records.add(Definitions.made(binding, Owner.CONFIG));
            }
        }
    }

    private static void note(Set<String> passing, String kind, String name, boolean stored) {
        if (!stored) {
            passing.add(kind + name);
        }
    }

    /** An exchange that was left with another type than declared may not take what the declared one would. */
    private boolean takes(Exchange from, Binding binding, int index) {
        try {
            from.with(binding, Owner.CONFIG);
            return true;
        } catch (IllegalArgumentException e) {
            left.add(new TopologyProblem(Kind.BINDING, from.name(), index, "key", String.valueOf(e.getMessage())));
            return false;
        }
    }

    private void publish() {
        newQueues.forEach(state::put);
        queues.forEach(state::put);
        state.put(exchanges);
        state.bind(bindings, Owner.CONFIG);
        events.forEach(listener::happened);
    }

    /** Gives each queue what its declaration and policy say now, whoever declared it. */
    private CompletionStage<@Nullable Void> reconfigure() {
        var differing = state.queueList();
        differing.removeIf(entry ->
                factory.effective(entry.declared()).equals(entry.queue().spec()));
        return eachInTurn(
                differing, entry -> changes.here(entry.queue().reconfigure(factory.effective(entry.declared()))));
    }

    private CompletionStage<@Nullable Void> removeLeaving() {
        var names = new HashSet<String>();
        declared.queues().forEach(spec -> names.add("q" + spec.name()));
        declared.exchanges().forEach(spec -> names.add("x" + spec.name()));
        var staying = new HashSet<>(declared.bindings());
        var leaving = new ArrayList<Binding>();
        var leavingExchanges = new ArrayList<Exchange>();
        for (Exchange exchange : state.exchangeList()) {
            exchange.bindingsOf(Owner.CONFIG).stream()
                    .filter(binding -> !staying.contains(binding))
                    .forEach(leaving::add);
            if (exchange.owner() == Owner.CONFIG && !names.contains("x" + exchange.name())) {
                leavingExchanges.add(exchange);
            }
        }
        leaving.forEach(binding -> deleted.add("binding of exchange '" + binding.exchange() + "' to '"
                + binding.destination() + "' with key '" + binding.key() + "'"));
        var leavingQueues = state.queueList();
        leavingQueues.removeIf(entry -> entry.owner() != Owner.CONFIG || names.contains("q" + entry.name()));
        return topology.unbind(leaving)
                .thenCompose(unbound -> eachInTurn(leavingQueues, this::delete))
                .thenCompose(gone -> eachInTurn(leavingExchanges, exchange -> delete(exchange.name())));
    }

    private CompletionStage<@Nullable Void> delete(QueueEntry entry) {
        String name = entry.name();
        return topology.delete(
                        entry, MessageQueue.DeleteIf.EMPTY_AND_UNUSED, "queue '" + name + "' left the configuration")
                .handle((messages, refused) -> {
                    if (refused == null || state.queue(name) == null) {
                        deleted.add("queue '" + name + "'");
                    } else {
                        String message = "queue '" + name + "' left the configuration but is in use and stays: "
                                + Changes.refused(refused).getMessage();
                        left.add(new TopologyProblem(Kind.QUEUE, name, -1, "", message));
                    }
                    return null;
                });
    }

    private CompletionStage<@Nullable Void> delete(String name) {
        Exchange exchange = state.exchange(name);
        if (exchange == null) {
            return CompletableFuture.completedFuture(null);
        }
        if (topology.isBound(exchange)) {
            String message = "exchange '" + name + "' left the configuration but has bindings and stays";
            left.add(new TopologyProblem(Kind.EXCHANGE, name, -1, "", message));
            return CompletableFuture.completedFuture(null);
        }
        deleted.add("exchange '" + name + "'");
        return topology.deleteExchange(exchange);
    }

    private static <T> CompletionStage<@Nullable Void> eachInTurn(
            List<T> elements, Function<T, CompletionStage<?>> action) {
        CompletionStage<@Nullable Void> done = CompletableFuture.completedFuture(null);
        for (T element : elements) {
            done = done.thenCompose(before -> action.apply(element)).thenApply(result -> null);
        }
        return done;
    }
}
