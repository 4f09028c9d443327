package io.turnstone.api;

/** How messages of one protocol are encoded: finds a message's index in its bytes. Immutable, any thread. */
public interface MessageFormat {

    /** A short name that is stored beside each message, such as {@code amqp-1.0}; never changes its meaning. */
    String id();

    /**
     * Indexes encoded bytes, at recovery or when an interceptor made new ones.
     *
     * @throws IllegalArgumentException when the bytes are not a message of this format; says where
     */
    Message read(Body body);
}
