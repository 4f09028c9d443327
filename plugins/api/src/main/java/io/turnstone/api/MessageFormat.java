package io.turnstone.api;

/**
 * How messages of one protocol are encoded: finds a message's index in its bytes, and reads the filters back that choose
 * among such messages. Immutable, any thread.
 */
public interface MessageFormat {

    /** A short name that is stored beside each message, such as {@code amqp-1.0}; never changes its meaning. */
    String id();

    /**
     * Indexes encoded bytes, at recovery or when an interceptor made new ones.
     *
     * @throws IllegalArgumentException when the bytes are not a message of this format; says where
     */
    Message read(Body body);

    /**
     * The message itself if this format made it, else what it makes of its bytes: another class may say what they do not.
     *
     * @throws IllegalArgumentException when the bytes are not a message of this format; says where
     */
    default Message own(Message message) {
        return read(message.body());
    }

    /**
     * Reads a filter that the broker keeps with a subscription.
     *
     * @param text as the protocol's front end wrote it
     * @throws IllegalArgumentException when it is none
     */
    default MessageFilter filter(String text) {
        throw new IllegalArgumentException("messages of format " + id() + " have no filters that are kept");
    }
}
