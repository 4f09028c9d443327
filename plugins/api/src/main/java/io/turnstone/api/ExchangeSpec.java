package io.turnstone.api;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an exchange is. Immutable.
 *
 * @param name unique among exchanges, 1 to 255 characters
 * @param type {@code direct}, {@code fanout}, {@code topic}, {@code headers} or one a plugin registered
 * @param durable survives a restart
 * @param autoDelete goes with its last binding
 * @param internal takes messages from other exchanges only
 * @param alternate exchange for messages that no binding wants, or null
 * @param arguments as the client declared them, verbatim
 */
public record ExchangeSpec(
        String name,
        String type,
        boolean durable,
        boolean autoDelete,
        boolean internal,
        @Nullable String alternate,
        Map<String, Object> arguments) {
    public ExchangeSpec {
        Names.check("exchange", name);
        arguments = Map.copyOf(arguments);
    }

    /** A durable exchange without anything special. */
    public static ExchangeSpec of(String name, String type) {
        return new ExchangeSpec(name, type, true, false, false, null, Map.of());
    }
}
