package io.turnstone.router.topology;

import io.turnstone.api.Binding;
import io.turnstone.api.DeadLetter;
import io.turnstone.api.ExchangeSpec;
import io.turnstone.api.QueueSpec;
import io.turnstone.api.plugin.ExchangeType.Routes;
import io.turnstone.router.exchange.ExchangeTypes;
import io.turnstone.router.topology.TopologyProblem.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds everything that is wrong with a declaration by itself. Used once, by one thread. */
final class DeclarationCheck {

    private final DeclaredTopology declared;
    private final ExchangeTypes types;
    private final List<TopologyProblem> problems = new ArrayList<>();
    private final Set<String> queues = new HashSet<>();
    private final Map<String, ExchangeSpec> exchanges = new HashMap<>();
    private final Map<String, Routes> routes = new HashMap<>();

    DeclarationCheck(DeclaredTopology declared, ExchangeTypes types) {
        this.declared = declared;
        this.types = types;
    }

    /** Everything that is wrong, in the order queues, exchanges, bindings, policies. */
    List<TopologyProblem> problems() {
        for (int i = 0; i < declared.queues().size(); i++) {
            var queue = declared.queues().get(i);
            name(Kind.QUEUE, queue.name(), i, queues.add(queue.name()));
        }
        for (int i = 0; i < declared.exchanges().size(); i++) {
            var exchange = declared.exchanges().get(i);
            name(Kind.EXCHANGE, exchange.name(), i, exchanges.put(exchange.name(), exchange) == null);
        }
        for (int i = 0; i < declared.queues().size(); i++) {
            var queue = declared.queues().get(i);
            lifetime(queue, i);
            deadLetter(Kind.QUEUE, queue.name(), i, queue.deadLetter());
        }
        for (int i = 0; i < declared.exchanges().size(); i++) {
            exchange(declared.exchanges().get(i), i);
        }
        bindings();
        for (int i = 0; i < declared.policies().size(); i++) {
            var policy = declared.policies().get(i);
            deadLetter(Kind.POLICY, policy.match(), i, policy.deadLetter());
        }
        return List.copyOf(problems);
    }

    private void name(Kind kind, String name, int index, boolean first) {
        String what = what(kind, name);
        if (!first) {
            problem(kind, name, index, "", what + " is declared twice; remove one");
        }
        if (name.startsWith(Reserved.PREFIX)) {
            problem(
                    kind,
                    name,
                    index,
                    "",
                    what + ": names starting with 'amq.' are reserved for the broker; rename it");
        }
    }

    private void lifetime(QueueSpec queue, int index) {
        if (queue.exclusive()) {
            String why = ": exclusive queues belong to a connection and cannot be declared in the configuration";
            problem(Kind.QUEUE, queue.name(), index, "exclusive", what(Kind.QUEUE, queue.name()) + why);
        }
    }

    private void deadLetter(Kind kind, String name, int index, @Nullable DeadLetter deadLetter) {
        if (deadLetter instanceof DeadLetter.ToQueue to) {
            if (kind == Kind.QUEUE && to.queue().equals(name)) {
                problem(kind, name, index, "dead-letter", what(kind, name) + ": its dead letters cannot go to itself");
            } else if (!queues.contains(to.queue())) {
                missing(kind, name, index, "dead-letter", "queue", to.queue());
            }
        } else if (deadLetter instanceof DeadLetter.ToExchange to && !exchanges.containsKey(to.exchange())) {
            missing(kind, name, index, "dead-letter", "exchange", to.exchange());
        }
    }

    private void exchange(ExchangeSpec exchange, int index) {
        try {
            routes.put(exchange.name(), types.create(exchange));
        } catch (IllegalArgumentException e) {
            String key = types.get(exchange.type()) == null ? "type" : "arguments";
            problem(Kind.EXCHANGE, exchange.name(), index, key, String.valueOf(e.getMessage()));
        }
        String alternate = exchange.alternate();
        if (alternate == null) {
            return;
        }
        if (!exchanges.containsKey(alternate)) {
            missing(Kind.EXCHANGE, exchange.name(), index, "alternate", "exchange", alternate);
        } else if (isCyclic(exchange)) {
            String why = ": its alternate '" + alternate + "' leads back to it; break the cycle";
            problem(Kind.EXCHANGE, exchange.name(), index, "alternate", what(Kind.EXCHANGE, exchange.name()) + why);
        }
    }

    private boolean isCyclic(ExchangeSpec exchange) {
        var seen = new HashSet<String>();
        for (ExchangeSpec at = exchange; at != null && seen.add(at.name()); ) {
            String next = at.alternate();
            if (next != null && next.equals(exchange.name())) {
                return true;
            }
            at = next == null ? null : exchanges.get(next);
        }
        return false;
    }

    private void bindings() {
        var seen = new HashSet<Binding>();
        for (int i = 0; i < declared.bindings().size(); i++) {
            var binding = declared.bindings().get(i);
            String from = binding.exchange();
            if (!exchanges.containsKey(from)) {
                missing(Kind.BINDING, from, i, "exchange", "exchange", from);
            }
            String to = binding.destination();
            if (binding.toExchange() && !exchanges.containsKey(to)) {
                missing(Kind.BINDING, from, i, "to-exchange", "exchange", to);
            } else if (!binding.toExchange() && !queues.contains(to)) {
                missing(Kind.BINDING, from, i, "queue", "queue", to);
            }
            if (!seen.add(binding)) {
                String what = "binding of exchange '" + from + "' to '" + to + "' with key '" + binding.key() + "'";
                problem(Kind.BINDING, from, i, "", what + " is declared twice; remove one");
            } else {
                bind(binding, i);
            }
        }
    }

    private void bind(Binding binding, int index) {
        try {
            routes.computeIfPresent(binding.exchange(), (name, before) -> before.with(binding));
        } catch (IllegalArgumentException e) {
            problem(Kind.BINDING, binding.exchange(), index, "key", String.valueOf(e.getMessage()));
        }
    }

    private void missing(Kind kind, String name, int index, String key, String what, String absent) {
        String message =
                what(kind, name) + ": there is no " + what + " '" + absent + "'; declare it or correct the name";
        problem(kind, name, index, key, message);
    }

    private void problem(Kind kind, String name, int index, String key, String message) {
        problems.add(new TopologyProblem(kind, name, index, key, message));
    }

    /** How messages name an element. */
    static String what(Kind kind, String name) {
        if (kind == Kind.QUEUE) {
            return "queue '" + name + "'";
        }
        if (kind == Kind.EXCHANGE) {
            return "exchange '" + name + "'";
        }
        return kind == Kind.BINDING ? "binding of exchange '" + name + "'" : "policy '" + name + "'";
    }
}
