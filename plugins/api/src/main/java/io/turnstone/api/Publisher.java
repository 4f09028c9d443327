package io.turnstone.api;

import org.jspecify.annotations.Nullable;

/**
 * A way in: what one incoming link publishes goes through here, in order.
 *
 * <p><b>Order:</b> messages of one publisher enter each queue, and each priority level of it, in the order of the
 * {@link #publish} calls. Outcomes may come in another order.
 *
 * <p><b>Threads:</b> owned by the loop that opened it; listeners are called on that loop.
 */
public interface Publisher {

    /** The address it was opened for; for {@link Address.Dynamic} the queue that was made. */
    Address address();

    /**
     * Routes one message and stores it.
     *
     * @param message the message; not changed and not copied. Of a class that its {@link Message#format} does not know,
     *     only the bytes count
     * @param listener told once how it ended, perhaps before this method returns; null if the publisher does not
     *     care (a pre-settled transfer): then a message that is refused or unroutable is counted and dropped
     */
    void publish(Message message, @Nullable PublishListener listener);

    /** The same on an {@link Address.Anonymous} publisher: the address comes with each message. */
    void publish(Address to, Message message, @Nullable PublishListener listener);

    /**
     * The same within a transaction, begun on this loop: the message enters its queues when that is committed. Accepted
     * means that it will then. A refusal, also when nobody is told, fails the transaction.
     */
    void publish(Address to, Message message, Transaction within, @Nullable PublishListener listener);

    /** Whether the publisher may send; false while a queue with overflow {@code block} is full or memory runs out. */
    boolean open();

    /** Ends it. What was published goes on; outcomes still to come are not told. */
    void close();

    /** Told how one published message ended. */
    @FunctionalInterface
    interface PublishListener {
        /** Called once, on the publisher's loop. */
        void published(PublishOutcome outcome);
    }

    /** Told what concerns the publisher as a whole, on its loop. */
    interface Listener {
        /** {@link Publisher#open} changed: stop or resume giving credit. */
        void flow(boolean open);

        /** The broker ended the publisher (its queue or exchange was deleted); it is closed already. */
        void closed(Refusal reason);
    }
}
