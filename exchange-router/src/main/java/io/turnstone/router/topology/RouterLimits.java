package io.turnstone.router.topology;

import io.turnstone.api.Overflow;
import io.turnstone.api.QueueLimit;
import io.turnstone.router.queue.HeldLimit;
import java.util.concurrent.TimeUnit;

/**
 * How much of each thing there may be. Immutable.
 *
 * @param queues most queues, temporary ones included
 * @param exchanges most exchanges
 * @param bindings most bindings, of all exchanges together
 * @param heldPerPublisher most messages that wait behind one that is blocked or not yet decided on by an interceptor
 * @param temporaryQueue how much a queue that came with a link may hold, if no policy says otherwise: whoever consumes
 *     from it has no other use for it, and must not fill the memory that all share
 * @param transactions how much one client may do in transactions
 * @param held how much is kept after a restart for each consumer that claimed it
 * @param maxDelayMs how far from its arrival a publisher may delay a message, in milliseconds
 */
public record RouterLimits(
        int queues,
        int exchanges,
        int bindings,
        int heldPerPublisher,
        QueueLimit temporaryQueue,
        TransactionLimits transactions,
        HeldLimit held,
        long maxDelayMs) {

    /** Generous for one machine. */
    public static final RouterLimits DEFAULT = new RouterLimits(
            200_000,
            20_000,
            2_000_000,
            10_000,
            new QueueLimit(100_000, 64 << 20, Overflow.DROP_HEAD),
            TransactionLimits.DEFAULT,
            HeldLimit.DEFAULT,
            TimeUnit.DAYS.toMillis(3650));

    public RouterLimits {
        atLeastOne("queues", queues);
        atLeastOne("exchanges", exchanges);
        atLeastOne("bindings", bindings);
        atLeastOne("held per publisher", heldPerPublisher);
        if (maxDelayMs < 0) {
            throw new IllegalArgumentException("max delay " + maxDelayMs + " ms must be >= 0");
        }
    }

    /** The same with another bound for delays. */
    public RouterLimits maxDelayMs(long value) {
        return new RouterLimits(
                queues, exchanges, bindings, heldPerPublisher, temporaryQueue, transactions, held, value);
    }

    /** The same with other limits of transactions. */
    public RouterLimits with(TransactionLimits limits) {
        return new RouterLimits(
                queues, exchanges, bindings, heldPerPublisher, temporaryQueue, limits, held, maxDelayMs);
    }

    /** The same with another bound for what is kept after a restart. */
    public RouterLimits with(HeldLimit limit) {
        return new RouterLimits(
                queues, exchanges, bindings, heldPerPublisher, temporaryQueue, transactions, limit, maxDelayMs);
    }

    private static void atLeastOne(String what, int value) {
        if (value < 1) {
            throw new IllegalArgumentException("limit of " + what + " " + value + " must be at least 1");
        }
    }
}
