package io.turnstone.amqp.message;

import io.turnstone.amqp.codec.Encodings;
import io.turnstone.amqp.codec.FieldReader;
import io.turnstone.amqp.codec.JdkValues;
import io.turnstone.amqp.codec.MalformedException;
import io.turnstone.amqp.codec.ProtonCodec;
import io.turnstone.api.Body;
import io.turnstone.api.Message;
import io.turnstone.api.MessageFormat;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import org.apache.qpid.proton.amqp.messaging.ApplicationProperties;
import org.jspecify.annotations.Nullable;

/**
 * One message as AMQP 1.0 sections, indexed by one scan; its payload is never decoded. Immutable, any thread.
 *
 * <p>{@link #property} answers in the JDK types of {@link JdkValues}.
 */
public final class AmqpMessage implements Message {

    static final int MESSAGE_ID = 0;
    static final int TO = 2;
    static final int SUBJECT = 3;
    static final int ABSOLUTE_EXPIRY_TIME = 8;
    static final int GROUP_ID = 10;
    /** How many fields the properties section has. */
    static final int PROPERTIES = 13;

    private final Body body;
    /** The body, or the first part of one in a file: all sections that are ever looked at. */
    private final Body.Inline head;

    private final int headerEnd;
    private final int annotationsAt;
    private final int bareAt;
    private final int applicationPropertiesAt;
    private final int deliveryCount;
    private final long ttlMs;
    private final long expiresAtMs;
    private final long delay;
    private final short priority;
    private final boolean hasProperties;
    private final boolean durable;
    private final boolean firstAcquirer;

    /** Decoded on first use; an immutable map, so the race of two threads is harmless. */
    private @Nullable Map<String, Object> applicationProperties;

    AmqpMessage(Body body, Body.Inline head, MessageScan scan) {
        this.body = body;
        this.head = head;
        headerEnd = scan.headerEnd;
        annotationsAt = scan.annotationsAt;
        bareAt = scan.bareAt;
        applicationPropertiesAt = scan.applicationPropertiesAt;
        deliveryCount = scan.deliveryCount;
        ttlMs = scan.ttlMs;
        expiresAtMs = scan.expiresAtMs;
        delay = scan.delay;
        priority = (short) scan.priority;
        hasProperties = scan.hasProperties;
        durable = scan.durable;
        firstAcquirer = scan.firstAcquirer;
    }

    @Override
    public MessageFormat format() {
        return AmqpFormat.INSTANCE;
    }

    @Override
    public Body body() {
        return body;
    }

    /** What of it is on the heap: all sections before the body at least. */
    Body.Inline head() {
        return head;
    }

    @Override
    public boolean durable() {
        return durable;
    }

    @Override
    public int priority() {
        return priority < 0 ? DEFAULT_PRIORITY : priority;
    }

    @Override
    public long ttlMs() {
        return ttlMs;
    }

    @Override
    public long expiresAtMs() {
        return expiresAtMs;
    }

    @Override
    public long availableAtMs(long arrivedAtMs) {
        return DelayAnnotations.availableAtMs(delay, arrivedAtMs);
    }

    /** The header's delivery-count; one beyond 2^31-1 counts as that. */
    @Override
    public int priorDeliveries() {
        return deliveryCount < 0 ? Integer.MAX_VALUE : deliveryCount;
    }

    @Override
    public @Nullable String subject() {
        return string(SUBJECT);
    }

    @Override
    public @Nullable String to() {
        return string(TO);
    }

    /** The group-id, else the application property that clients of older protocols leave it in. */
    @Override
    public @Nullable String group() {
        String group = string(GROUP_ID);
        if (group != null || applicationPropertiesAt < 0) {
            return group;
        }
        Object named = property("JMSXGroupID");
        return (named == null ? property("_AMQ_GROUP_ID") : named) instanceof String name ? name : null;
    }

    @Override
    public @Nullable Object property(String name) {
        if (applicationPropertiesAt < 0) {
            return null;
        }
        Map<String, Object> properties = applicationProperties;
        if (properties == null) {
            properties = decodeApplicationProperties();
            applicationProperties = properties;
        }
        return properties.get(name);
    }

