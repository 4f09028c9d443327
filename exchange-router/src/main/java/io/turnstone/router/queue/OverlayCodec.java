package io.turnstone.router.queue;

import io.turnstone.api.Death;
import io.turnstone.api.DeathReason;
import io.turnstone.api.Message;
import io.turnstone.api.Overlay;
import io.turnstone.api.store.Marks;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Overlays as bytes in the store. Pure; any thread.
 *
 * <p>A version byte, a byte of flags that says which parts follow, the time of arrival, the parts. A plain arrival takes 8
 * bytes and its exchange and key. Numbers are variable-length, texts UTF-8 behind their length. A message that enters
 * several queues carries the ttl of each that has one, so that the expiry decided when it was published is found again
 * whatever the queue's ttl is by then.
 */
public final class OverlayCodec {

    private static final int VERSION = 1;

    private static final int EXCHANGE = 1;
    private static final int ROUTING_KEY = 2;
    private static final int EXPIRES = 4;
    private static final int AVAILABLE = 8;
    private static final int ATTEMPTS = 16;
    private static final int DEATHS = 32;
    private static final int ANNOTATIONS = 64;
    private static final int QUEUE_TTLS = 128;

    private static final DeathReason[] REASONS = {
        DeathReason.EXPIRED, DeathReason.REJECTED, DeathReason.MAXLEN, DeathReason.DELIVERY_LIMIT
    };

    private OverlayCodec() {}

    /** The overlay of a message that enters these queues; for those with a ttl, that ttl is in it. */
    public static byte[] encode(Overlay overlay, List<MessageQueue> entering) {
        if (entering.size() == 1) {
            return write(expiring(overlay, entering.get(0).spec().ttlMs()), List.of());
        }
        List<MessageQueue> limited = List.of();
        for (MessageQueue queue : entering) {
            if (queue.spec().ttlMs() != Message.NONE) {
                limited = limited.isEmpty() ? new ArrayList<>() : limited;
                limited.add(queue);
            }
        }
        return write(overlay, limited);
    }

    /** The overlay of a message that is in its queue; its expiry is final. */
    static byte[] encode(Overlay overlay) {
        return write(overlay, List.of());
    }

    /** What the store remembers of a message that enters these queues. */
    public static Marks marks(Message message, Overlay overlay, List<MessageQueue> entering) {
        long earliest = Message.NONE;
        for (int i = 0; i < entering.size(); i++) {
            long atMs = expiresAtMs(overlay, entering.get(i).spec().ttlMs());
            earliest = earliest == Message.NONE || atMs == Message.NONE
                    ? Math.max(earliest, atMs)
                    : Math.min(earliest, atMs);
        }
        long availableAtMs = overlay.availableAtMs();
        boolean expiresFirst = earliest != Message.NONE && earliest < availableAtMs;
        return availableAtMs == 0
                ? new Marks(message.priority(), earliest)
                : new Marks(message.priority(), expiresFirst ? earliest : availableAtMs, true, List.of());
    }

    /** When a message expires, at the latest this long after it came and may be delivered. */
    private static long expiresAtMs(Overlay overlay, long ttlMs) {
        long fromMs = Math.max(overlay.arrivedAtMs(), overlay.availableAtMs());
        if (ttlMs == Message.NONE || ttlMs > Long.MAX_VALUE - fromMs) {
            return overlay.expiresAtMs();
        }
        long atMs = fromMs + ttlMs;
        return overlay.expiresAtMs() == Message.NONE ? atMs : Math.min(atMs, overlay.expiresAtMs());
    }

    /** The same overlay, expiring at the latest this long after its arrival and its delay; the same object if it does so already. */
    static Overlay expiring(Overlay overlay, long ttlMs) {
        long atMs = expiresAtMs(overlay, ttlMs);
        if (atMs == overlay.expiresAtMs()) {
            return overlay;
        }
        return new Overlay(
                overlay.exchange(),
                overlay.routingKey(),
                overlay.arrivedAtMs(),
                atMs,
                overlay.availableAtMs(),
                overlay.attempts(),
                overlay.deliveryCount(),
                overlay.deaths(),
                overlay.annotations(),
                overlay.connectionId());
    }

    private static int flags(Overlay overlay, List<MessageQueue> limited) {
        return (overlay.exchange().isEmpty() ? 0 : EXCHANGE)
                | (overlay.routingKey().isEmpty() ? 0 : ROUTING_KEY)
                | (overlay.expiresAtMs() == Message.NONE ? 0 : EXPIRES)
                | (overlay.availableAtMs() == 0 ? 0 : AVAILABLE)
                | (overlay.attempts() == 0 && overlay.deliveryCount() == 0 ? 0 : ATTEMPTS)
                | (overlay.deaths().isEmpty() ? 0 : DEATHS)
                | (overlay.annotations().isEmpty() ? 0 : ANNOTATIONS)
                | (limited.isEmpty() ? 0 : QUEUE_TTLS);
    }

