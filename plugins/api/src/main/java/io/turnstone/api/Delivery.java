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
}
