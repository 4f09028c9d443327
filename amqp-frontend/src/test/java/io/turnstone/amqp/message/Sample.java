package io.turnstone.amqp.message;

import io.turnstone.api.Death;
import io.turnstone.api.Delivery;
import io.turnstone.api.Message;
import io.turnstone.api.Overlay;
import java.util.List;
import java.util.Map;

/** A delivery to write. */
public record Sample(Message message, Overlay overlay, boolean firstAcquirer) implements Delivery {

    Sample(Message message) {
        this(message, Overlay.arrival("", "q", 0, Message.NONE), true);
    }

    static Overlay overlay(
            String exchange, long expiresAtMs, int deliveryCount, List<Death> deaths, Map<String, Object> annotations) {
        return new Overlay(exchange, "key", 0, expiresAtMs, 0, deliveryCount, deliveryCount, deaths, annotations, 0);
    }
}
