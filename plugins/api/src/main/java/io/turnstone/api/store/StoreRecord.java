package io.turnstone.api.store;

import io.turnstone.api.Body;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One decision of the broker that survives as a whole or not at all. Immutable; arrays are not written to after
 * construction.
 *
 * <p>A message in a queue is known by the queue's number and the position of the record that put it there.
 */
public sealed interface StoreRecord {

    /** The queues that apply this record when it is committed, each once. */
    List<? extends StoredQueue> queues();

    /**
     * A publish to any number of queues: the body once.
     *
     * @param queues the durable queues it enters; none for a record that is not written and only keeps its place
     * @param format the id of the body's {@link io.turnstone.api.MessageFormat}
     * @param body the encoded message
     * @param overlay the encoded {@link io.turnstone.api.Overlay}, opaque to the store
     * @param marks what is remembered of the message beside its bytes
     * @param written false for a message that need not survive: it keeps its place between its neighbours on the way
     *     to the queues, and costs no disk
     * @param payload handed through untouched to {@link StoredQueue#apply}, so that nothing is decoded twice
     */
    record Enqueue(
            List<? extends StoredQueue> queues,
            String format,
            Body body,
            byte[] overlay,
            Marks marks,
            boolean written,
            Object payload)
            implements StoreRecord {}

    /**
     * Messages that left a queue for good.
     *
     * @param positions their positions, ascending
     */
    record Remove(StoredQueue queue, long[] positions, Object payload) implements StoreRecord, Change {
        @Override
        public List<StoredQueue> queues() {
            return List.of(queue);
        }
    }

    /**
     * A new overlay for a message that stays where it is (a failed attempt, a later delivery time).
     *
     * @param position the message
     */
    record Amend(StoredQueue queue, long position, byte[] overlay, Object payload) implements StoreRecord, Change {
        @Override
        public List<StoredQueue> queues() {
            return List.of(queue);
        }
    }

    /**
     * A message that leaves one queue and enters others in the same instant, body not copied (dead-lettering). In the
     * target queues it is known by the position of this record. Behind a {@link Drop} of its source it fails and is applied
     * nowhere: the message went with its queue.
     *
     * @param source the queue it leaves
     * @param position its position there
     * @param targets the queues it enters; never the source; not empty
     * @param marks what is remembered of the message in its targets
     */
    record Move(
            StoredQueue source,
            long position,
            List<? extends StoredQueue> targets,
            byte[] overlay,
            Marks marks,
            Object payload)
            implements StoreRecord, Change {
        @Override
        public List<StoredQueue> queues() {
            var all = new java.util.ArrayList<StoredQueue>(targets.size() + 1);
            all.add(source);
            all.addAll(targets);
            return all;
        }
    }

    /**
     * A piece of topology, or of what front ends keep: made, changed, or (with a null value) forgotten.
     *
     * @param kind what it is, such as {@code queue}
     * @param name its name among its kind
     * @param value its encoding, opaque to the store
     */
    record Define(String kind, String name, byte @Nullable [] value) implements StoreRecord, Change {
        @Override
        public List<StoredQueue> queues() {
            return List.of();
        }
    }

    /** A queue that is gone with all its messages; its number is never used again. */
    record Drop(StoredQueue queue) implements StoreRecord {
        @Override
        public List<StoredQueue> queues() {
            return List.of(queue);
        }
    }

    /**
     * A message of a transaction that is open: in no queue, until a {@link Commit} names it by the position of this record.
     * It need not survive a crash before that, and recovery forgets it then.
     *
     * @param format the id of the body's {@link io.turnstone.api.MessageFormat}
     * @param overlay that it has in its queues
     */
    record Pending(String format, Body body, byte[] overlay) implements StoreRecord {
        @Override
        public List<StoredQueue> queues() {
            return List.of();
        }
    }

    /**
     * Messages of a transaction that was rolled back.
     *
     * @param positions of their {@link Pending} records, ascending
     */
    record Abandon(long[] positions) implements StoreRecord {
        @Override
        public List<StoredQueue> queues() {
            return List.of();
        }
    }

    /**
     * All that a transaction does, in one instant. It is told its first position; the changes that enter or amend something
     * have one position each, in their order, beginning with that.
     *
     * @param queues all that apply it, each once: those that its changes name, and others that hold nothing in the store
     * @param changes those that are written; none for a record that only keeps its place
     */
    record Commit(List<? extends StoredQueue> queues, List<? extends Change> changes, Object payload)
            implements StoreRecord {

        /** How many positions it takes. */
        public int span() {
            int span = 0;
            for (int i = 0; i < changes.size(); i++) {
                span += changes.get(i).positioned() ? 1 : 0;
            }
            return Math.max(1, span);
        }
    }

    /** One of the changes that are committed together. */
    sealed interface Change {

        /** Whether it has a position of its own: every change but a removal. */
        default boolean positioned() {
            return !(this instanceof Remove);
        }
    }

    /**
     * A {@link Pending} message enters queues, in which it is known by the position of this change.
     *
     * @param pending the position of its record
     * @param queues not empty
     * @param marks what is remembered of it there
     */
    record Enter(long pending, List<? extends StoredQueue> queues, Marks marks) implements Change {}
}
