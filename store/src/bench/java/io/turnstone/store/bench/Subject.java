package io.turnstone.store.bench;

import java.io.Closeable;
import java.io.IOException;

/**
 * A store under measurement, as its one user sees it: messages go in, are removed by key and are read in order.
 *
 * <p>Everything asked for is answered in the order it was asked, during a later {@link #turn}. Owned by one thread.
 */
interface Subject extends Closeable {

    /** Asks for one message to be made durable. The array is not written to afterwards, by anyone. */
    void enqueue(byte[] body) throws IOException;

    /** Asks for a durable message to be removed for good. */
    void remove(long key) throws IOException;

    /**
     * Asks for the next messages of those that were there when the store was opened, oldest first; about a thousand.
     * Does nothing while enough are on their way, or when none is left.
     */
    void more() throws IOException;

    /** Lets the store work and tells what came of it; waits a millisecond at most when there is nothing to tell. */
    void turn(Answers answers) throws IOException;

    /** Whether it asks its publishers to pause. */
    default boolean congested() {
        return false;
    }

    /** Memory it holds outside of the heap, in bytes. */
    default long nativeBytes() {
        return 0;
    }

    /** What it has to say of its work since it was last asked; empty if nothing. */
    default String detail() {
        return "";
    }

    /** Takes notes during {@link #turn}; asks the subject for nothing. */
    interface Answers {

        /** The next message is durable; {@code key} is its name from now on. */
        void durable(long key);

        /** So many more removals are durable. */
        void removed(int count);

        /** The next message in order; the slice may be looked at during the call only. */
        void message(long key, byte[] array, int offset);
    }
}
