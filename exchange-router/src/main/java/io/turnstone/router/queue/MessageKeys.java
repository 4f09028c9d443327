package io.turnstone.router.queue;

import io.turnstone.api.Deduplication;
import io.turnstone.api.Message;
import io.turnstone.api.Overlay;
import io.turnstone.api.store.Marks;
import io.turnstone.api.store.MessageKey;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * By what queues know messages that are published again. Pure, any thread.
 *
 * <p>A key may be long, so the first 128 bits of its SHA-256 stand for it. Two keys that are taken for one would lose a
 * message; among ten million keys in a window the chance of that is 1.5 in 10<sup>25</sup>, and nobody can make two that
 * collide on purpose with less than 2<sup>64</sup> attempts.
 */
public final class MessageKeys {

    /** Where existing clients say by what a message is to be known. */
    private static final String OTHER_ID = "_AMQ_DUPL_ID";

    private static final ThreadLocal<MessageDigest> SHA_256 = ThreadLocal.withInitial(MessageKeys::sha256);

    private MessageKeys() {}

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** The marks of a message that enters these queues, with a key for each that wants one. */
    public static Marks mark(Marks marks, Message message, Overlay overlay, List<MessageQueue> entering) {
        List<MessageKey> keys = List.of();
        for (int i = 0; i < entering.size(); i++) {
            MessageQueue queue = entering.get(i);
            if (queue.spec().deduplication() != null) {
                MessageKey key = of(message, overlay, queue);
                keys = keys.isEmpty() ? new ArrayList<>(entering.size()) : keys;
                if (key != null) {
                    keys.add(key);
                }
            }
        }
        return keys.isEmpty() ? marks : marks.with(List.copyOf(keys));
    }

    /** By what a queue knows a message; null when it compares none, or not this one. */
    static @Nullable MessageKey of(Message message, Overlay overlay, MessageQueue queue) {
        Deduplication rule = queue.spec().deduplication();
        Object key = rule == null ? null : key(message, rule.by());
        if (rule == null || key == null) {
            return null;
        }
        var hash = ByteBuffer.wrap(SHA_256.get().digest(bytes(key)));
        long atMs = overlay.arrivedAtMs();
        long untilMs = atMs > Long.MAX_VALUE - rule.windowMs() ? Long.MAX_VALUE : atMs + rule.windowMs();
        return new MessageKey(queue.id(), hash.getLong(), hash.getLong(), atMs, untilMs, rule.max());
    }

    private static @Nullable Object key(Message message, String by) {
        if (by.equals(Deduplication.MESSAGE_ID)) {
            Object other = message.property(OTHER_ID);
            return other == null ? message.messageId() : other;
        }
        Object annotation = by.startsWith("x-") ? message.annotation(by) : null;
        return annotation == null ? message.property(by) : annotation;
    }

    /** Equal for equal keys whatever the width they were sent in, and different for different types. */
    private static byte[] bytes(Object key) {
        if (key instanceof byte[] bytes) {
            return tagged('b', bytes);
        }
        if (key instanceof UUID uuid) {
            byte[] bits = ByteBuffer.allocate(2 * Long.BYTES)
                    .putLong(uuid.getMostSignificantBits())
                    .putLong(uuid.getLeastSignificantBits())
                    .array();
            return tagged('u', bits);
        }
        char type = key instanceof Number ? 'n' : key instanceof String ? 's' : 'o';
        return tagged(type, key.toString().getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] tagged(char tag, byte[] bytes) {
        return ByteBuffer.allocate(1 + bytes.length).put((byte) tag).put(bytes).array();
    }
}
