package io.turnstone.router.queue;

import io.turnstone.api.Body;
import io.turnstone.api.Message;
import io.turnstone.api.MessageFormat;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A message that is its number. */
record NumberedMessage(int number, int priority, long ttlMs, int padding) implements Message {

    /** Number, priority and padding, written as they are. */
    static final MessageFormat FORMAT = new MessageFormat() {
        @Override
        public String id() {
            return "test";
        }

        @Override
        public Message read(Body body) {
            var inline = (Body.Inline) body;
            var bytes = ByteBuffer.wrap(inline.array(), inline.offset(), inline.size());
            return new NumberedMessage(bytes.getInt(), bytes.getInt(), Message.NONE, bytes.remaining());
        }
    };

    static NumberedMessage of(int number) {
        return new NumberedMessage(number, DEFAULT_PRIORITY, NONE, 2);
    }

    static NumberedMessage of(int number, int priority) {
        return new NumberedMessage(number, priority, NONE, 2);
    }

    /** Bytes it counts for: 10 unless padded. */
    static NumberedMessage sized(int number, int bytes) {
        return new NumberedMessage(number, DEFAULT_PRIORITY, NONE, bytes - 8);
    }

    @Override
    public MessageFormat format() {
        return FORMAT;
    }

    @Override
    public Body body() {
        return Body.Inline.of(
                ByteBuffer.allocate(8 + padding).putInt(number).putInt(priority).array());
    }

    @Override
    public long size() {
        return 8L + padding;
    }

    @Override
    public boolean durable() {
        return true;
    }

    @Override
    public long expiresAtMs() {
        return NONE;
    }

    @Override
    public int priorDeliveries() {
        return 0;
    }

    @Override
    public @Nullable String subject() {
        return null;
    }

    @Override
    public @Nullable String to() {
        return null;
    }

    /** Of ten groups one; every tenth message has none. */
    @Override
    public @Nullable String group() {
        return number % 10 == 0 ? null : "g" + number % 10;
    }

    @Override
    public @Nullable Object property(String name) {
        return null;
    }
}
