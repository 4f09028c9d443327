package io.turnstone.api.store;

import io.turnstone.api.Loop;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Makes the broker's decisions survive a crash, in one order.
 *
 * <p>A {@link StoreRecord} is one decision: a publish to any number of queues, removals, a move to a dead-letter
 * queue, a definition. It survives as a whole or not at all. The store knows queues by number and messages by bytes;
 * it does not route, expire or count attempts.
 *
 * <p><b>Order:</b> records are committed in the order of their submission (of one loop: as submitted; of several:
 * some order, the same for all). Each committed group is handed once to every loop it concerns, in log order: homes
 * {@linkplain StoredQueue#apply apply} their records, then the loops that submitted hear {@link Committed}. A loop
 * that is both gets one task in which, record by record, apply comes before committed. Homes are notified before
 * other submitters: who hears {@code committed} and then sends something to a home finds the record applied there.
 *
 * <p><b>Threads:</b> {@link #submit} may be called from any loop and never blocks. {@link #recover} and {@link #close}
 * are called once, by the thread that starts and stops the broker.
 *
 * <p><b>Errors:</b> after a failed write the store is <em>closed for writing</em>: the records of that group and all
 * later ones are answered with a {@link StoreException} and not applied. Nothing is retried silently. A full disk is
 * the exception: those records fail, later ones are tried again.
 */
public interface MessageStore extends AutoCloseable {

    /** Most messages of one {@link #read}. */
    int MAX_READ = 1024;

    /** The position of records that were passed through but not written. */
    long UNWRITTEN = 0;

    /**
     * Tells what was kept: definitions first, then the messages of each queue, without their bytes. Before any submit
     * or read.
     */
    void recover(Recovery recovery);

    /**
     * Asks for one decision to be made durable, as the queues it names or the store {@linkplain
     * io.turnstone.api.Durability promise}; the strongest of these promises is kept. What a loop submits in one turn
     * may wait for the end of that turn, so that it is one group.
     *
     * @param record what was decided
     * @param from the calling loop, which also hears the answer
     * @param committed told once, on {@code from}; null if nobody waits
     */
    void submit(StoreRecord record, Loop from, @Nullable Committed committed);

    /**
     * Reads messages back that live in a queue and were committed, off the loop. What was removed meanwhile, or is
     * damaged (which the store reports), is missing from the answer.
     *
     * @param positions ascending, at most {@link #MAX_READ}
     * @param loop the queue's home, which hears the answer
     */
    void read(StoredQueue queue, long[] positions, Loop loop, Loaded loaded);

    /** Whether it can {@link #read}; else queues keep what they hold in memory. */
    boolean reads();

    /** Largest body in bytes that a record may carry; one in a file may be longer. */
    int maxBodyBytes();

    /** Where bodies go that are too large for the heap; empty when this store keeps none. The same for its whole life. */
    default Optional<Spool> spool() {
        return Optional.empty();
    }

    /** Whether publishers should pause because the journal is far ahead of the checkpoint. Any thread, cheap. */
    boolean congested();

    /** Figures for operators; any thread. */
    StoreStatus status();

    /** Commits what was submitted, absorbs the journal, seals the store and releases its folder. */
    @Override
    void close();

    /** Told when a record is safe or lost. */
    @FunctionalInterface
    interface Committed {
        /** Called once, on the loop that submitted; {@code failure} is null when the record is as safe as promised. */
        void committed(long position, @Nullable StoreException failure);
    }

    /** Told what was read. */
    @FunctionalInterface
    interface Loaded {
        /** Called once, on the loop that asked; in ascending order; null instead when nothing could be read at all. */
        void loaded(@Nullable List<StoredMessage> messages, @Nullable StoreException failure);
    }

    /** Receives what a store kept. */
    interface Recovery {
        /** One definition; kinds in no particular order. */
        void definition(String kind, String name, byte[] value);

        /**
         * Of a queue's keys some are forgotten, before any that is left. One that came before this moment or not behind this
         * position may have repeated one of them, so that its message did not enter.
         *
         * @param untilMs in milliseconds since the epoch
         */
        default void keysForgotten(int queueId, long untilMs, long position) {}

        /**
         * The key of a message that came to a queue, whether it entered and lives or not. Those of a queue in log order, before any run;
         * some may be told whose time has ended.
         */
        default void key(long position, MessageKey key) {}

        /**
         * Messages that live in one level of a queue, or in {@link Marks#DELAYED_LEVEL}. Runs of a level come in order and do not overlap; bytes are to be
         * had with {@link #read}.
         */
        void run(int queueId, int level, StoredRun run);

        /** All was read; {@code clean} if the last run closed the store in order. */
        void done(boolean clean);
    }
}
