package io.turnstone.api.store;

import io.turnstone.api.Loop;

/**
 * A durable queue as the store sees it: a number, a home, and the place where committed records are applied.
 *
 * <p><b>Threads:</b> {@link #id}, {@link #levels} and {@link #home} any; {@link #apply} on the home loop.
 */
public interface StoredQueue {

    /** The queue's number, unique among all queues this store ever had, from 1. */
    int id();

    /** The number of priority levels, 1 to 255; never changes. */
    int levels();

    /** The loop that owns the queue. */
    Loop home();

    /**
     * Takes notice of a committed record that names this queue. Called once per record, in log order.
     *
     * @param position the record's place in the log, from 1, growing; {@link MessageStore#UNWRITTEN} for a record that
     *     was passed through in order but not written
     */
    void apply(StoreRecord record, long position);
}
