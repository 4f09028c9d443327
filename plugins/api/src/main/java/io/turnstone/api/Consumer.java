package io.turnstone.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A way out: takes messages from one queue for one outgoing link.
 *
 * <p>Everything asked here travels in order to the queue's home loop and everything delivered comes back in order, so
 * a drain or a close is never overtaken. No delivery reaches the listener after {@link #close} returned.
 *
 * <p><b>Threads:</b> owned by the loop that opened it; the listener is called on that loop.
 */
public interface Consumer {

    /** The queue it takes from; for an exchange or dynamic source the queue that was made. */
    String queue();

    /**
     * Whether what it holds stays its own over restarts, as it {@linkplain ConsumerRequest#claim claimed}: not where the
     * queue is not durable, and not the messages that are not.
     */
    default boolean claims() {
        return false;
    }

    /**
     * What the last consumer with the same claim held when the broker ended, in the order it was published, as deliveries of
     * this one, which are to be settled; they do not count as deliveries made. To be asked once, when it is open.
     */
    default List<Delivery> claimed() {
        return List.of();
    }

    /**
     * Allows deliveries up to a total.
     *
     * @param limit the number of deliveries, counted from the opening of this consumer, that may have been made in
     *     total; absolute, so deliveries on the way are counted once; a lower value than before takes credit back
     * @param drain deliver what is there now, then tell {@link Listener#drained} and forget the rest of the credit; each
     *     drain is answered once, an earlier one as soon as this call takes its place
     */
    void flow(long limit, boolean drain);

    /** Says that bytes of earlier deliveries have left through the socket: the queue may hand over as many again. */
    void written(long bytes);

    /**
     * Ends one delivery. Does nothing for browsed or already settled deliveries.
     *
     * @param confirm whether to tell {@link Listener#settled} when the outcome is as durable as the message was
     */
    void settle(Delivery delivery, Outcome outcome, boolean confirm);

    /**
     * Ends one delivery if and when a transaction, begun on this loop, is committed. Until then nobody else gets the
     * message, whether this consumer stays open or not. May be said again in the same transaction, which replaces what was
     * said before.
     *
     * @param otherwise the outcome if it is rolled back; null when the consumer holds the delivery as before then, and is
     *     told {@link Listener#settled} after a commit
     */
    void settle(Delivery delivery, Outcome outcome, Transaction within, @Nullable Outcome otherwise);

    /**
     * Stops the deliveries, but keeps for a link that may come back what reached this consumer and is not settled: nobody
     * else gets that. The consumer keeps its place in the queue, also where it is exclusive or the one active. From now on
     * only {@link #settle} and {@link #close} may be called, or {@link Router#resumeConsumer}; the listener hears of
     * {@link Listener#settled} and {@link Listener#closed}. What is on its way returns to the queue, unseen.
     */
    void suspend();

    /**
     * Ends the consumer; unsettled deliveries go back to their place in the queue.
     *
     * @param lost the other end went without a word: its oldest unsettled delivery is charged a failed attempt
     */
    void close(boolean lost);

    /**
     * Ends the consumer like {@link #close} with everything in order, and with it the {@link Subscription} that it takes
     * from: at once when that was its own, else as soon as nobody else shares it. On a queue it is the same as a close.
     */
    default void unsubscribe() {
        close(false);
    }

    /** The receiving end, on the consumer's loop. */
    interface Listener {
        /** One message; to be settled exactly once unless the consumer was opened settled or as a browser. */
        void deliver(Delivery delivery);

        /** All there was has been delivered and the remaining credit is gone (answer to a drain). */
        void drained();

        /**
         * Whether it is the one consumer of its queue that gets messages. Told when it opens and whenever that changes,
         * for queues of which only one does.
         */
        default void active(boolean now) {}

        /** The outcome of a delivery is durable. */
        void settled(Delivery delivery, Outcome outcome);

        /** The broker ended the consumer, for instance because its queue was deleted; it is closed already. */
        void closed(Refusal reason);
    }
}
