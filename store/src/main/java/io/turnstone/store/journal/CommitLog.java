package io.turnstone.store.journal;

import io.turnstone.api.store.StoreException;
import java.util.List;

/**
 * What makes a group of records durable: the journal, nothing at all, or later a replicated log. Owned by the writer's
 * thread.
 */
public interface CommitLog {

    /**
     * Makes the written ones of a group durable in their order and sets the position or the failure of each. Returns
     * when that is decided; does not throw.
     *
     * @return how many records were written
     */
    int append(List<Submission> group);

    /** There has been nothing to write for a while: gives up room that only what comes next would need. Does not throw. */
    default void rest() {}

    /** Closes the log for writing after something that nobody foresaw; with what everything is answered from now on. */
    StoreException broken(Throwable cause);
}
