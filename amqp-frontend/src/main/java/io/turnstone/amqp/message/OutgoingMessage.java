package io.turnstone.amqp.message;

import io.turnstone.amqp.codec.Descriptors;
import io.turnstone.amqp.codec.Encodings;
import io.turnstone.amqp.codec.JdkValues;
import io.turnstone.amqp.codec.ListWriter;
import io.turnstone.amqp.codec.ProtonCodec;
import io.turnstone.api.Delivery;
import io.turnstone.api.Message;
import io.turnstone.api.Overlay;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A message as it leaves: a new head (header and message-annotations, with what the broker knows about the message in
 * its queue) and the rest of its bytes as they came. Where the head has nothing new, it is the old one, uncopied.
 * Reused for one delivery after another; owned by its link's loop.
 */
final class OutgoingMessage {

    private static final byte[] X_EXCHANGE = ascii("x-exchange");
    private static final byte[] X_ROUTING_KEY = ascii("x-routing-key");
    private static final byte[] NO_BYTES = {};
    private static final int HEADER_BYTES = 32;
    private static final int MAP_HEADER = 12;
    /** A larger head is not kept for the next message. */
    private static final int KEPT = 1024;

    private final ListWriter list = new ListWriter();
    /** The new head, from 0 to its position. */
    private ByteBuffer head = ByteBuffer.allocate(0);

    /** The rest of what is on the heap. */
    private byte[] rest = NO_BYTES;

    private int restAt;
    private int restSize;
    /** What comes behind that; null when that is all. */
    private @Nullable BodyStream stream;

    private long streamSize;

    /**
     * Computes how a delivery leaves.
     *
     * @param added annotations for this delivery only
     * @param nowMs the time from which the remaining time to live counts
     * @param behindHead the rest of a body in a file; null when all is on the heap
     */
    void encode(Delivery delivery, Map<String, Object> added, long nowMs, @Nullable BodyStream behindHead) {
        var message = (AmqpMessage) delivery.message();
        Overlay overlay = delivery.overlay();
        head = head.capacity() > KEPT ? ByteBuffer.allocate(0) : head.clear();
        boolean nothingToAdd = overlay.exchange().isEmpty()
                && overlay.deaths().isEmpty()
                && overlay.annotations().isEmpty()
                && added.isEmpty();
        int from = nothingToAdd ? message.annotationsAt() : message.bareAt();
        boolean asItCame = nothingToAdd && from == message.headerEnd() && headerStays(message, delivery);
        if (asItCame) {
            from = 0;
        } else {
            header(message, delivery, nowMs);
            if (!nothingToAdd) {
                annotations(message, overlay, added);
            }
        }
        rest = message.head().array();
        restAt = message.head().offset() + from;
        restSize = message.head().size() - from;
        stream = behindHead;
        streamSize = message.body().length() - message.head().size();
    }

    /** Encoded length in bytes. */
    long size() {
        return head.position() + restSize + streamSize;
    }

    /** How many bytes from a place on could be copied now. */
    long ready(long from) {
        long onHeap = Math.max(0, head.position() + restSize - from);
        return stream == null ? onHeap : onHeap + stream.ready();
    }

    /** Whether there will not be more to copy before something was copied. */
    boolean full() {
        return stream == null || stream.full();
    }

    /** Copies the next part of the encoding. */
    void copy(long from, int count, ByteBuffer out) {
        int headSize = head.position();
        int left = count;
        int at = (int) Math.min(from, headSize + restSize);
        if (at < headSize) {
            int part = Math.min(left, headSize - at);
            out.put(head.array(), at, part);
            left -= part;
            at += part;
        }
        int part = Math.min(left, headSize + restSize - at);
        out.put(rest, restAt + at - headSize, part);
        if (left > part && stream != null) {
            stream.copy(left - part, out);
        }
    }

    /** Lets go of the message. */
    void clear() {
        rest = NO_BYTES;
        restSize = 0;
        if (stream != null) {
            stream.close();
            stream = null;
        }
        streamSize = 0;
        head.clear();
    }

    private static boolean headerStays(AmqpMessage message, Delivery delivery) {
        return message.ttlMs() == Message.NONE
                && message.firstAcquirer() == delivery.firstAcquirer()
                && delivery.overlay().deliveryCount() == 0;
    }

