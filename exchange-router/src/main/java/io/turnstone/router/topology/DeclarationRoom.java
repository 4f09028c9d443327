package io.turnstone.router.topology;

import io.turnstone.api.Binding;
import io.turnstone.api.ExchangeSpec;
import io.turnstone.api.QueueSpec;
import io.turnstone.router.exchange.Exchange;
import io.turnstone.router.topology.TopologyProblem.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Finds out whether there is room for what a declaration adds, beside all there is: what leaves it may be in use and stay.
 * Used once, in the topology loop.
 */
final class DeclarationRoom {

    private record Added(String name, int index) {}

    private final TopologyState state;
    private final List<TopologyProblem> problems = new ArrayList<>();

    DeclarationRoom(TopologyState state) {
        this.state = state;
    }

    /** The first element of each kind that has no room; none when the declaration fits. */
    List<TopologyProblem> problems(DeclaredTopology declared, RouterLimits limits) {
        check(
                Kind.QUEUE,
                added(declared.queues(), QueueSpec::name, queue -> state.queue(queue.name()) == null),
                state.queues().size(),
                limits.queues());
        check(
                Kind.EXCHANGE,
                added(declared.exchanges(), ExchangeSpec::name, exchange -> state.exchange(exchange.name()) == null),
                state.snapshot().exchanges().size(),
                limits.exchanges());
        check(
                Kind.BINDING,
                added(declared.bindings(), Binding::exchange, this::isNew),
                state.snapshot().bindings(),
                limits.bindings());
        return problems;
    }

    private boolean isNew(Binding binding) {
        Exchange from = state.exchange(binding.exchange());
        return from == null || !from.bindings().contains(binding);
    }

    /** The elements that are new, by their place in the declaration. */
    private static <T> List<Added> added(List<T> elements, Function<T, String> name, Predicate<T> isNew) {
        var added = new ArrayList<Added>();
        for (int i = 0; i < elements.size(); i++) {
            T element = elements.get(i);
            if (isNew.test(element)) {
                added.add(new Added(name.apply(element), i));
            }
        }
        return added;
    }

    private void check(Kind kind, List<Added> added, int present, int limit) {
        int room = Math.max(0, limit - present);
        if (added.size() > room) {
            Added first = added.get(room);
            String message = DeclarationCheck.what(kind, first.name) + ": there are " + present + " already and "
                    + added.size() + " are new; at most " + limit + " "
                    + kind.name().toLowerCase(Locale.ROOT)
                    + "s are allowed";
            problems.add(new TopologyProblem(kind, first.name, first.index, "", message));
        }
    }
}
