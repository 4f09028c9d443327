package io.turnstone.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How often, when and why a message died in one queue. Immutable.
 *
 * @param queue the queue it was dead-lettered from
 * @param reason why
 * @param count how often, from 1
 * @param firstAtMs the first time, in milliseconds since the epoch
 * @param lastAtMs the latest time
 * @param exchange the exchange it had been published to, empty for the default exchange
 * @param routingKeys the keys it had been published with
 * @param error what a rejecting consumer said, or null
 */
public record Death(
        String queue,
        DeathReason reason,
        long count,
        long firstAtMs,
        long lastAtMs,
        String exchange,
        List<String> routingKeys,
        @Nullable String error) {
    public Death {
        routingKeys = List.copyOf(routingKeys);
    }
}
