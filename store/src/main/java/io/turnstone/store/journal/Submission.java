package io.turnstone.store.journal;

import io.turnstone.api.Loop;
import io.turnstone.api.store.MessageStore;
import io.turnstone.api.store.StoreException;
import io.turnstone.api.store.StoreRecord;
import io.turnstone.store.spool.SpoolReference;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;

/** One record on its way: handed from a loop to the writer, which alone touches the fields that are not final. */
public final class Submission {

    final StoreRecord record;
    final Loop from;
    final MessageStore.@Nullable Committed committed;

    /** What of the record is written: less than all of it when queues were dropped before it, null for nothing. */
    @Nullable
    StoreRecord logged;

    /** Where the record stands in the log once it was written; of a commit, the first of its positions. */
    long position = MessageStore.UNWRITTEN;

    /** Why it was not kept. */
    @Nullable
    StoreException failure;

    /** Bytes in the journal, header and padding included. */
    int size;

    /** The link of {@link SubmissionQueue}. */
    volatile @Nullable Submission next;

    private static final AtomicReferenceFieldUpdater<Submission, @Nullable Submission> NEXT =
            AtomicReferenceFieldUpdater.newUpdater(Submission.class, Submission.class, "next");

    public Submission(StoreRecord record, Loop from, MessageStore.@Nullable Committed committed) {
        this.record = record;
        logged = record;
        this.from = from;
        this.committed = committed;
    }

    /** Forgets the link. Nobody waits to see that, so it needs no full fence. */
    void unlink() {
        NEXT.lazySet(this, null);
    }

    /** Whether the record goes to the journal rather than only through it. */
    boolean written() {
        if (record instanceof StoreRecord.Enqueue enqueue) {
            return logged != null && enqueue.written();
        } else if (record instanceof StoreRecord.Commit commit) {
            return logged != null && !commit.changes().isEmpty();
        }
        return logged != null;
    }

    /** Whether it is to be written and nothing speaks against it so far. */
    boolean pending() {
        return failure == null && written();
    }

    /** About how much there is to write. */
    long roughBytes() {
        if (record instanceof StoreRecord.Enqueue enqueue && enqueue.written()) {
            return SpoolReference.size(enqueue.body());
        }
        return record instanceof StoreRecord.Pending pending ? SpoolReference.size(pending.body()) : 0;
    }

    /** Whether the record brings a message in, which a full disk refuses. */
    boolean publish() {
        return record instanceof StoreRecord.Enqueue || record instanceof StoreRecord.Pending;
    }
}