    private void header(AmqpMessage message, Delivery delivery, long nowMs) {
        Overlay overlay = delivery.overlay();
        reserve(HEADER_BYTES);
        list.beginList(head, Descriptors.HEADER);
        list.flag(message.durable());
        if (message.hasPriority()) {
            list.ubyte(message.priority());
        } else {
            list.none();
        }
        // Without an expiry here the message lives on (in a dead-letter queue), whatever its sender had said.
        boolean expires = message.ttlMs() != Message.NONE && overlay.expiresAtMs() != Message.NONE;
        list.uint(expires, expires ? remaining(message.ttlMs(), overlay.expiresAtMs() - nowMs) : 0);
        list.flag(delivery.firstAcquirer());
        long deliveries = (long) message.priorDeliveries() + overlay.deliveryCount();
        list.uint(deliveries > 0, (int) Math.min(deliveries, Integer.MAX_VALUE));
        if (list.empty()) {
            head.clear();
        } else {
            list.endList();
        }
    }

    private static int remaining(long ttlMs, long leftMs) {
        return (int) Math.max(0, Math.min(ttlMs, leftMs));
    }

    private void annotations(AmqpMessage message, Overlay overlay, Map<String, Object> added) {
        Map<String, Object> all = added(message, overlay, added);
        boolean routed = !overlay.exchange().isEmpty();
        reserve(MAP_HEADER);
        int mapAt = head.position();
        head.put((byte) Encodings.DESCRIBED).put((byte) Encodings.SMALL_ULONG);
        head.put((byte) Descriptors.MESSAGE_ANNOTATIONS)
                .put((byte) Encodings.MAP32)
                .putLong(0);
        int count = keepOthers(message, routed, all);
        if (routed) {
            string(X_EXCHANGE, overlay.exchange());
            string(X_ROUTING_KEY, overlay.routingKey());
            count += 4;
        }
        for (Map.Entry<String, Object> annotation : all.entrySet()) {
            symbol(ascii(annotation.getKey()));
            Object value = annotation.getValue();
            ByteBuffer encoded = value instanceof ByteBuffer asItCame ? asItCame : ProtonCodec.encode(value, 0);
            reserve(encoded.remaining());
            head.put(encoded);
            count += 2;
        }
        head.putInt(mapAt + 4, head.position() - mapAt - 8).putInt(mapAt + 8, count);
    }

    /** What is added beside exchange and routing key; usually nothing. */
    private static Map<String, Object> added(AmqpMessage message, Overlay overlay, Map<String, Object> added) {
        if (overlay.annotations().isEmpty() && overlay.deaths().isEmpty() && added.isEmpty()) {
            return Map.of();
        }
        var all = new LinkedHashMap<String, Object>();
        overlay.annotations().forEach((name, value) -> all.put(name, JdkValues.toAmqp(value)));
        if (!overlay.deaths().isEmpty()) {
            DeathAnnotations.add(overlay.deaths(), all);
            ByteBuffer id = message.encodedMessageId();
            if (id != null) {
                all.put("x-opt-ORIG-MESSAGE-ID", id);
            }
        }
        added.forEach((name, value) -> all.put(name, JdkValues.toAmqp(value)));
        return all;
    }

    /** Copies the annotations that came with the message and are not replaced; returns how many elements. */
    private int keepOthers(AmqpMessage message, boolean routed, Map<String, Object> added) {
        if (message.annotationsAt() == message.bareAt()) {
            return 0;
        }
        ByteBuffer old = message.bytes(message.annotationsAt());
        Encodings.descriptor(old);
        int left = Encodings.enterMap(old);
        int kept = 0;
        for (; left > 0; left -= 2) {
            int start = old.position();
            String name = Encodings.symbol(old);
            if (name == null) {
                Encodings.skip(old);
            }
            Encodings.skip(old);
            boolean replaced = name != null
                    && (added.containsKey(name)
                            || (routed && (name.equals("x-exchange") || name.equals("x-routing-key"))));
            if (!replaced) {
                int length = old.position() - start;
                reserve(length);
                head.put(old.array(), old.arrayOffset() + start, length);
                kept += 2;
            }
        }
        return kept;
    }

    private void string(byte[] name, String value) {
        symbol(name);
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        reserve(5 + utf8.length);
        if (utf8.length < 256) {
            head.put((byte) Encodings.STRING8).put((byte) utf8.length);
        } else {
            head.put((byte) Encodings.STRING32).putInt(utf8.length);
        }
        head.put(utf8);
    }

    private void symbol(byte[] name) {
        reserve(5 + name.length);
        if (name.length < 256) {
            head.put((byte) Encodings.SYMBOL8).put((byte) name.length);
        } else {
            head.put((byte) Encodings.SYMBOL32).putInt(name.length);
        }
        head.put(name);
    }

    private void reserve(int bytes) {
        if (head.remaining() < bytes) {
            int capacity = Math.max(128, Math.max(2 * head.capacity(), head.position() + bytes));
            head = ByteBuffer.allocate(capacity).put(head.flip());
        }
    }

    private static byte[] ascii(String name) {
        return name.getBytes(StandardCharsets.US_ASCII);
    }
}
