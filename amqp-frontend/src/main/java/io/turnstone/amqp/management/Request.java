package io.turnstone.amqp.management;

import io.turnstone.amqp.codec.Encodings;
import io.turnstone.amqp.codec.MalformedException;
import io.turnstone.amqp.codec.ProtonCodec;
import io.turnstone.amqp.error.LinkError;
import io.turnstone.api.Body;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Map;
import org.apache.qpid.proton.amqp.messaging.AmqpValue;
import org.apache.qpid.proton.amqp.messaging.ApplicationProperties;
import org.apache.qpid.proton.amqp.messaging.Data;
import org.apache.qpid.proton.amqp.messaging.Properties;
import org.apache.qpid.proton.amqp.transport.AmqpError;
import org.jspecify.annotations.Nullable;

/**
 * One request: HTTP in the sections of a message. Immutable, but for what the peer put into the body.
 *
 * @param id the message-id, of whichever type, which the answer gives back as correlation-id
 * @param method the subject; empty when there is none
 * @param target the address of the message: path and query; empty when there is none
 * @param replyTo where the answer goes
 * @param properties those of the application
 * @param body a map, a binary or null; anything else is refused by whoever reads it
 */
record Request(
        Object id,
        String method,
        String target,
        @Nullable String replyTo,
        Map<String, Object> properties,
        @Nullable Object body) {

    /**
     * Reads a request.
     *
     * @throws LinkError when it is no message, or cannot be answered for want of a message-id
     */
    static Request read(Body.Inline message) {
        Properties properties = null;
        Map<String, Object> application = Map.of();
        Object body = null;
        ByteBuffer bytes = ByteBuffer.wrap(message.array(), message.offset(), message.size());
        try {
            while (bytes.hasRemaining()) {
                ByteBuffer section = bytes.duplicate();
                Encodings.skip(bytes);
                Object decoded = ProtonCodec.decode(section.limit(bytes.position()));
                if (decoded instanceof Properties found) {
                    properties = found;
                } else if (decoded instanceof ApplicationProperties found && found.getValue() != null) {
                    application = found.getValue();
                } else if (decoded instanceof AmqpValue value) {
                    body = value.getValue();
                } else if (decoded instanceof Data data) {
                    body = data.getValue();
                }
            }
        } catch (MalformedException | BufferUnderflowException malformed) {
            throw new LinkError(AmqpError.DECODE_ERROR, "a request is malformed: " + malformed.getMessage());
        }
        if (properties == null || properties.getMessageId() == null) {
            throw new LinkError(
                    AmqpError.INVALID_FIELD, "a request needs a message-id, by which its answer can be known");
        }
        return new Request(
                properties.getMessageId(),
                textOr(properties.getSubject()),
                textOr(properties.getTo()),
                properties.getReplyTo(),
                application,
                body);
    }

    private static String textOr(@Nullable String text) {
        return text == null ? "" : text;
    }
}
