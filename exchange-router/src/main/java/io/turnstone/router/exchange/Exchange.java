package io.turnstone.router.exchange;

import io.turnstone.api.Binding;
import io.turnstone.api.ExchangeSpec;
import io.turnstone.api.Topology.Owner;
import io.turnstone.api.plugin.ExchangeType.Routes;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One exchange with its bindings. Immutable, any thread.
 *
 * @param number where its counters are, see {@link ExchangeCounters}
 * @param bindings the bindings from it, with who owns each
 */
public record Exchange(
        ExchangeSpec spec, Owner owner, int number, Routes routes, PersistentMap<Binding, Owner> bindings) {

    /** The name; empty for the default exchange. */
    public String name() {
        return spec.name();
    }

    /**
     * This exchange and one more binding.
     *
     * @throws IllegalArgumentException when its type does not take the binding
     */
    public Exchange with(Binding binding, Owner bindingOwner) {
        Routes more = bindings.contains(binding) ? routes : routes.with(binding);
        return new Exchange(spec, owner, number, more, bindings.with(binding, bindingOwner));
    }

    /** This exchange without one binding; this exchange itself when it does not have it. */
    public Exchange without(Binding binding) {
        return bindings.contains(binding)
                ? new Exchange(spec, owner, number, routes.without(binding), bindings.without(binding))
                : this;
    }

    /** The same exchange with what can change while it is in use. */
    public Exchange with(ExchangeSpec changed, Owner newOwner) {
        return new Exchange(changed, newOwner, number, routes, bindings);
    }

    /** The bindings of one owner, or all. */
    public List<Binding> bindingsOf(@Nullable Owner wanted) {
        var list = new ArrayList<Binding>();
        bindings.forEach((binding, of) -> {
            if (wanted == null || of == wanted) {
                list.add(binding);
            }
        });
        return list;
    }
}
