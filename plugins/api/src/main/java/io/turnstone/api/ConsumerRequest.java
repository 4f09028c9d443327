package io.turnstone.api;

/**
 * What a consumer asks for. Immutable.
 *
 * @param source the queue or exchange
 * @param peer for whom
 * @param settled deliveries count as accepted when they are handed over (at most once)
 * @param browse deliver copies and leave the messages in the queue
 * @param exclusive no other consumer on this queue beside this one
 * @param priority consumers of higher priority with credit are served first; 0 is normal
 * @param byteBudget bytes that may be handed over before {@link Consumer#written} gives some back
 */
public record ConsumerRequest(
        Address source, Peer peer, boolean settled, boolean browse, boolean exclusive, int priority, long byteBudget) {}
