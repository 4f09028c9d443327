package io.turnstone.router.exchange;

import io.turnstone.api.ExchangeSpec;
import io.turnstone.api.plugin.ExchangeType;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The exchange types by name: the four of AMQP and those of plugins. Immutable, any thread. */
public final class ExchangeTypes {

    private final Map<String, ExchangeType> byName = new TreeMap<>();

    /**
     * The built-in types and these.
     *
     * @throws IllegalArgumentException when two have the same name
     */
    public ExchangeTypes(Collection<ExchangeType> plugged) {
        add(new DirectExchange());
        add(new FanoutExchange());
        add(new TopicExchange());
        add(new HeadersExchange());
        plugged.forEach(this::add);
    }

    private void add(ExchangeType type) {
        if (byName.put(type.name(), type) != null) {
            throw new IllegalArgumentException("two exchange types have the name '" + type.name() + "'");
        }
    }

    /** The type of a name, or null. */
    public @Nullable ExchangeType get(String name) {
        return byName.get(name);
    }

    /**
     * An exchange without bindings.
     *
     * @throws IllegalArgumentException when the type is unknown or refuses an argument
     */
    public ExchangeType.Routes create(ExchangeSpec spec) {
        ExchangeType type = byName.get(spec.type());
        if (type == null) {
            throw new IllegalArgumentException("exchange '" + spec.name() + "': type '" + spec.type()
                    + "' must be one of " + String.join(", ", byName.keySet()));
        }
        return type.create(spec);
    }
}
