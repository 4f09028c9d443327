package io.turnstone.amqp.filter;

import io.turnstone.api.Message;
import io.turnstone.api.Overlay;
import java.util.Locale;

/**
 * What a filter can name of a message beside application properties and annotations. The header and what the broker
 * counts come first, then the properties in the order of their section (part 3, section 3.2.4).
 */
enum Field implements Term {
    DURABLE,
    PRIORITY,
    TTL,
    FIRST_ACQUIRER,
    DELIVERY_COUNT,
    /** {@code PERSISTENT} or {@code NON_PERSISTENT}. */
    DELIVERY_MODE,
    REDELIVERED,
    /** Deliveries, this one included. */
    DELIVERIES,
    /** When it expires in its queue; 0 for never. */
    EXPIRATION,
    /** The message-id as JMS shows it. */
    JMS_MESSAGE_ID,
    /** The correlation-id as JMS shows it. */
    JMS_CORRELATION_ID,
    MESSAGE_ID(0),
    USER_ID(1),
    TO(2),
    SUBJECT(3),
    REPLY_TO(4),
    CORRELATION_ID(5),
    CONTENT_TYPE(6),
    CONTENT_ENCODING(7),
    ABSOLUTE_EXPIRY_TIME(8),
    CREATION_TIME(9),
    GROUP_ID(10),
    GROUP_SEQUENCE(11),
    REPLY_TO_GROUP_ID(12);

    /** How many fields the properties section has. */
    static final int PROPERTIES = 13;

    private final int property;

    Field() {
        this(-1);
    }

    Field(int property) {
        this.property = property;
    }

    /** Its place in the properties section; negative when it is not of that section. */
    int property() {
        return property;
    }

    /** Its name in the specification, with {@code _} for hyphens. */
    String field() {
        return name().toLowerCase(Locale.ROOT);
    }

    @Override
    public void read(Evaluation of, Value out) {
        Message message = of.message();
        Overlay overlay = of.overlay();
        switch (this) {
            case DURABLE -> out.truth(message.durable());
            case PRIORITY -> out.exact(message.priority());
            case TTL -> moment(message.ttlMs(), out);
            case FIRST_ACQUIRER -> out.truth(of.firstAcquirer());
            case DELIVERY_COUNT -> out.exact(failed(message, overlay));
            case DELIVERY_MODE -> out.text(message.durable() ? "PERSISTENT" : "NON_PERSISTENT");
            case REDELIVERED -> out.truth(failed(message, overlay) > 0);
            case DELIVERIES -> out.exact(failed(message, overlay) + 1);
            case EXPIRATION -> out.exact(overlay.expiresAtMs() == Message.NONE ? 0 : overlay.expiresAtMs());
            case JMS_MESSAGE_ID -> of.id(MESSAGE_ID, out);
            case JMS_CORRELATION_ID -> of.id(CORRELATION_ID, out);
            default -> of.property(this, out);
        }
    }

    private static void moment(long ms, Value out) {
        if (ms == Message.NONE) {
            out.clear();
        } else {
            out.exact(ms);
        }
    }

    private static long failed(Message message, Overlay overlay) {
        return (long) message.priorDeliveries() + overlay.deliveryCount();
    }
}
