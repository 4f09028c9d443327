package io.turnstone.router.queue;

import java.util.List;

/** Brings ready entries and consumers with credit together, some in each turn. Owned by the queue's home loop. */
final class Dispatch {

    private static final int MAX_PER_TURN = 1000;

    private final Entries entries;
    private final ReadyMessages line;
    private final Choosers choosers;
    private final ConsumerRing ring;
    private final Settlement settlement;
    private final HandOff handOff;

    Dispatch(Entries entries, ConsumerRing ring, Settlement settlement, HandOff handOff) {
        this.entries = entries;
        this.ring = ring;
        this.settlement = settlement;
        this.handOff = handOff;
        choosers = ring.choosers();
        line = entries.line();
    }

    /** Makes the deliveries of one turn; whether there are more to make. */
    boolean turn(long nowMs) {
        boolean chosen = !choosers.isEmpty();
        if (chosen) {
            choosers.begin();
        }
        boolean more = serve(nowMs, chosen);
        if (chosen && (!ring.takes() || !ring.draining().isEmpty())) {
            more |= look(nowMs);
        }
        more |= browse(nowMs);
        if (!ring.draining().isEmpty()) {
            answerDrains(more, nowMs);
        }
        return more;
    }

    /** Gives away the head of the line while there is somebody who takes anything. */
    private boolean serve(long nowMs, boolean chosen) {
        for (int i = 0; i < MAX_PER_TURN; i++) {
            Seat seat = ring.next();
            if (seat == null) {
                return false;
            }
            if (chosen && choosers.serveFound(this, nowMs, seat.request.priority())) {
                continue;
            }
            Entry entry = line.first();
            if (entry == null) {
                return false;
            }
            if (entry.expired(nowMs)) {
                entries.expired(entry);
            } else {
                deliver(entry, chosen ? choosers.next(entry, seat) : seat);
            }
        }
        return true;
    }

    /** Has those that choose look past the head of the line. */
    private boolean look(long nowMs) {
        while (choosers.mayLook()) {
            if (!choosers.serveFound(this, nowMs, Integer.MIN_VALUE)
                    && !choosers.lookAhead(this, nowMs)
                    && !choosers.catchUp(this, nowMs)) {
                return false;
            }
        }
        return true;
    }

    /** Hands a ready entry over. */
    void deliver(Entry entry, Seat seat) {
        long bytes = entry.message().size();
        choosers.delivers(entry, seat);
        hand(entry, seat);
        ring.served(seat, bytes);
        seat.deliver(handOff, entry);
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
            Entry entry = line.next(cursor, 0);
            if (entry == null) {
                entries.reach(cursor.before());
                return false;
            }
            if (!entry.expired(nowMs) && seat.wants(entry)) {
                entry.message().body().share();
                var copy = new Browsed(entry.message(), entry.overlay(), entry.firstAcquirer());
                ring.served(seat, entry.message().size());
                seat.deliver(handOff, copy);
            }
        }
        return true;
    }

    /** Who is out of credit has drained, and who has nothing left to come, once everything that can be is delivered. */
    private void answerDrains(boolean more, long nowMs) {
        for (Seat seat : List.copyOf(ring.draining())) {
            if (seat.credit() == 0 || nothingFor(seat, more, nowMs)) {
                seat.drained();
                ring.drain(seat, false);
                ring.refresh(seat);
                handOff.send(seat.loop, QueueConsumer.DRAINED, seat.consumer, 0);
            }
        }
    }

    /** Who looks has seen all when it could get more; what others could get is gone when nothing is left to read either. */
    private boolean nothingFor(Seat seat, boolean more, long nowMs) {
        if (seat.standby) {
            return true;
        }
        if (seat.choice != null) {
            return seat.ready() && choosers.nothingFor(seat.choice) && !entries.awaits(nowMs);
        }
        return !more
                && (seat.cursor == null
                        ? line.isEmpty() && !entries.awaits(nowMs)
                        : seat.ready() && seat.cursor.before() == null);
    }
}
