package io.turnstone.amqp;

import io.turnstone.api.Body;
import io.turnstone.api.MessageFormat;

/** Messages encoded as AMQP 1.0 sections (part 3, section 3.2). */
public final class AmqpFormat implements MessageFormat {

    /** The one instance. */
    public static final AmqpFormat INSTANCE = new AmqpFormat();

    private AmqpFormat() {}

    @Override
    public String id() {
        return "amqp-1.0";
    }

    @Override
    public AmqpMessage read(Body body) {
        throw new UnsupportedOperationException();
    }
}
