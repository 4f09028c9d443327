package io.turnstone.it.client;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A message to send. Immutable.
 *
 * @param target the link's target address, or null for the anonymous terminus
 * @param to the message's own address, or null
 * @param subject the subject, or null
 * @param priority the header's priority, 4 is normal
 * @param ttlMs the header's time to live in milliseconds, 0 for none
 * @param replyTo the reply address, or null
 * @param settled send it pre-settled
 * @param delayMs not to be delivered before that many milliseconds have passed, 0 for at once; said in the way of each client
 */
public record Outgoing(
        @Nullable String target,
        @Nullable String to,
        @Nullable String subject,
        String body,
        boolean durable,
        int priority,
        long ttlMs,
        @Nullable String replyTo,
        boolean settled,
        Map<String, Object> properties,
        long delayMs) {

    /** A durable message for an address. */
    public static Outgoing to(String target, String body) {
        return new Outgoing(target, null, null, body, true, 4, 0, null, false, Map.of(), 0);
    }

    /** A durable message over the anonymous terminus. */
    public static Outgoing anonymouslyTo(String to, String body) {
        return new Outgoing(null, to, null, body, true, 4, 0, null, false, Map.of(), 0);
    }

    /** The same with a subject. */
    public Outgoing subject(String value) {
        return new Outgoing(target, to, value, body, durable, priority, ttlMs, replyTo, settled, properties, delayMs);
    }

    /** The same without {@code durable}. */
    public Outgoing transientMessage() {
        return new Outgoing(target, to, subject, body, false, priority, ttlMs, replyTo, settled, properties, delayMs);
    }

    /** The same with a priority. */
    public Outgoing priority(int value) {
        return new Outgoing(target, to, subject, body, durable, value, ttlMs, replyTo, settled, properties, delayMs);
    }

    /** The same with a time to live. */
    public Outgoing ttlMs(long value) {
        return new Outgoing(target, to, subject, body, durable, priority, value, replyTo, settled, properties, delayMs);
    }

    /** The same with a reply address. */
    public Outgoing replyTo(String value) {
        return new Outgoing(target, to, subject, body, durable, priority, ttlMs, value, settled, properties, delayMs);
    }

    /** The same, pre-settled. */
    public Outgoing preSettled() {
        return new Outgoing(target, to, subject, body, durable, priority, ttlMs, replyTo, true, properties, delayMs);
    }

    /** The same with one more application property. */
    public Outgoing property(String name, Object value) {
        var more = new LinkedHashMap<>(properties);
        more.put(name, value);
        return new Outgoing(target, to, subject, body, durable, priority, ttlMs, replyTo, settled, more, delayMs);
    }

    /** The same, to be delivered after a while. */
    public Outgoing delayMs(long value) {
        return new Outgoing(target, to, subject, body, durable, priority, ttlMs, replyTo, settled, properties, value);
    }
}
