package io.turnstone.api;

import org.jspecify.annotations.Nullable;

/**
 * Which messages a consumer wants. Written by a front end for messages of its own format; what it wants of a message of
 * another format is up to it, as a rule nothing that it cannot read.
 *
 * <p>The queue asks once for each ready message that it comes by, before it hands it over, so it has to be cheap: a few
 * hundred nanoseconds. It looks at nothing but its arguments, as its answer is kept; it does not throw, a message that it
 * cannot judge does not match. A filter that throws all the same costs its consumer the link, not the queue.
 *
 * <p><b>Threads:</b> any, several at once; immutable.
 */
@FunctionalInterface
public interface MessageFilter {

    /** Takes every message; a consumer with it chooses nothing, and costs its queue nothing. */
    MessageFilter ALL = (message, overlay) -> true;

    /**
     * Whether the consumer wants this message.
     *
     * @param message as it was published
     * @param overlay what the broker knows about it in this queue when it is asked; a later attempt is another overlay
     */
    boolean matches(Message message, Overlay overlay);

    /**
     * A value that every message it matches has, or null when there is none (as a rule). Thousands of consumers of one
     * queue that each wait for another value of the same field, replies for example, then cost one look-up per message
     * together.
     */
    default @Nullable Key key() {
        return null;
    }

    /**
     * A field and its value.
     *
     * @param field where to look; fields that read the same are equal, best the same object
     * @param value as {@link Field#of} answers it, compared with {@code equals}
     */
    record Key(Field field, Object value) {}

    /** Reads one value of messages. Cheap, immutable, any thread, does not throw. */
    @FunctionalInterface
    interface Field {

        /** The value in a message, or null when it has none. */
        @Nullable
        Object of(Message message, Overlay overlay);
    }
}
