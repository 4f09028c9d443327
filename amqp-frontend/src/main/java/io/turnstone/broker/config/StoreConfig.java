package io.turnstone.broker.config;

import java.util.Map;

/**
 * Where messages are kept. Immutable.
 *
 * @param type {@code mapdb}, {@code memory} or the type of a plugin's store
 * @param options the other keys of {@code store:}, which the store knows
 */
public record StoreConfig(String type, Map<String, Object> options) {
    public StoreConfig {
        options = Map.copyOf(options);
    }
}
