package io.turnstone.api;

import org.jspecify.annotations.Nullable;

/**
 * Publishes and settlements that happen together or not at all, over any number of queues: a local transaction.
 *
 * <p>What is published in it enters no queue before it is committed, and its room in queues with a limit is reserved
 * until it ends. What is settled in it is in no queue's line meanwhile. All of it is one {@link
 * io.turnstone.api.store.StoreRecord.Commit}, so no crash leaves a part of it.
 *
 * <p>A message that is refused fails the transaction: it can only be rolled back then. One that no queue wants does not.
 *
 * <p><b>Threads:</b> owned by the loop that began it; listeners are called on that loop.
 *
 * <p><b>Limits:</b> on the work in one transaction, on its age and on how many are open; the router's configuration says
 * which. Too much work fails it, too much age rolls it back.
 */
public interface Transaction {

    /**
     * Ends it, when it is known of all its messages whether they can enter, and that is durable. Nothing may be done in
     * it from now on.
     *
     * @param listener told once, perhaps before this method returns
     */
    void commit(CommitListener listener);

    /**
     * Ends it without effect: its messages are forgotten, its settlements undone as each said. Does nothing when it has
     * ended, or is on its way into the store. A commit that waits is refused.
     */
    void rollback();

    /**
     * Keeps a small fact in the store from the commit on, as {@link Router#keep} does: what a front end has to know again
     * after a restart, if and only if the messages are there.
     */
    void keep(String name, byte[] value);

    /** Lets it only be rolled back from now on; the first reason counts. */
    void fail(Refusal why);

    /** Told how a commit ended. */
    @FunctionalInterface
    interface CommitListener {
        /** Called once, on the transaction's loop; {@code failure} is null when all of it is so, else nothing is. */
        void committed(@Nullable Refusal failure);
    }

    /** Told what the broker does to it on its own account, on its loop. */
    @FunctionalInterface
    interface Listener {
        /** The broker has rolled it back, because it took too long; a commit that waits was refused. */
        void rolledBack(Refusal why);
    }
}
