package io.turnstone.router.queue;

import io.turnstone.api.QueueSpec;
import io.turnstone.api.store.StoredRun;
import org.jspecify.annotations.Nullable;

/** The entries of a queue in line: all of them keep their place until they are gone. Owned by the queue's home loop. */
sealed interface ReadyMessages permits FifoMessages, PriorityMessages {

    /** The line a queue needs. */
    static ReadyMessages of(QueueSpec spec, ExpiryHeap expiry, Paging paging) {
        return spec.priorities() == 1
                ? new FifoMessages(0, expiry, paging)
                : new PriorityMessages(spec.priorities(), expiry, paging);
    }

    /** Whether nothing is ready, on the heap or in the store. */
    boolean isEmpty();

    /** A new entry, at the end of its line, ready. */
    void add(Entry entry);

    /**
     * Puts a run that is paged out at the end of its line; before any entry is added.
     *
     * @param expiresAtMs none of it expires before; {@link io.turnstone.api.Message#NONE} if none ever does
     */
    void recover(int level, long[] positions, long bytes, long expiresAtMs);

    /**
     * The same for a run of messages that are not ready, but keep their place until they are {@linkplain #restore(Run, long)
     * restored} or {@linkplain #claim claimed}; it takes no more.
     */
    Run withhold(int level, StoredRun recovered);

    /** A run that was withheld has its entries, which somebody holds: those in the slots of {@code found}, the others are gone. */
    void claim(Run run, @Nullable Entry[] found);

    /** The ready entry that is to be delivered next; null also while it is being read. */
    @Nullable
    Entry first();

    /**
     * The ready entry that goes first when there are too many: the oldest of the lowest priority; null also while it is
     * being read.
     */
    @Nullable
    Entry least();

    /** An entry is not ready any more and keeps its place. */
    void take(Entry entry);

    /** An entry is ready again, at its old place. */
    void restore(Entry entry);

    /** An entry is gone. */
    void remove(Entry entry);

    /** A run that is paged out is not ready any more and keeps its place. */
    void take(Run run);

    /** What is left of a run that was taken is ready again. */
    void restore(Run run, long ready);

    /** A run that was taken is gone. */
    void remove(Run run);

    /** A run that was paged out has its entries again: those in the slots of {@code found}, the others are gone. */
    void pageIn(Run run, @Nullable Entry[] found);

    /** How many levels there are; each has a line of its own. */
    int levels();

    /** The line of a level, lowest priority first; null while nothing has stood in it. */
    @Nullable
    FifoMessages level(int index);

    /**
     * The next entry that waits behind what this cursor has passed, highest priority first; moves the cursor on. Null
     * at the end, and {@linkplain Cursor#before before} a run that has to be read first.
     *
     * @param leastLevel levels below are not looked at
     */
    @Nullable
    Entry next(Cursor cursor, int leastLevel);

    /** A cursor before the first entry. */
    Cursor cursor();

    /** When the oldest ready entry arrived, or {@link io.turnstone.api.Message#NONE} when there is none or it was not read. */
    long oldestAtMs();

    /** Forgets all entries. */
    void clear();

    /** How far somebody has come who looks at the entries one by one. */
    sealed interface Cursor permits FifoMessages.At, PriorityMessages.Ats {

        /** Whether it has come by the place of this entry. */
        boolean passed(Entry entry);

        /** Moves it back before this entry, if it has passed it. */
        void back(Entry entry);

        /** The same for the first of a run. */
        void back(Run run);

        /** Moves it back to where another is, in each level in which that has come less far. */
        void back(Cursor other);

        /** Another at the same place. */
        Cursor copy();

        /** The run that is paged out and that it stands before; null when it does not. */
        @Nullable
        Run before();
    }
}
