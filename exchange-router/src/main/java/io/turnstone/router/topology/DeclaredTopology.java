package io.turnstone.router.topology;

import io.turnstone.api.Binding;
import io.turnstone.api.ExchangeSpec;
import io.turnstone.api.QueueSpec;
import io.turnstone.api.plugin.ExchangeType;
import io.turnstone.router.exchange.ExchangeTypes;
import java.util.Collection;
import java.util.List;

/**
 * The topology a configuration file declares, as a whole: applied all at once or not at all. Immutable.
 *
 * @param queues in the order of the file; problems name elements by their place here
 * @param exchanges likewise
 * @param bindings likewise
 * @param policies likewise; the first that matches a queue counts
 */
public record DeclaredTopology(
        List<QueueSpec> queues, List<ExchangeSpec> exchanges, List<Binding> bindings, List<QueuePolicy> policies) {

    /** Nothing declared. */
    public static final DeclaredTopology NONE = new DeclaredTopology(List.of(), List.of(), List.of(), List.of());

    public DeclaredTopology {
        queues = List.copyOf(queues);
        exchanges = List.copyOf(exchanges);
        bindings = List.copyOf(bindings);
        policies = List.copyOf(policies);
    }

    /**
     * Everything that is wrong with it by itself: duplicate and reserved names, references to what it does not declare,
     * unknown types, binding keys a type refuses, cyclic alternates. Needs no running broker.
     *
     * @param plugged exchange types beside the built-in ones
     */
    public List<TopologyProblem> problems(Collection<ExchangeType> plugged) {
        return new DeclarationCheck(this, new ExchangeTypes(plugged)).problems();
    }
}
