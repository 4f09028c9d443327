package io.turnstone.api;

/**
 * One message on its way to one consumer, until it is settled. Fields are stable while the delivery is unsettled.
 *
 * <p><b>Threads:</b> read on the consumer's loop.
 */
public interface Delivery {

    /** The message. */
    Message message();

    /** What the broker knows about it in this queue. */
    Overlay overlay();

    /** Whether no consumer can have seen it before; false after a redelivery and after an unclean restart. */
    boolean firstAcquirer();

    /**
     * What the store knows the message by in its queue, over restarts too: positive, and no other message of the queue ever
     * has it; 0 when the store does not have the message.
     */
    default long position() {
        return 0;
    }
}
