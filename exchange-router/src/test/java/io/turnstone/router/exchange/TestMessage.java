package io.turnstone.router.exchange;

import io.turnstone.api.Body;
import io.turnstone.api.Message;
import io.turnstone.api.MessageFilter;
import io.turnstone.api.MessageFormat;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A message whose bytes are a line of text: {@code [durable|fleeting] [subject] [text]}, and so can be read back after
 * a restart.
 */
public record TestMessage(
        boolean durable,
        @Nullable String subject,
        @Nullable String to,
        int priority,
        long ttlMs,
        Map<String, Object> properties,
        Body body)
        implements Message {

    /** The format of these messages; a text that starts with {@code broken} cannot be read. */
    public static final MessageFormat FORMAT = new MessageFormat() {
        @Override
        public String id() {
            return "test";
        }

        @Override
        public Message read(Body body) {
            String line = textOf(body);
            var parts = line.split(" ", 3);
            if (parts.length < 3 || parts[2].startsWith("broken")) {
                throw new IllegalArgumentException("not a test message: " + line);
            }
            return of(parts[0].equals("durable"), parts[1].isEmpty() ? null : parts[1], parts[2]);
        }

        @Override
        public Message own(Message message) {
            return message instanceof TestMessage ? message : read(message.body());
        }

        /** Texts that start like that; a filter that says {@code broken} cannot be read. */
        @Override
        public MessageFilter filter(String start) {
            if (start.equals("broken")) {
                throw new IllegalArgumentException("not a filter: " + start);
            }
            return (message, overlay) -> textOf(message).startsWith(start);
        }
    };

    public static TestMessage of(boolean durable, @Nullable String subject, String text) {
        String line = (durable ? "durable " : "fleeting ") + (subject == null ? "" : subject) + " " + text;
        return new TestMessage(
                durable,
                subject,
                null,
                DEFAULT_PRIORITY,
                NONE,
                Map.of(),
                Body.Inline.of(line.getBytes(StandardCharsets.UTF_8)));
    }

    public static TestMessage durable(String text) {
        return of(true, null, text);
    }

    public static TestMessage fleeting(String text) {
        return of(false, null, text);
    }

    public TestMessage withProperties(Map<String, Object> more) {
        return new TestMessage(durable, subject, to, priority, ttlMs, more, body);
    }

    public TestMessage withSubject(String key) {
        return of(durable, key, text());
    }

    /** What follows durability and subject. */
    String text() {
        return textOf(body).split(" ", 3)[2];
    }

    public static String textOf(Message message) {
        return ((TestMessage) message).text();
    }

    private static String textOf(Body body) {
        var inline = (Body.Inline) body;
        return new String(inline.array(), inline.offset(), inline.size(), StandardCharsets.UTF_8);
    }

    @Override
    public MessageFormat format() {
        return FORMAT;
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
    public @Nullable Object property(String name) {
        return properties.get(name);
    }
}
