package io.turnstone.router.topology;

import io.turnstone.api.Binding;
import io.turnstone.api.Topology.Owner;
import io.turnstone.router.exchange.Exchange;
import io.turnstone.router.exchange.PersistentMap;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * The exchanges and their bindings at one moment. What was found in one snapshot holds as long as it is the latest:
 * its identity is the version of every remembered route. Queues are not in it, so that reply queues come and go
 * without making anybody forget a route. Immutable, any thread.
 */
public final class Snapshot {

    /** A topology without exchanges. */
    public static final Snapshot EMPTY = new Snapshot(PersistentMap.empty(), 0);

    private final PersistentMap<String, Exchange> exchanges;
    private final int bindings;

    private Snapshot(PersistentMap<String, Exchange> exchanges, int bindings) {
        this.exchanges = exchanges;
        this.bindings = bindings;
    }

    PersistentMap<String, Exchange> exchanges() {
        return exchanges;
    }

    /** How many bindings there are, of all exchanges. */
    int bindings() {
        return bindings;
    }

    /** The exchange of a name, or null. */
    public @Nullable Exchange exchange(String name) {
        return exchanges.get(name);
    }

    /** With an exchange added or replaced. */
    Snapshot with(Exchange exchange) {
        Exchange before = exchanges.get(exchange.name());
        int more = exchange.bindings().size()
                - (before == null ? 0 : before.bindings().size());
        return new Snapshot(exchanges.with(exchange.name(), exchange), bindings + more);
    }

    Snapshot without(String exchange) {
        Exchange before = exchanges.get(exchange);
        return before == null
                ? this
                : new Snapshot(
                        exchanges.without(exchange),
                        bindings - before.bindings().size());
    }

    /** With bindings whose exchanges exist. */
    Snapshot bound(Collection<Binding> added, Owner owner) {
        Snapshot snapshot = this;
        for (Binding binding : added) {
            Exchange exchange = snapshot.exchanges.get(binding.exchange());
            if (exchange == null) {
                throw new IllegalArgumentException("no exchange '" + binding.exchange() + "'");
            }
            snapshot = snapshot.with(exchange.with(binding, owner));
        }
        return snapshot;
    }

    Snapshot unbound(Collection<Binding> removed) {
        Snapshot snapshot = this;
        for (Binding binding : removed) {
            Exchange exchange = snapshot.exchanges.get(binding.exchange());
            if (exchange != null) {
                snapshot = snapshot.with(exchange.without(binding));
            }
        }
        return snapshot;
    }
}
