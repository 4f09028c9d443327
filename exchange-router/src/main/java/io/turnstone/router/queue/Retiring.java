package io.turnstone.router.queue;

import io.turnstone.api.Transaction;
import org.jspecify.annotations.Nullable;

/** A transaction as consumers see it: what settles the entries of each queue. Owned by its loop. */
public interface Retiring extends Transaction {

    /**
     * What it does in a queue.
     *
     * @return null when it has ended, or its work is too much: then the settlement is undone
     */
    @Nullable
    Retirements in(MessageQueue queue);
}
