package io.turnstone.api;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the broker knows about one message in one queue beyond its bytes; stored beside them and written into the
 * outgoing encoding by the front end. Immutable.
 *
 * @param exchange the exchange it was published to; empty for the default exchange
 * @param routingKey the key it was published with
 * @param arrivedAtMs when it entered this queue, in milliseconds since the epoch
 * @param expiresAtMs when it expires in this queue, or {@link Message#NONE}
 * @param availableAtMs not delivered before this moment (its publisher's delay, a retry that waits); 0 for at once
 * @param attempts failed attempts the broker charges against the queue's retry policy
 * @param deliveryCount unsuccessful deliveries as the protocol counts them
 * @param deaths dead-letter history, latest first, one entry per queue and reason
 * @param annotations annotations added by consumers or interceptors; keys start with {@code x-}, values are JDK types
 * @param connectionId the {@link Peer#connectionId} that published it, or {@link #UNKNOWN}; not stored, as no connection
 *     outlives the broker
 */
public record Overlay(
        String exchange,
        String routingKey,
        long arrivedAtMs,
        long expiresAtMs,
        long availableAtMs,
        int attempts,
        int deliveryCount,
        List<Death> deaths,
        Map<String, Object> annotations,
        long connectionId) {

    /** Value of {@link #connectionId} when nobody remembers who published it. */
    public static final long UNKNOWN = 0;

    public Overlay {
        deaths = List.copyOf(deaths);
        annotations = Map.copyOf(annotations);
    }

    /** A message that just arrived from nobody in particular. */
    public static Overlay arrival(String exchange, String routingKey, long arrivedAtMs, long expiresAtMs) {
        return arrival(exchange, routingKey, arrivedAtMs, expiresAtMs, UNKNOWN);
    }

    /** A message that just arrived. */
    public static Overlay arrival(
            String exchange, String routingKey, long arrivedAtMs, long expiresAtMs, long connectionId) {
        return new Overlay(exchange, routingKey, arrivedAtMs, expiresAtMs, 0, 0, 0, List.of(), Map.of(), connectionId);
    }

    /** The same message, not to be delivered before a moment; 0 for at once. */
    public Overlay availableAt(long atMs) {
        return atMs == availableAtMs ? this : returned(attempts, deliveryCount, atMs, null);
    }

    /** The same message after a delivery that did not succeed. */
    public Overlay returned(int attempts, int deliveryCount, long availableAtMs, @Nullable Map<String, Object> added) {
        return new Overlay(
                exchange,
                routingKey,
                arrivedAtMs,
                expiresAtMs,
                availableAtMs,
                attempts,
                deliveryCount,
                deaths,
                added == null || added.isEmpty() ? annotations : merged(annotations, added),
                connectionId);
    }

    private static Map<String, Object> merged(Map<String, Object> old, Map<String, Object> added) {
        var all = new java.util.HashMap<>(old);
        all.putAll(added);
        return all;
    }
}
