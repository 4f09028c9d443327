package io.turnstone.amqp;

import io.turnstone.api.Body;
import io.turnstone.api.Message;
import io.turnstone.api.MessageFormat;
import org.jspecify.annotations.Nullable;

/** One message as AMQP 1.0 sections, indexed by one scan. Immutable. */
public final class AmqpMessage implements Message {

    private final Body.Inline body;

    AmqpMessage(Body.Inline body) {
        this.body = body;
    }

    @Override
    public MessageFormat format() {
        return AmqpFormat.INSTANCE;
    }

    @Override
    public Body.Inline body() {
        return body;
    }

    @Override
    public boolean durable() {
        throw new UnsupportedOperationException();
    }

    @Override
    public int priority() {
        throw new UnsupportedOperationException();
    }

    @Override
    public long ttlMs() {
        throw new UnsupportedOperationException();
    }

    @Override
    public long expiresAtMs() {
        throw new UnsupportedOperationException();
    }

    @Override
    public int priorDeliveries() {
        throw new UnsupportedOperationException();
    }

    @Override
    public @Nullable String subject() {
        throw new UnsupportedOperationException();
    }

    @Override
    public @Nullable String to() {
        throw new UnsupportedOperationException();
    }

    @Override
    public @Nullable Object property(String name) {
        throw new UnsupportedOperationException();
    }
}
