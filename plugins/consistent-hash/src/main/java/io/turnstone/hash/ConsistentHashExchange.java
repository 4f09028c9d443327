package io.turnstone.hash;

import io.turnstone.api.ExchangeSpec;
import io.turnstone.api.plugin.ExchangeType;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Sends each message to exactly one of its bindings; equal keys go to the same binding as long as the bindings stay
 * the same, and a binding that comes or goes moves only the keys it gains or loses.
 *
 * <p>The binding key is the binding's weight, a whole number from 1 to 1000: a binding of weight 2 gets twice the keys
 * of one of weight 1. What is hashed is the routing key, or with the exchange argument {@code hash-header: NAME} the
 * application property of that name (a message without it counts as having an empty one).
 *
 * <p>Immutable, any thread.
 */
public final class ConsistentHashExchange implements ExchangeType {

    /** The exchange argument that names an application property to hash. */
    static final String HASH_HEADER = "hash-header";

    private static final Set<String> ARGUMENTS = Set.of(HASH_HEADER, "alternate-exchange");

    /** Also for {@link java.util.ServiceLoader}, by which {@code turnstone check} finds it. */
    public ConsistentHashExchange() {}

    @Override
    public String name() {
        return "consistent-hash";
    }

    @Override
    public Routes create(ExchangeSpec spec) {
        for (String argument : spec.arguments().keySet()) {
            if (!ARGUMENTS.contains(argument)) {
                throw new IllegalArgumentException("exchange '" + spec.name() + "': unknown argument '" + argument
                        + "'; a consistent-hash exchange takes " + HASH_HEADER);
            }
        }
        return WeightedRendezvous.empty(header(spec));
    }

    private static @Nullable String header(ExchangeSpec spec) {
        Object header = spec.arguments().get(HASH_HEADER);
        if (header == null || (header instanceof String name && !name.isEmpty())) {
            return (String) header;
        }
        throw new IllegalArgumentException("exchange '" + spec.name() + "': " + HASH_HEADER + " " + header
                + " must be the name of an application property");
    }
}
