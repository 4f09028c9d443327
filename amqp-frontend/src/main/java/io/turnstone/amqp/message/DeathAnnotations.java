package io.turnstone.amqp.message;

import io.turnstone.api.Death;
import io.turnstone.api.DeathReason;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedLong;

/**
 * A message's dead-letter history as the message-annotations that clients of other brokers look for: RabbitMQ's
 * {@code x-opt-deaths} and first and last death, Artemis' {@code x-opt-ORIG-*}, and Service Bus' reason.
 */
final class DeathAnnotations {

    /** What has no name in another broker's dialect begins with this. */
    static final String OWN = "x-opt-turnstone-";

    private static final Symbol QUEUE = Symbol.valueOf("queue");
    private static final Symbol REASON = Symbol.valueOf("reason");
    private static final Symbol COUNT = Symbol.valueOf("count");
    private static final Symbol FIRST_TIME = Symbol.valueOf("first-time");
    private static final Symbol LAST_TIME = Symbol.valueOf("last-time");
    private static final Symbol EXCHANGE = Symbol.valueOf("exchange");
    private static final Symbol ROUTING_KEYS = Symbol.valueOf("routing-keys");

    private DeathAnnotations() {}

    /** Whether an annotation may be one of them. */
    static boolean names(String annotation) {
        return annotation.startsWith("x-first-death-")
                || annotation.startsWith("x-last-death-")
                || annotation.startsWith("x-opt-ORIG-")
                || annotation.equals("x-opt-ACTUAL-EXPIRY")
                || annotation.equals("x-opt-deaths")
                || annotation.startsWith(OWN);
    }

    /**
     * Adds them.
     *
     * @param deaths latest first, not empty
     * @param annotations gets values as Proton-J encodes them
     */
    static void add(List<Death> deaths, Map<String, Object> annotations) {
        Death last = deaths.get(0);
        Death first = last;
        var maps = new Map<?, ?>[deaths.size()];
        for (int i = 0; i < maps.length; i++) {
            Death death = deaths.get(i);
            maps[i] = map(death);
            first = death.firstAtMs() <= first.firstAtMs() ? death : first;
        }
        annotations.put("x-opt-deaths", maps);
        add("x-first-death-", first, annotations);
        add("x-last-death-", last, annotations);
        annotations.put("x-opt-ORIG-ADDRESS", last.exchange().isEmpty() ? last.queue() : last.exchange());
        annotations.put("x-opt-ORIG-QUEUE", last.queue());
        if (last.reason() == DeathReason.EXPIRED) {
            annotations.put("x-opt-ACTUAL-EXPIRY", last.lastAtMs());
        }
        annotations.put(OWN + "DeadLetterReason", last.reason().symbol());
        if (last.error() != null) {
            annotations.put(OWN + "DeadLetterErrorDescription", last.error());
        }
    }

    private static void add(String prefix, Death death, Map<String, Object> annotations) {
        annotations.put(prefix + "queue", death.queue());
        annotations.put(prefix + "reason", death.reason().symbol());
        annotations.put(prefix + "exchange", death.exchange());
    }

    @SuppressWarnings("JavaUtilDate") // Proton-J's type for a timestamp
    private static Map<Symbol, Object> map(Death death) {
        var map = new LinkedHashMap<Symbol, Object>();
        map.put(QUEUE, death.queue());
        map.put(REASON, Symbol.valueOf(death.reason().symbol()));
        map.put(COUNT, UnsignedLong.valueOf(death.count()));
        map.put(FIRST_TIME, new Date(death.firstAtMs()));
        map.put(LAST_TIME, new Date(death.lastAtMs()));
        map.put(EXCHANGE, death.exchange());
        map.put(ROUTING_KEYS, death.routingKeys().toArray(new String[0]));
        return map;
    }
}
