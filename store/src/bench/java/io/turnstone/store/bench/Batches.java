package io.turnstone.store.bench;

import java.io.IOException;

/**
 * What the subjects have in common that commit on the calling thread: a turn commits all that was asked for since the
 * last one as one batch. Owned by one thread.
 */
final class Batches {

    /** Makes a batch durable. */
    interface Commit {
        void commit() throws IOException;
    }

    private long next;
    private int enqueued;
    private int removed;

    /** Keys count up from here. */
    Batches(long next) {
        this.next = next;
    }

    /** The key of the message that is being added to the batch. */
    long enqueued() {
        return next + enqueued++;
    }

    void removed() {
        removed++;
    }

    void commit(Commit commit, Subject.Answers answers) throws IOException {
        if (enqueued + removed == 0) {
            return;
        }
        commit.commit();
        for (; enqueued > 0; enqueued--) {
            answers.durable(next++);
        }
        answers.removed(removed);
        removed = 0;
    }
}
