package io.turnstone.router;

import io.turnstone.api.Condition;
import io.turnstone.api.Message;
import io.turnstone.api.MessageFormat;
import io.turnstone.api.RefusedException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Lets in what every front end can write, and what the store can give back: messages that a known format made. Owned by
 * one publisher.
 */
final class KnownMessages {

    private final Map<String, MessageFormat> formats;
    private @Nullable Class<?> known;

    KnownMessages(Map<String, MessageFormat> formats) {
        this.formats = formats;
    }

    /**
     * The message, or what its format makes of its bytes when it is of a class of somebody else.
     *
     * @throws RefusedException when they are no message of a known format
     */
    Message own(Message message) {
        if (message.getClass() == known) {
            return message;
        }
        String id = message.format().id();
        MessageFormat format = formats.get(id);
        if (format == null) {
            throw new RefusedException(
                    Condition.INVALID, "messages of format '" + id + "' are not known; known are: " + formats.keySet());
        }
        try {
            Message own = format.own(message);
            known = own.getClass();
            return own;
        } catch (IllegalArgumentException e) {
            throw new RefusedException(Condition.INVALID, "no message of format '" + id + "': " + e.getMessage());
        }
    }
}
