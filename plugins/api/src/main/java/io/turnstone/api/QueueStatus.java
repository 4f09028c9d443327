package io.turnstone.api;

import java.util.Map;

/**
 * What one queue looked like at the end of a recent turn of its home loop. Counters count since the broker started.
 *
 * @param name the queue
 * @param ready messages that wait for a consumer
 * @param delayed messages that wait for their time: delayed by their publisher, or for their next attempt
 * @param unsettled messages that consumers hold
 * @param bytes body bytes of all of them
 * @param consumers open consumers
 * @param oldestAtMs when the oldest ready message arrived, or {@link Message#NONE}
 * @param published messages that entered
 * @param delivered deliveries made, redeliveries included
 * @param accepted deliveries accepted
 * @param redelivered deliveries of messages delivered before
 * @param expired messages whose time ended
 * @param dropped messages dropped by a limit, or expired without a dead letter; those refused of which the publisher
 *     does not want to hear (pre-settled) included
 * @param duplicates messages that were published before, accepted and not kept
 * @param deadLettered messages moved to a dead-letter queue, by reason
 */
public record QueueStatus(
        String name,
        long ready,
        long delayed,
        long unsettled,
        long bytes,
        int consumers,
        long oldestAtMs,
        long published,
        long delivered,
        long accepted,
        long redelivered,
        long expired,
        long dropped,
        long duplicates,
        Map<DeathReason, Long> deadLettered) {
    public QueueStatus {
        deadLettered = Map.copyOf(deadLettered);
    }

    /** Everything the queue holds. */
    public long messages() {
        return ready + delayed + unsettled;
    }
}
