package io.turnstone.router.queue;

import io.turnstone.api.QueueSpec;
import org.jspecify.annotations.Nullable;

/** The entries of a queue in line: all of them keep their place until they are gone. Owned by the queue's home loop. */
sealed interface ReadyMessages permits FifoMessages, PriorityMessages {

    /** The line a queue needs. */
    static ReadyMessages of(QueueSpec spec, ExpiryHeap expiry) {
        return spec.priorities() == 1 ? new FifoMessages(expiry) : new PriorityMessages(spec.priorities(), expiry);
    }

    /** A new entry, at the end of its line, ready. */
    void add(Entry entry);

    /** The ready entry that is to be delivered next. */
    @Nullable
    Entry first();

    /** The ready entry that goes first when there are too many: the oldest of the lowest priority. */
    @Nullable
    Entry least();

    /** An entry is not ready any more and keeps its place. */
    void take(Entry entry);

    /** An entry is ready again, at its old place. */
    void restore(Entry entry);

    /** An entry is gone. */
    void remove(Entry entry);

    /** The next entry that waits behind what this cursor has passed, highest priority first; moves the cursor on. */
    @Nullable
    Entry next(Cursor cursor);

    /** A cursor before the first entry. */
    Cursor cursor();

    /** When the oldest ready entry arrived, or {@link io.turnstone.api.Message#NONE}. */
    long oldestAtMs();

    /** Forgets all entries. */
    void clear();

    /** How far a browser has come. */
    sealed interface Cursor permits FifoMessages.At, PriorityMessages.Ats {}
}
