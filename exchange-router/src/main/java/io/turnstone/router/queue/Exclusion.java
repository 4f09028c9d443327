package io.turnstone.router.queue;

import org.jspecify.annotations.Nullable;

/**
 * Which messages of one {@link Run} are undeliverable to one consumer; a list of those of a run. It outlives the entries
 * on the heap, and is forgotten with its run. Owned by the queue's home loop.
 */
final class Exclusion {

    /** A consumer, without what hangs on it, for it may be gone long before the message. */
    static final class Consumer {
        private boolean gone;

        /** It will not ask any more. */
        void leaves() {
            gone = true;
        }
    }

    private final Consumer consumer;
    private long slots;
    private @Nullable Exclusion next;

    private Exclusion(Consumer consumer, @Nullable Exclusion next) {
        this.consumer = consumer;
        this.next = next;
    }

    /** The list with one more message; without the consumers that are gone, so it has at most one for each that is there. */
    static Exclusion add(@Nullable Exclusion list, Consumer consumer, int slot) {
        Exclusion present = null;
        Exclusion kept = null;
        for (Exclusion each = list; each != null; ) {
            Exclusion following = each.next;
            if (!each.consumer.gone) {
                each.next = kept;
                kept = each;
                present = each.consumer == consumer ? each : present;
            }
            each = following;
        }
        if (present == null) {
            present = new Exclusion(consumer, kept);
            kept = present;
        }
        present.slots |= 1L << slot;
        return kept == null ? present : kept;
    }

    /** Whether the message in a slot is undeliverable to a consumer. */
    static boolean holds(@Nullable Exclusion list, Consumer consumer, int slot) {
        for (Exclusion each = list; each != null; each = each.next) {
            if (each.consumer == consumer) {
                return (each.slots >>> slot & 1) != 0;
            }
        }
        return false;
    }
}
