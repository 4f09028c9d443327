package io.turnstone.api;

/** Why a message was moved to a dead-letter queue. */
public enum DeathReason {
    /** Its time to live ended. */
    EXPIRED("expired"),
    /** A consumer rejected it. */
    REJECTED("rejected"),
    /** A limit of the queue pushed it out. */
    MAXLEN("maxlen"),
    /** It failed more often than the queue's retry policy allows. */
    DELIVERY_LIMIT("delivery_limit");

    private final String symbol;

    DeathReason(String symbol) {
        this.symbol = symbol;
    }

    /** The word existing clients know (RabbitMQ's {@code x-opt-deaths}). */
    public String symbol() {
        return symbol;
    }
}
