package io.turnstone.router.queue;

import io.turnstone.api.MessageFilter;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a consumer that chooses has found, and how far it has looked: as far as the frontier of all {@link Choosers}, or,
 * while it lags behind, as far as its own cursor. Owned by the queue's home loop.
 */
final class Choice {

    /** So many messages it remembers that it wants and cannot have yet; beyond, it looks again. */
    private static final int MOST_FOUND = 256;

    private static final long HIGHEST_LEVEL = 255;

    /** Bits of a key below the level. */
    private static final int NUMBER_BITS = 48;

    final Seat seat;
    final MessageFilter.@Nullable Key key;

    /** Where it looks by itself; null while it is as far as everybody. */
    ReadyMessages.@Nullable Cursor cursor;

    /** Whether it counts among those for whom the frontier moves on. */
    boolean counted;

    /** Whether it could get something when that was looked at last. */
    boolean ready;

    /** Ready behind where it has looked, in the order in which it gets them; some may have gone meanwhile. */
    private final TreeMap<Long, Entry> found = new TreeMap<>();

    /** Of a consumer that has looked at nothing yet. */
    Choice(Seat seat, ReadyMessages.Cursor start) {
        this.seat = seat;
        key = seat.request.filter().key();
        cursor = start;
    }

    boolean lags() {
        return cursor != null;
    }

    boolean foundNothing() {
        return found.isEmpty();
    }

    /** Whether it had come by this entry when it returned. */
    boolean passed(Entry entry, ReadyMessages.Cursor frontier) {
        return (cursor == null ? frontier : cursor).passed(entry);
    }

    /** It wants this entry, which it has passed or is passing. */
    void find(Entry entry, ReadyMessages.Cursor frontier) {
        found.put(key(entry), entry);
        if (found.size() > MOST_FOUND) {
            lookAgain(frontier);
        }
    }

    private static long key(Entry entry) {
        return ((HIGHEST_LEVEL - entry.run.level) << NUMBER_BITS) | entry.number();
    }

    /** Forgets what it found and looks for it again. */
    private void lookAgain(ReadyMessages.Cursor frontier) {
        cursor = firstOwed(frontier);
        found.clear();
    }

    /** A place before everything that it might still get. */
    ReadyMessages.Cursor firstOwed(ReadyMessages.Cursor frontier) {
        ReadyMessages.Cursor own = cursor == null ? frontier.copy() : cursor;
        for (Map.Entry<Long, Entry> each : found.entrySet()) {
            Entry entry = each.getValue();
            if (stands(each.getKey(), entry)) {
                own.back(entry);
            }
        }
        return own;
    }

    /** It is to look again from a place on that it may have passed: what it found behind that it will find again. */
    void back(ReadyMessages.@Nullable Cursor from, ReadyMessages.Cursor frontier) {
        ReadyMessages.Cursor own = cursor;
        if (own != null && from != null) {
            own.back(from);
        }
        found.values().removeIf(entry -> !passed(entry, frontier));
    }

    private static boolean stands(long key, Entry entry) {
        return !entry.run.unlinked && key(entry) == key;
    }

    /** The first of what it found that it may still have; null when there is none, or it has to look again. */
    @Nullable
    Entry first(Choosers choosers, ReadyMessages.Cursor frontier) {
        while (!found.isEmpty()) {
            Map.Entry<Long, Entry> first = found.firstEntry();
            Entry entry = first.getValue();
            if (stands(first.getKey(), entry)) {
                if (entry.run.page != null) {
                    lookAgain(frontier);
                    return null;
                }
                Entry present = entry.run.entries[entry.slot]; // another object once it was in the store alone
                if (present != null && present.state == Entry.State.READY && choosers.wants(seat, present)) {
                    return present;
                }
            }
            found.pollFirstEntry();
        }
        return null;
    }
}
