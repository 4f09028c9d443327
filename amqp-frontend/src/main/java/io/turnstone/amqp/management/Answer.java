package io.turnstone.amqp.management;

import io.turnstone.amqp.codec.ProtonCodec;
import io.turnstone.api.Body;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Map;
import org.apache.qpid.proton.amqp.UnsignedLong;
import org.apache.qpid.proton.amqp.messaging.AmqpValue;
import org.apache.qpid.proton.amqp.messaging.ApplicationProperties;
import org.apache.qpid.proton.amqp.messaging.Properties;
import org.jspecify.annotations.Nullable;

/**
 * What a request is answered with. Immutable.
 *
 * @param code as in HTTP
 * @param body a map, a list, null, or the explanation of an error, in Proton-J's types
 */
record Answer(int code, @Nullable Object body) {

    /** Done, and there is nothing to say. */
    static final Answer NO_CONTENT = new Answer(204, null);

    private static final int OK = 200;
    private static final Map<String, Object> APPLICATION_PROPERTIES = Map.of("http:response", "1.1");

    static Answer ok(Object body) {
        return new Answer(OK, body);
    }

    /** What was removed. */
    static Answer messageCount(long count) {
        return ok(Map.of("message_count", UnsignedLong.valueOf(count)));
    }

    static Answer of(RequestRefusal refusal) {
        return new Answer(refusal.code(), refusal.description());
    }

    /** The encoded message. */
    Body.Inline encode(Object correlationId) {
        var properties = new Properties();
        properties.setCorrelationId(correlationId);
        properties.setSubject(Integer.toString(code));
        return encoded(properties, new ApplicationProperties(APPLICATION_PROPERTIES), new AmqpValue(body));
    }

    /** These sections, one behind the other. */
    static Body.Inline encoded(Object... sections) {
        var bytes = new ByteArrayOutputStream();
        for (Object section : sections) {
            ByteBuffer encoded = ProtonCodec.encode(section, 0);
            bytes.write(encoded.array(), encoded.arrayOffset(), encoded.limit());
        }
        return Body.Inline.of(bytes.toByteArray());
    }
}
