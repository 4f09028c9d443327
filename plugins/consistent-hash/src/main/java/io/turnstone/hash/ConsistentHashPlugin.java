package io.turnstone.hash;

import io.turnstone.api.plugin.Plugin;
import io.turnstone.api.plugin.PluginContext;

/** Offers the exchange type {@code consistent-hash}, which spreads messages over its bindings by a hash of their key. */
public final class ConsistentHashPlugin implements Plugin {

    /** For {@link java.util.ServiceLoader}. */
    public ConsistentHashPlugin() {}

    @Override
    public String name() {
        return "consistent-hash";
    }

    @Override
    public void start(PluginContext context) {
        if (!context.config().isEmpty()) {
            throw new IllegalArgumentException("consistent-hash has no configuration; remove "
                    + context.config().keySet());
        }
        context.exchangeType(new ConsistentHashExchange());
    }

    @Override
    public void close() {}
}
