package io.turnstone.api;

import org.jspecify.annotations.Nullable;

/**
 * One message as its publisher sent it: encoded bytes plus what a single scan of them found.
 *
 * <p>Immutable and shared: a fan-out to ten queues holds one message. What differs by queue (expiry, attempts,
 * dead-letter history) is the {@link Overlay} of the entry. The bytes are never rewritten; a {@link MessageFormat}
 * writes the overlay beside them on the way out.
 */
public interface Message {

    /** Priority of a message that names none. */
    int DEFAULT_PRIORITY = 4;

    /** Value of {@link #ttlMs} and {@link #expiresAtMs} when the message sets no limit. */
    long NONE = -1;

    /** The encoding of the {@link #body}. */
    MessageFormat format();

    /** All encoded bytes, annotations and properties included. */
    Body body();

    /** Whether the publisher asked that the message survive a restart. */
    boolean durable();

    /** Priority, 0 to 255, {@link #DEFAULT_PRIORITY} when unset. */
    int priority();

    /** How long the message is of use after its arrival, in milliseconds, or {@link #NONE}. */
    long ttlMs();

    /** The moment from which the message is of no use, in milliseconds since the epoch, or {@link #NONE}. */
    long expiresAtMs();

    /**
     * The moment before which its publisher does not want it delivered, in milliseconds since the epoch; 0 for at once.
     *
     * @param arrivedAtMs when it came, from which a delay counts
     */
    default long availableAtMs(long arrivedAtMs) {
        return 0;
    }

    /** How often delivery had failed before the message came here (the header's delivery-count). */
    int priorDeliveries();

    /** The subject: the routing key where the address names none. Decoded on demand. */
    @Nullable
    String subject();

    /** The address the message is for; read when the link has none. Decoded on demand. */
    @Nullable
    String to();

    /** An application property by name, as a JDK type (String, Boolean, Number, UUID, byte[]…), or null. */
    @Nullable
    Object property(String name);

    /**
     * The group it belongs to, or null: where a queue keeps groups, one consumer at a time gets the messages of a group,
     * in order. Decoded on demand.
     */
    default @Nullable String group() {
        return null;
    }

    /** What its publisher calls it, as a JDK type, or null. Decoded on demand. */
    default @Nullable Object messageId() {
        return null;
    }

    /** An annotation that its publisher put beside it, by name, as a JDK type, or null. Decoded on demand. */
    default @Nullable Object annotation(String name) {
        return null;
    }

    /** Bytes this message counts for in the limits of queues and links. */
    default long size() {
        return body().length();
    }
}
