package io.turnstone.router.queue;

import org.jspecify.annotations.Nullable;

/** The entries of a queue that wait for the time of their next attempt; they block nobody. Owned by the home loop. */
final class DelayedMessages {

    private final RankHeap<Delay> delays = new RankHeap<>();

    /**
     * Holds an entry back until a moment.
     *
     * @param resting whether it may not even expire before
     */
    void add(Entry entry, long untilMs, boolean resting) {
        var delay = new Delay(entry, untilMs, resting);
        entry.delay = delay;
        delays.update(delay);
    }

    /** Lets go of an entry before its time; does nothing when it does not wait. */
    void remove(Entry entry) {
        Delay delay = entry.delay;
        if (delay != null) {
            entry.delay = null;
            delays.remove(delay);
        }
    }

    /** Takes out an entry whose time has come. */
    @Nullable
    Entry due(long nowMs) {
        Delay first = delays.first();
        if (first == null || first.rank() > nowMs) {
            return null;
        }
        remove(first.entry);
        return first.entry;
    }

    /** Takes out any entry. */
    @Nullable
    Entry any() {
        return due(Long.MAX_VALUE);
    }

    /** When the next entry is due; {@link Run#NEVER} when none waits. */
    long nextAtMs() {
        Delay first = delays.first();
        return first == null ? Run.NEVER : first.rank();
    }

    void clear() {
        delays.clear();
    }
}
