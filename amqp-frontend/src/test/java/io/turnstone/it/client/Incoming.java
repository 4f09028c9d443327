package io.turnstone.it.client;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A message that a client received. Immutable.
 *
 * @param body the text, of a long one what {@link LongText#brief} makes of it
 * @param deliveryCount the header's count of failed deliveries
 * @param annotations message annotations; empty for clients that do not show them
 */
public record Incoming(
        String body,
        @Nullable String subject,
        @Nullable String replyTo,
        long deliveryCount,
        int priority,
        Map<String, Object> annotations) {}
