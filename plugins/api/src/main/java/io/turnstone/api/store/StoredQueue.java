package io.turnstone.api.store;

import io.turnstone.api.Durability;
import io.turnstone.api.Loop;
import org.jspecify.annotations.Nullable;

/**
 * A durable queue as the store sees it: a number, a home, and the place where committed records are applied.
 *
 * <p><b>Threads:</b> {@link #id}, {@link #levels}, {@link #durability} and {@link #home} any; {@link #apply} on the home loop.
 */
public interface StoredQueue {

    /** The queue's number, unique among all queues this store ever had, from 1. */
    int id();

    /** The number of priority levels, 1 to 255; never changes. */
    int levels();

    /** What must have happened before a record that names this queue is committed, or null for what the store promises. */
    default @Nullable Durability durability() {
        return null;
    }

    /** The loop that owns the queue. */
    Loop home();

    /**
     * Takes notice of a committed record that names this queue. Called once per record, in log order.
     *
     * @param position the record's place in the log (of a {@link StoreRecord.Commit}, the first), from 1, growing; {@link MessageStore#UNWRITTEN} for a record that
     *     was passed through in order but not written
     */
    void apply(StoreRecord record, long position);
}
