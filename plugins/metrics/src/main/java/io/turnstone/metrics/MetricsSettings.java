package io.turnstone.metrics;

import java.util.Map;
import java.util.Set;

/**
 * The plugin's {@code config:}. Immutable.
 *
 * @param host the address to listen on, loopback unless said otherwise
 * @param port the port, 0 for any free one
 * @param maxQueues how many queues get series of their own; the fullest ones, the rest is added up
 */
record MetricsSettings(String host, int port, int maxQueues) {

    private static final Set<String> KEYS = Set.of("host", "port", "max-queues");
    private static final int MOST_QUEUES = 100_000;

    static MetricsSettings from(Map<String, Object> config) {
        for (String key : config.keySet()) {
            if (!KEYS.contains(key)) {
                throw new IllegalArgumentException("unknown key '" + key + "'; metrics takes host, port, max-queues");
            }
        }
        Object host = config.getOrDefault("host", "127.0.0.1");
        if (!(host instanceof String name) || name.isBlank()) {
            throw new IllegalArgumentException("host " + host + " must be a host name or address");
        }
        return new MetricsSettings(
                name, number(config, "port", 9419, 0, 65_535), number(config, "max-queues", 1000, 1, MOST_QUEUES));
    }

    private static int number(Map<String, Object> config, String key, int byDefault, int least, int most) {
        Object value = config.getOrDefault(key, byDefault);
        if (value instanceof Number number && number.longValue() >= least && number.longValue() <= most) {
            return number.intValue();
        }
        throw new IllegalArgumentException(key + " " + value + " must be a whole number, " + least + " to " + most);
    }
}
