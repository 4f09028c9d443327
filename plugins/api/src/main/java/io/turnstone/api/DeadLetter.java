package io.turnstone.api;

/** Where a queue's dead messages go. Immutable. */
public sealed interface DeadLetter {

    /** To {@code dlq.<queue>}, made when the first rejected or failed message needs it; expired ones are dropped. */
    record Automatic() implements DeadLetter {}

    /** To a queue. */
    record ToQueue(String queue) implements DeadLetter {}

    /**
     * Through an exchange.
     *
     * @param key the routing key, or empty to keep the message's own
     */
    record ToExchange(String exchange, String key) implements DeadLetter {}
}
