package io.turnstone.broker.config;

import java.util.Map;

/**
 * One plugin that is switched on. Immutable.
 *
 * @param name its name and its folder's
 * @param optional whether the broker runs without it when it cannot start
 * @param config what is handed to it
 */
public record PluginConfig(String name, boolean optional, Map<String, Object> config) {
    public PluginConfig {
        config = Map.copyOf(config);
    }
}
