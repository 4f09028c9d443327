package io.turnstone.api;

/**
 * Counters of one exchange since the broker started.
 *
 * @param name the exchange, empty for the default exchange
 * @param published messages that came to it
 * @param unroutable messages no queue got
 * @param dropped messages refused for want of room, of which the publisher does not want to hear (pre-settled)
 */
public record ExchangeStatus(String name, long published, long unroutable, long dropped) {

    /** An exchange that dropped nothing. */
    public ExchangeStatus(String name, long published, long unroutable) {
        this(name, published, unroutable, 0);
    }
}
