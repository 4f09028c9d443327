package io.turnstone.store.journal;

import io.turnstone.api.Durability;
import io.turnstone.api.Loop;
import io.turnstone.api.store.Marks;
import io.turnstone.api.store.StoreRecord;
import io.turnstone.api.store.StoredQueue;
import java.util.List;

/**
 * The queue in which messages of open transactions wait, as far as the journal and MapDB are concerned: so they are read,
 * absorbed and forgotten like any others. Its number no other queue has. Immutable.
 */
public final class PendingQueue implements StoredQueue {

    /** Its number. */
    public static final int ID = 0;

    private static final PendingQueue QUEUE = new PendingQueue();
    private static final List<PendingQueue> TARGETS = List.of(QUEUE);

    private PendingQueue() {}

    /** What is written of a record. */
    static StoreRecord logged(StoreRecord record) {
        if (record instanceof StoreRecord.Pending pending) {
            return new StoreRecord.Enqueue(
                    TARGETS, pending.format(), pending.body(), pending.overlay(), Marks.lasting(0), true, pending);
        } else if (record instanceof StoreRecord.Abandon abandon) {
            return new StoreRecord.Remove(QUEUE, abandon.positions(), abandon);
        }
        return record;
    }

    @Override
    public int id() {
        return ID;
    }

    @Override
    public int levels() {
        return 1;
    }

    /** The commit that makes it count is forced after it. */
    @Override
    public Durability durability() {
        return Durability.NEVER;
    }

    @Override
    public Loop home() {
        throw new IllegalStateException("the queue of open transactions has no home");
    }

    @Override
    public void apply(StoreRecord record, long position) {
        throw new IllegalStateException("the queue of open transactions applies nothing");
    }
}
