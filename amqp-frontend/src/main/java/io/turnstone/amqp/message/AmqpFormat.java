package io.turnstone.amqp.message;

import io.turnstone.api.Body;
import io.turnstone.api.Message;
import io.turnstone.api.MessageFormat;

/** Messages encoded as AMQP 1.0 sections (part 3, section 3.2). Immutable, any thread. */
public final class AmqpFormat implements MessageFormat {

    /** The one instance. */
    public static final AmqpFormat INSTANCE = new AmqpFormat();

    private AmqpFormat() {}

    @Override
    public String id() {
        return "amqp-1.0";
    }

    /**
     * Scans the sections of a message, in time linear in its sections before the body.
     *
     * @throws IllegalArgumentException when it is not an AMQP message, naming what is wrong at which byte
     */
    @Override
    public AmqpMessage read(Body body) {
        return new MessageScan().read(body);
    }

    @Override
    public AmqpMessage own(Message message) {
        return message instanceof AmqpMessage own ? own : read(message.body());
    }
}
