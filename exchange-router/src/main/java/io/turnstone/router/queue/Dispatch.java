package io.turnstone.router.queue;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Brings ready entries and consumers with credit together, some in each turn. Owned by the queue's home loop. */
final class Dispatch {

    private static final int MAX_PER_TURN = 1000;

    private final Entries entries;
    private final ReadyMessages line;
    private final ConsumerRing ring;
    private final Settlement settlement;
    private final HandOff handOff;

    /** Entries that no consumer with credit may have, as they were found; the holes are those that went on. */
    private final List<@Nullable Entry> stranded = new ArrayList<>();

    private int strandedEdition;

    Dispatch(Entries entries, ConsumerRing ring, Settlement settlement, HandOff handOff) {
        this.entries = entries;
        this.ring = ring;
        this.settlement = settlement;
        this.handOff = handOff;
        line = entries.line();
    }

    /** Makes the deliveries of one turn; whether there are more to make. */
    boolean turn(long nowMs) {
        if (!stranded.isEmpty()) {
            pruneStranded();
        }
        boolean more = deliver(nowMs);
        more |= browse(nowMs);
        if (!ring.draining().isEmpty()) {
            answerDrains(more);
        }
        return more;
    }

    private boolean deliver(long nowMs) {
        for (int i = 0; i < MAX_PER_TURN; i++) {
            if (!ring.takes()) {
                return false;
            }
            Entry entry = line.first();
            if (entry == null) {
                return false;
            }
            if (entry.expired(nowMs)) {
                entries.expired(entry);
                continue;
            }
            Seat seat = ring.next(entry);
            if (seat == null) {
                strand(entry);
            } else {
                long bytes = entry.message().size();
                hand(entry, seat);
                ring.served(seat, bytes);
                seat.deliver(handOff, entry);
            }
        }
        return true;
    }

    private void hand(Entry entry, Seat seat) {
        QueueCounters counters = entries.counters();
        counters.delivered++;
        if (!entry.firstAcquirer()) {
            counters.redelivered++;
        }
        if (seat.request.mode().settled() && seat.loop == handOff.loop()) {
            settlement.handedOver(entry);
        } else {
            entries.hold(entry, seat);
        }
    }

    private void strand(Entry entry) {
        entries.strand(entry);
        stranded.add(entry);
    }

    /** Forgets those that went on without a consumer: expired, purged. */
    private void pruneStranded() {
        long present = entries.counters().count(Entry.State.STRANDED);
        if (stranded.size() > 2 * present + (present == 0 ? 0 : Run.SIZE)) {
            stranded.removeIf(other -> other == null || other.state != Entry.State.STRANDED);
            strandedEdition++;
        }
    }

    /** A consumer takes part (again): what it may have is ready again. */
    void joined(Seat seat) {
        if (stranded.isEmpty()) {
            return;
        }
        int from = seat.strandedEdition == strandedEdition ? Math.min(seat.strandedSeen, stranded.size()) : 0;
        for (int i = from; i < stranded.size(); i++) {
            Entry entry = stranded.get(i);
            if (entry != null && entry.state == Entry.State.STRANDED && !entry.excludes(seat)) {
                stranded.set(i, null);
                entries.ready(entry);
            }
        }
        if (entries.counters().count(Entry.State.STRANDED) == 0) {
            stranded.clear();
            strandedEdition++;
        }
        seat.strandedEdition = strandedEdition;
        seat.strandedSeen = stranded.size();
    }

    private boolean browse(long nowMs) {
        boolean more = false;
        List<Seat> browsers = ring.browsers();
        for (int i = 0; i < browsers.size(); i++) {
            Seat seat = browsers.get(i);
            ReadyMessages.Cursor cursor = seat.cursor;
            if (cursor != null) {
                more |= browse(seat, cursor, nowMs);
            }
        }
        return more;
    }

    private boolean browse(Seat seat, ReadyMessages.Cursor cursor, long nowMs) {
        for (int i = 0; i < MAX_PER_TURN; i++) {
            if (!seat.ready()) {
                return false;
            }
            Entry entry = line.next(cursor);
            if (entry == null) {
                entries.reach(cursor.before());
                return false;
            }
            if (!entry.expired(nowMs)) {
                entry.message().body().share();
                var copy = new Browsed(entry.message(), entry.overlay(), entry.firstAcquirer());
                ring.served(seat, entry.message().size());
                seat.deliver(handOff, copy);
            }
        }
        return true;
    }

    /** Who is out of credit has drained, and who has nothing left to come, once everything that can be is delivered. */
    private void answerDrains(boolean more) {
        for (Seat seat : List.copyOf(ring.draining())) {
            if (seat.credit() == 0 || (!more && nothingFor(seat))) {
                seat.drained();
                ring.drain(seat, false);
                ring.refresh(seat);
                handOff.send(seat.loop, QueueConsumer.DRAINED, seat.consumer, 0);
            }
        }
    }

    /** A browser has seen all when it could get more; what others could get is gone when nothing is left to read either. */
    private boolean nothingFor(Seat seat) {
        return seat.cursor == null ? line.isEmpty() : seat.ready() && seat.cursor.before() == null;
    }

    int stranded() {
        return stranded.size();
    }

    void clear() {
        stranded.clear();
    }
}
