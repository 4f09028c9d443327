package io.turnstone.amqp.terms;

import io.turnstone.api.Message;

/** What the address of a message is, as clients that tell queues from topics annotate it. */
public enum Destination {
    /** They do not say. */
    ANY,
    QUEUE,
    TOPIC;

    /** The byte that JMS clients send: 0 queue, 1 topic, 2 and 3 their temporary kind. */
    private static final String JMS = "x-opt-jms-dest";
    /** The same in words, from before. */
    private static final String LEGACY = "x-opt-to-type";
    /** The byte by which others say to whom a message goes: 0 to all, 1 to one. */
    private static final String ROUTING = "x-opt-routing-type";

    /** What a message says of its {@code to}. */
    public static Destination of(Message message) {
        if (message.annotation(JMS) instanceof Number kind) {
            return kind.intValue() % 2 == 0 ? QUEUE : TOPIC;
        }
        if (message.annotation(LEGACY) instanceof String words) {
            return words.startsWith("topic") ? TOPIC : QUEUE;
        }
        if (message.annotation(ROUTING) instanceof Number type) {
            return type.intValue() == 0 ? TOPIC : QUEUE;
        }
        return ANY;
    }
}
