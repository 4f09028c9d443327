package io.turnstone.api;

/**
 * Counters of one exchange since the broker started.
 *
 * @param name the exchange, empty for the default exchange
 * @param published messages that came to it
 * @param unroutable messages no queue got
 */
public record ExchangeStatus(String name, long published, long unroutable) {}