    @Override
    public @Nullable Object messageId() {
        ByteBuffer id = property(MESSAGE_ID);
        return id == null ? null : JdkValues.of(decoded(id));
    }

    @Override
    public @Nullable Object annotation(String name) {
        if (annotationsAt == bareAt) {
            return null;
        }
        ByteBuffer section = bytes(annotationsAt);
        Encodings.descriptor(section);
        for (int left = Encodings.enterMap(section); left > 0; left -= 2) {
            String key = Encodings.symbol(section);
            if (key == null) {
                Encodings.skip(section);
            }
            if (name.equals(key)) {
                return JdkValues.of(decoded(section));
            }
            Encodings.skip(section);
        }
        return null;
    }

    private static @Nullable Object decoded(ByteBuffer value) {
        try {
            return ProtonCodec.decode(value);
        } catch (MalformedException notReadable) {
            return null; // as in application properties
        }
    }

    /** Whether the header names a priority. */
    boolean hasPriority() {
        return priority >= 0;
    }

    /** The header's first-acquirer. */
    public boolean firstAcquirer() {
        return firstAcquirer;
    }

    /** Where the header ends, counted from the first byte of the message; 0 without one. */
    int headerEnd() {
        return headerEnd;
    }

    /** Where the message-annotations begin; {@link #bareAt} without any. */
    int annotationsAt() {
        return annotationsAt;
    }

    /** Where the part begins that leaves as it came: properties, application-properties, body, footer. */
    int bareAt() {
        return bareAt;
    }

    /** The bytes of the head from a place on. */
    ByteBuffer bytes(int at) {
        return ByteBuffer.wrap(head.array(), head.offset() + at, head.size() - at);
    }

    /** The encoded list of the properties section, at its first byte, in a buffer of the caller's own; null without. */
    public @Nullable ByteBuffer properties() {
        return hasProperties ? section(bareAt) : null;
    }

    /** The encoded map of the application-properties section, likewise. */
    public @Nullable ByteBuffer applicationProperties() {
        return applicationPropertiesAt < 0 ? null : section(applicationPropertiesAt);
    }

    /** The encoded map of the message-annotations section, likewise. */
    public @Nullable ByteBuffer annotations() {
        return annotationsAt == bareAt ? null : section(annotationsAt);
    }

    private ByteBuffer section(int at) {
        ByteBuffer section = bytes(at);
        Encodings.descriptor(section);
        return section;
    }

    /** The encoded message-id, or null when there is none. */
    @Nullable
    ByteBuffer encodedMessageId() {
        ByteBuffer bytes = property(MESSAGE_ID);
        if (bytes != null) {
            int start = bytes.position();
            Encodings.skip(bytes);
            bytes.flip().position(start);
        }
        return bytes;
    }

    private @Nullable String string(int field) {
        ByteBuffer bytes = property(field);
        if (bytes == null) {
            return null;
        }
        int code = Encodings.peek(bytes);
        return code == Encodings.STRING8 || code == Encodings.STRING32 ? Encodings.string(bytes) : null;
    }

    /** The bytes from a field of the properties on, or null when it is absent. */
    private @Nullable ByteBuffer property(int field) {
        if (!hasProperties) {
            return null;
        }
        ByteBuffer bytes = section(bareAt);
        var fields = new FieldReader();
        fields.enter(bytes);
        for (int i = 0; i < field; i++) {
            fields.skip();
        }
        return fields.next() ? bytes : null;
    }

    private Map<String, Object> decodeApplicationProperties() {
        var found = new HashMap<String, Object>();
        try {
            if (ProtonCodec.decode(bytes(applicationPropertiesAt)) instanceof ApplicationProperties section) {
                section.getValue().forEach((name, value) -> {
                    Object jdk = JdkValues.of(value);
                    if (jdk != null) {
                        found.put(String.valueOf(name), jdk);
                    }
                });
            }
        } catch (MalformedException notReadable) {
            // Well-formed when it was scanned, but with a string that is not UTF-8 and the like: not readable.
            return Map.of();
        }
        return Map.copyOf(found);
    }
}
