package io.turnstone.store.journal;

import io.turnstone.api.Body;
import io.turnstone.api.store.MessageStore;
import io.turnstone.api.store.StoreException;
import io.turnstone.api.store.StoreRecord;
import io.turnstone.store.files.StoreHealth;
import io.turnstone.store.spool.SpoolReference;
import io.turnstone.store.spool.SpooledFile;
import org.jspecify.annotations.Nullable;

/** Decides which records go to the journal, how much of them, and why others do not. Owned by the writer's thread. */
final class Admission {

    private final StoreHealth health;
    private final RecordEncoder encoder;
    private final DroppedQueues dropped = new DroppedQueues();

    Admission(StoreHealth health, RecordEncoder encoder) {
        this.health = health;
        this.encoder = encoder;
    }

    /** Whether a record is to be written; sizes it, and fails what cannot be written. In log order. */
    boolean admits(Submission submission) {
        var failure = health.failure();
        if (failure != null) {
            submission.failure = failure;
            return false;
        }
        if (!submission.pending()) {
            return false;
        }
        try {
            submission.logged = dropped.without(PendingQueue.logged(submission.record));
            submission.failure = refusal(submission);
        } catch (RuntimeException | OutOfMemoryError e) {
            submission.failure = new StoreException("a record could not be sized for the journal (" + e + ")", e);
        }
        return submission.pending();
    }

    /** The record becomes part of a chunk. */
    void taken(Submission submission) {
        if (submission.logged instanceof StoreRecord.Drop drop) {
            dropped.add(drop);
        }
    }

    private @Nullable StoreException refusal(Submission submission) {
        var record = submission.logged;
        if (record == null) {
            return submission.record instanceof StoreRecord.Move move
                    ? new StoreException("queue " + move.source().id()
                            + " was dropped with all its messages before this one moved elsewhere")
                    : null;
        }
        if (submission.record instanceof StoreRecord.Commit commit && dropped.losesMoved(commit)) {
            return new StoreException("a queue was dropped with all its messages before one of them moved elsewhere");
        }
        if (submission.publish() && health.full() != null) {
            return health.full();
        }
        if (record instanceof StoreRecord.Enqueue enqueue) {
            if (enqueue.body() instanceof Body.Spooled spooled && !(spooled.file() instanceof SpooledFile)) {
                return new StoreException("the body in " + spooled.file() + " is not one of this store");
            }
            if (SpoolReference.size(enqueue.body()) > StoreOptions.MAX_BODY) {
                return new StoreException("a body of " + enqueue.body().length()
                        + " bytes is too large for the journal: at most " + StoreOptions.MAX_BODY);
            }
        }
        String tooWide = encoder.refusal(record);
        if (tooWide != null) {
            return new StoreException(tooWide);
        }
        long size = encoder.size(record);
        if (size > Integer.MAX_VALUE / 2) {
            return new StoreException("a record of " + size + " bytes is too large for the journal: divide it");
        }
        submission.size = (int) size;
        return null;
    }

    /** A record is not written after all. */
    void fail(Submission submission, StoreException failure) {
        submission.position = MessageStore.UNWRITTEN;
        submission.failure = failure;
        if (submission.logged instanceof StoreRecord.Drop drop) {
            dropped.undo(drop);
        }
    }
}
