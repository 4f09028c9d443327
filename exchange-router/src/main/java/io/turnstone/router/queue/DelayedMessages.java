package io.turnstone.router.queue;

import org.jspecify.annotations.Nullable;

/**
 * The entries of a queue that wait for their time on the heap; they block nobody. They leave by their time, those of the
 * same moment in log order. Owned by the home loop.
 */
final class DelayedMessages {

    private final RankHeap<Delay> delays = new RankHeap<>();
    private long lastOrder;

    /**
     * Holds an entry back until a moment.
     *
     * @param resting whether it may not even expire before
     */
    void add(Entry entry, long untilMs, boolean resting) {
        var delay = new Delay(entry, untilMs, order(entry), resting);
        entry.delay = delay;
        delays.update(delay);
    }

    private long order(Entry entry) {
        long order = entry.stored() ? order(entry.position) : lastOrder + 1;
        passed(order);
        return order;
    }

    /** What comes now comes behind this order. */
    void passed(long order) {
        lastOrder = Math.max(lastOrder, order);
    }

    /** The order of an entry by its position; what is not stored comes in between. */
    static long order(long position) {
        return position << Short.SIZE;
    }

    /** Lets go of an entry before its time; does nothing when it does not wait. */
    void remove(Entry entry) {
        Delay delay = entry.delay;
        if (delay != null) {
            entry.delay = null;
            delays.remove(delay);
        }
    }

    /** Takes out an entry whose time has come, if it comes before this one. */
    @Nullable
    Entry due(long nowMs, long beforeMs, long beforeOrder) {
        Delay first = delays.first();
        if (first == null || first.rank() > nowMs || behind(first, beforeMs, beforeOrder)) {
            return null;
        }
        remove(first.entry);
        return first.entry;
    }

    /** Takes out the next entry, whenever its time is. */
    @Nullable
    Entry any() {
        return due(Long.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE);
    }

    /** When the next entry is due that comes before this one; {@link Run#NEVER} when there is none. */
    long nextAtMs(long beforeMs, long beforeOrder) {
        Delay first = delays.first();
        return first == null || behind(first, beforeMs, beforeOrder) ? Run.NEVER : first.rank();
    }

    private static boolean behind(Delay delay, long ms, long order) {
        return delay.rank() > ms || (delay.rank() == ms && delay.tie() > order);
    }

    void clear() {
        delays.clear();
    }
}
