package io.turnstone.router.queue;

import io.turnstone.api.Message;
import org.jspecify.annotations.Nullable;

/**
 * Finds what expires without looking at what does not: a heap of {@link Run}s by the earliest expiry in them. A message
 * without expiry costs nothing, one with a queue's ttl a sixty-fourth of a heap operation. Owned by the queue's home loop.
 */
final class ExpiryHeap {

    private static final Entry[] NOTHING = {};

    private final RankHeap<Run> runs = new RankHeap<>();
    private @Nullable Entry[] found = NOTHING;

    /** Whether runs that are due wait until others are read. */
    private boolean reading;

    /** Takes notice of an entry that waits (again). */
    void watch(Entry entry) {
        Run run = entry.run;
        if (entry.expires() && entry.overlay().expiresAtMs() < run.expiresAtMs) {
            run.expiresAtMs = entry.overlay().expiresAtMs();
            runs.update(run);
        }
    }

    /** Takes notice of a run that is paged out. */
    void watch(Run run, long expiresAtMs) {
        if (expiresAtMs != Message.NONE && expiresAtMs != Run.NEVER) {
            run.expiresAtMs = Math.min(run.expiresAtMs, expiresAtMs);
            runs.update(run);
        }
    }

    /** A run has nothing left that waits. */
    void forget(Run run) {
        runs.remove(run);
        run.expiresAtMs = Run.NEVER;
    }

    /** When to look again: no waiting entry expires before. {@link Run#NEVER} if none ever does, or when a read is awaited. */
    long nextAtMs() {
        Run first = runs.first();
        return first == null || reading ? Run.NEVER : first.expiresAtMs;
    }

    void clear() {
        runs.clear();
    }

    /**
     * Tells of entries whose time has ended, and has runs read in which there may be some.
     *
     * @param atLeast stops after so many, plus the rest of the run it is in
     */
    void expire(long nowMs, int atLeast, Entries entries) {
        int told = 0;
        reading = false;
        for (Run run = runs.first(); run != null && run.expiresAtMs <= nowMs && told < atLeast; run = runs.first()) {
            if (run.page != null) {
                if (!entries.read(run)) {
                    reading = true;
                    return;
                }
                runs.remove(run); // watched again when it is read
                continue;
            }
            int count = collect(run, nowMs);
            for (int i = 0; i < count; i++) {
                Entry entry = found[i];
                found[i] = null;
                if (entry != null) {
                    entries.expired(entry);
                }
            }
            told += count;
        }
    }

    /** Sets the run's next expiry first: what is told may end the run. */
    private int collect(Run run, long nowMs) {
        int count = 0;
        long next = Run.NEVER;
        if (found.length == 0) {
            found = new Entry[Run.SIZE];
        }
        for (int i = 0; i < run.used; i++) {
            Entry entry = run.entries[i];
            if (entry == null || !entry.expires() || !entry.mayExpire()) {
                continue;
            }
            if (entry.expired(nowMs)) {
                found[count++] = entry;
            } else {
                next = Math.min(next, entry.overlay().expiresAtMs());
            }
        }
        run.expiresAtMs = next;
        if (next == Run.NEVER) {
            runs.remove(run);
        } else {
            runs.update(run);
        }
        return count;
    }
}
