package io.turnstone.amqp.management;

import io.turnstone.api.Body;
import java.util.Map;
import org.apache.qpid.proton.amqp.messaging.AmqpValue;
import org.apache.qpid.proton.amqp.messaging.ApplicationProperties;
import org.apache.qpid.proton.amqp.messaging.Properties;

/**
 * What became of a token. Immutable.
 *
 * @param code as in HTTP
 * @param description for people
 */
record TokenAnswer(int code, String description) {

    /** As Azure answers. */
    static final TokenAnswer ACCEPTED = new TokenAnswer(202, "Accepted");

    /** The encoded message. */
    Body.Inline encode(Object correlationId) {
        var properties = new Properties();
        properties.setCorrelationId(correlationId);
        return Answer.encoded(
                properties,
                new ApplicationProperties(Map.of("status-code", code, "status-description", description)),
                new AmqpValue(null));
    }
}
