package io.turnstone.broker.config;

import io.turnstone.api.Binding;
import io.turnstone.api.DeadLetter;
import io.turnstone.api.ExchangeSpec;
import io.turnstone.api.QueueSpec;
import io.turnstone.api.plugin.ExchangeType;
import io.turnstone.router.topology.DeclaredTopology;
import io.turnstone.router.topology.QueuePolicy;
import io.turnstone.router.topology.TopologyProblem;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What exchanges, queues, bindings and policies mean together: every reference must lead somewhere. */
final class TopologyChecks {

    private static final List<String> TYPES = List.of("direct", "fanout", "topic", "headers");

    private final Values file;
    private final ShippedPlugins shipped;
    private final Map<String, Values> exchanges;
    private final Map<String, Values> queues;

    TopologyChecks(Values file) {
        this.file = file;
        shipped = ShippedPlugins.of(file);
        exchanges = file.get(ConfigShape.EXCHANGES);
        queues = file.get(ConfigShape.QUEUES);
    }

    DeclaredTopology topology() {
        int before = file.reading().problems().count();
        List<ExchangeSpec> exchangeSpecs = new ArrayList<>();
        exchanges.forEach((name, values) -> {
            checkExchange(values);
            if (values.given(TopologyShapes.EXCHANGE_TYPE)) {
                tryTo(values, () -> exchangeSpecs.add(TopologyShapes.exchange(name, values)));
            }
        });
        List<QueueSpec> queueSpecs = new ArrayList<>();
        queues.forEach((name, values) -> {
            checkDeadLetter(name, values);
            tryTo(values, () -> queueSpecs.add(TopologyShapes.queue(name, values)));
        });
        checkAlternates();
        List<Binding> bindings = bindings();
        List<QueuePolicy> policies = new ArrayList<>();
        for (Declared<QueuePolicy> policy : file.get(ConfigShape.POLICIES)) {
            checkDeadLetter("", policy.source().get(TopologyShapes.SET));
            policies.add(policy.value());
        }
        var topology = new DeclaredTopology(queueSpecs, exchangeSpecs, bindings, policies);
        if (file.reading().problems().count() == before) {
            tryTo(file, () -> checkMeaning(topology));
        }
        return topology;
    }

    /** What only the exchange types know, such as the form of a binding key. */
    private void checkMeaning(DeclaredTopology topology) {
        List<ExchangeType> plugged = file.reading().plugins().exchangeTypes();
        for (TopologyProblem problem : topology.problems(plugged)) {
            boolean unknownType = problem.kind() == TopologyProblem.Kind.EXCHANGE
                    && problem.key().equals("type");
            if (!unknownType) { // what no plugin can offer was reported before
                element(problem).problemAt(problem.key(), problem.message());
            }
        }
    }

    private Values element(TopologyProblem problem) {
        return switch (problem.kind()) {
            case QUEUE -> queues.getOrDefault(problem.name(), file);
            case EXCHANGE -> exchanges.getOrDefault(problem.name(), file);
            case BINDING -> file.get(ConfigShape.BINDINGS).get(problem.index()).source();
            case POLICY -> file.get(ConfigShape.POLICIES).get(problem.index()).source();
        };
    }

    private static void tryTo(Values values, Runnable build) {
        try {
            build.run();
        } catch (IllegalArgumentException e) {
            values.problem(String.valueOf(e.getMessage()));
        }
    }

    private void checkExchange(Values values) {
        String type = values.given(TopologyShapes.EXCHANGE_TYPE) ? values.get(TopologyShapes.EXCHANGE_TYPE) : "direct";
        boolean plugged = shipped.offersExchangeType(type) && !Suggestion.near(type, TYPES);
        if (!TYPES.contains(type) && !plugged) {
            values.problem(TopologyShapes.EXCHANGE_TYPE, ShippedPlugins.remedy(type, TYPES));
        }
        if (values.given(TopologyShapes.ALTERNATE)) {
            checkExchangeExists(values, TopologyShapes.ALTERNATE);
        }
    }

    private void checkAlternates() {
        Set<String> reported = new HashSet<>();
        exchanges.forEach((name, values) -> {
            Set<String> path = new LinkedHashSet<>();
            String at = name;
            while (at != null && path.add(at)) {
                Values next = exchanges.get(at);
                at = next != null && next.given(TopologyShapes.ALTERNATE) ? next.get(TopologyShapes.ALTERNATE) : null;
            }
            if (name.equals(at) && !reported.contains(name)) {
                reported.addAll(path);
                values.problem(
                        TopologyShapes.ALTERNATE,
                        "makes a circle: " + String.join(" → ", path) + " → " + at + "; let one of them end it");
            }
        });
    }

    private void checkDeadLetter(String queue, Values values) {
        if (!values.given(TopologyShapes.DEAD_LETTER)) {
            return;
        }
        Declared<DeadLetter> deadLetter = values.get(TopologyShapes.DEAD_LETTER);
        if (deadLetter.source().given(TopologyShapes.DLX)) {
            checkExchangeExists(deadLetter.source(), TopologyShapes.DLX);
        } else if (deadLetter.source().get(TopologyShapes.DLQ).equals(queue)) {
            deadLetter.source().problem(TopologyShapes.DLQ, "must not be the queue itself; name another");
        } else {
            checkQueueExists(deadLetter.source(), TopologyShapes.DLQ);
        }
    }

    private List<Binding> bindings() {
        List<Binding> bindings = new ArrayList<>();
        Set<Binding> seen = new HashSet<>();
        for (Declared<Binding> declared : file.get(ConfigShape.BINDINGS)) {
            Values source = declared.source();
            checkExchangeExists(source, TopologyShapes.FROM);
            if (declared.value().toExchange()) {
                checkExchangeExists(source, TopologyShapes.TO_EXCHANGE);
            } else {
                checkQueueExists(source, TopologyShapes.TO_QUEUE);
            }
            if (!seen.add(declared.value())) {
                source.problem("is the same as one above; remove it");
            }
            bindings.add(declared.value());
        }
        return bindings;
    }

    private void checkExchangeExists(Values values, Key<String> key) {
        String name = values.get(key);
        if (!exchanges.containsKey(name)) {
            values.problem(key, missing("exchange", name, exchanges.keySet(), "exchanges", "{ type: topic }"));
        }
    }

    private void checkQueueExists(Values values, Key<String> key) {
        String name = values.get(key);
        if (!queues.containsKey(name)) {
            values.problem(key, missing("queue", name, queues.keySet(), "queues", "{}"));
        }
    }

    private static String missing(String what, String name, Set<String> known, String section, String example) {
        String near = Suggestion.near(name, known) ? Suggestion.among(name, known) + " Or declare" : "declare";
        return "names the " + what + " '" + name + "', which is not declared; " + near + " it under '" + section + "': "
                + name + ": " + example;
    }
}