    private static byte[] write(Overlay overlay, List<MessageQueue> limited) {
        int flags = flags(overlay, limited);
        var out = new PackedWriter(
                16 + overlay.exchange().length() + overlay.routingKey().length());
        out.octet(VERSION);
        out.octet(flags);
        out.number(overlay.arrivedAtMs());
        if ((flags & EXCHANGE) != 0) {
            out.text(overlay.exchange());
        }
        if ((flags & ROUTING_KEY) != 0) {
            out.text(overlay.routingKey());
        }
        if ((flags & EXPIRES) != 0) {
            out.number(overlay.expiresAtMs() - overlay.arrivedAtMs());
        }
        if ((flags & AVAILABLE) != 0) {
            out.number(overlay.availableAtMs());
        }
        if ((flags & ATTEMPTS) != 0) {
            out.number(overlay.attempts());
            out.number(overlay.deliveryCount());
        }
        if ((flags & DEATHS) != 0) {
            out.number(overlay.deaths().size());
            for (Death death : overlay.deaths()) {
                write(out, death);
            }
        }
        if ((flags & ANNOTATIONS) != 0) {
            out.map(overlay.annotations());
        }
        if ((flags & QUEUE_TTLS) != 0) {
            out.number(limited.size());
            for (MessageQueue queue : limited) {
                out.number(queue.id());
                out.number(queue.spec().ttlMs());
            }
        }
        return out.toBytes();
    }

    private static void write(PackedWriter out, Death death) {
        out.text(death.queue());
        for (int i = 0; i < REASONS.length; i++) {
            if (REASONS[i] == death.reason()) {
                out.octet(i);
            }
        }
        out.number(death.count());
        out.number(death.firstAtMs());
        out.number(death.lastAtMs());
        out.text(death.exchange());
        out.number(death.routingKeys().size());
        for (String key : death.routingKeys()) {
            out.text(key);
        }
        out.value(death.error());
    }

    /**
     * Reads an overlay back as it was in one queue.
     *
     * @throws IllegalArgumentException when the bytes are not an overlay; says where
     */
    public static Overlay decode(byte[] bytes, int queueId) {
        var in = new PackedReader(bytes);
        int version = in.octet();
        if (version != VERSION) {
            throw new IllegalArgumentException("overlay version " + version + " is not " + VERSION);
        }
        int flags = in.octet();
        long arrivedAtMs = in.number();
        String exchange = (flags & EXCHANGE) == 0 ? "" : in.text();
        String routingKey = (flags & ROUTING_KEY) == 0 ? "" : in.text();
        long expiresAtMs = (flags & EXPIRES) == 0 ? Message.NONE : arrivedAtMs + in.number();
        long availableAtMs = (flags & AVAILABLE) == 0 ? 0 : in.number();
        int attempts = (flags & ATTEMPTS) == 0 ? 0 : (int) in.number();
        int deliveryCount = (flags & ATTEMPTS) == 0 ? 0 : (int) in.number();
        List<Death> deaths = (flags & DEATHS) == 0 ? List.of() : deaths(in);
        Map<String, Object> annotations = (flags & ANNOTATIONS) == 0 ? Map.of() : annotations(in);
        long ttlMs = (flags & QUEUE_TTLS) == 0 ? Message.NONE : ttl(in, queueId);
        in.end();
        return expiring(
                new Overlay(
                        exchange,
                        routingKey,
                        arrivedAtMs,
                        expiresAtMs,
                        availableAtMs,
                        attempts,
                        deliveryCount,
                        deaths,
                        annotations,
                        Overlay.UNKNOWN),
                ttlMs);
    }

    private static List<Death> deaths(PackedReader in) {
        int count = in.count();
        List<Death> deaths = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            String queue = in.text();
            int reason = in.octet();
            if (reason >= REASONS.length) {
                throw new IllegalArgumentException("overlay names the unknown death reason " + reason);
            }
            long times = in.number();
            long firstAtMs = in.number();
            long lastAtMs = in.number();
            String exchange = in.text();
            int keys = in.count();
            List<String> routingKeys = new ArrayList<>(keys);
            for (int key = 0; key < keys; key++) {
                routingKeys.add(in.text());
            }
            @Nullable Object error = in.value();
            deaths.add(new Death(
                    queue,
                    REASONS[reason],
                    times,
                    firstAtMs,
                    lastAtMs,
                    exchange,
                    routingKeys,
                    error == null ? null : error.toString()));
        }
        return deaths;
    }

    private static Map<String, Object> annotations(PackedReader in) {
        Map<String, Object> annotations = new HashMap<>();
        in.map().forEach((key, value) -> {
            if (value != null) {
                annotations.put(String.valueOf(key), value);
            }
        });
        return annotations;
    }

    private static long ttl(PackedReader in, int queueId) {
        long found = Message.NONE;
        for (int left = in.count(); left > 0; left--) {
            long queue = in.number();
            long ttlMs = in.number();
            if (queue == queueId) {
                found = ttlMs;
            }
        }
        return found;
    }
}
