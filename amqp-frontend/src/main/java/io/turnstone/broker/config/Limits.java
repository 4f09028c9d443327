package io.turnstone.broker.config;

import io.turnstone.amqp.LastingLimits;
import io.turnstone.router.topology.RouterLimits;
import io.turnstone.router.topology.TransactionLimits;

/**
 * What peers may take. Immutable; times in milliseconds, sizes in bytes.
 *
 * @param connections open connections at most, over all listeners
 * @param acceptRate new connections per second at most, for each listener
 * @param maxFrame largest frame
 * @param maxMessage largest message
 * @param spoolAbove messages that are larger are kept in files of their own
 * @param idleTimeoutMs connections that say nothing for this long are closed; 0 for never
 * @param sessions sessions of one connection
 * @param links links of one session
 * @param handshakeTimeoutMs from the first byte to an open connection; slower ones are closed
 * @param transactions what one client may do in transactions
 * @param linkRecovery what links may hold that outlive their connections
 * @param maxDelayMs how far from its arrival a publisher may delay a message
 */
public record Limits(
        int connections,
        int acceptRate,
        int maxFrame,
        long maxMessage,
        int spoolAbove,
        long idleTimeoutMs,
        int sessions,
        int links,
        long handshakeTimeoutMs,
        TransactionLimits transactions,
        LastingLimits linkRecovery,
        long maxDelayMs) {

    /** The limits of a broker that was not told any. */
    public static final Limits DEFAULT = new Limits(
            10_000,
            5_000,
            128 * 1024,
            1 << 30,
            1 << 20,
            60_000,
            256,
            256,
            10_000,
            TransactionLimits.DEFAULT,
            LastingLimits.DEFAULT,
            RouterLimits.DEFAULT.maxDelayMs());
}
