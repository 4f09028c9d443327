package io.turnstone.api;

import java.util.Map;

/**
 * A rule that messages of an exchange go to a queue or to another exchange. Immutable; equal by value.
 *
 * @param exchange the source exchange
 * @param destination the queue's or exchange's name
 * @param toExchange whether the destination is an exchange
 * @param key the binding key; its meaning is the exchange type's
 * @param arguments headers to match, weights and the like, verbatim
 */
public record Binding(
        String exchange, String destination, boolean toExchange, String key, Map<String, Object> arguments) {
    public Binding {
        arguments = Map.copyOf(arguments);
    }
}
