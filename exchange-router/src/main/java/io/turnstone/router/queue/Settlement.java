package io.turnstone.router.queue;

import io.turnstone.api.DeathReason;
import io.turnstone.api.Outcome;
import io.turnstone.api.Overlay;
import io.turnstone.api.store.MessageStore;
import io.turnstone.api.store.StoreException;
import io.turnstone.api.store.StoreRecord;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** What the end of a delivery means for the entry, in memory and in the store. Owned by the queue's home loop. */
final class Settlement {

    /** How long an entry rests when the store did not keep a decision about it. */
    private static final long REST_MS = 1000;

    /** A changed overlay on its way to the store. */
    private record Amended(
            Settlement settlement,
            Entry entry,
            Overlay overlay,
            @Nullable Seat tell,
            Outcome outcome) implements Decision, MessageStore.Committed {
        @Override
        public void applied() {
            entry.kept(overlay);
            settlement.entries.letGo(entry);
            settlement.queue.tell(tell, entry, outcome);
        }

        @Override
        public void committed(long position, @Nullable StoreException failure) {
            if (failure != null) { // the outcome holds; a lost count of attempts costs one more after a restart
                settlement.queue.tell(tell, entry, outcome);
            }
        }
    }

    private final MessageQueue queue;
    private final Entries entries;
    private final QueueHome home;
    private @Nullable Departures departures;
    private @Nullable DeadLettering deadLettering;

    Settlement(MessageQueue queue, Entries entries, QueueHome home) {
        this.queue = queue;
        this.entries = entries;
        this.home = home;
    }

    private Departures departures() {
        Departures present = departures;
        if (present == null) {
            present = new Departures(queue, entries, home, this::kept);
            departures = present;
        }
        return present;
    }

    private DeadLettering deadLettering() {
        DeadLettering present = deadLettering;
        if (present == null) {
            present = new DeadLettering(queue, entries, home, departures());
            deadLettering = present;
        }
        return present;
    }

    /** Ends a delivery; the entry is not held any more. */
    void settle(Entry entry, Outcome outcome, Seat seat, boolean confirm) {
        Seat tell = confirm ? seat : null;
        if (outcome instanceof Outcome.Accepted) {
            entries.counters().accepted++;
            departures().add(entry, tell, outcome);
        } else if (outcome instanceof Outcome.Rejected rejected) {
            entry.seen();
            deadLettering().bury(entry, DeathReason.REJECTED, reason(rejected), tell, outcome);
        } else if (outcome instanceof Outcome.Modified modified) {
            entry.seen();
            if (modified.undeliverableHere() && queue.spec().buriesUndeliverable()) {
                entry.overlay(returned(entry, modified).overlay());
                deadLettering().bury(entry, DeathReason.REJECTED, null, tell, outcome);
                return;
            }
            if (modified.undeliverableHere()) {
                exclude(entry, seat);
            }
            modified(entry, modified, tell);
        } else {
            entry.seen();
            entries.ready(entry);
            queue.tell(tell, entry, outcome);
        }
    }

    private void exclude(Entry entry, Seat seat) {
        if (!seat.closed()) {
            entry.exclude(seat.excluding());
            queue.chooses(seat);
        }
    }

    static @Nullable String reason(Outcome.Rejected rejected) {
        if (rejected.condition() == null) {
            return rejected.description();
        }
        return rejected.description() == null
                ? rejected.condition()
                : rejected.condition() + ": " + rejected.description();
    }

    private void modified(Entry entry, Outcome.Modified modified, @Nullable Seat tell) {
        returned(entry, returned(entry, modified), tell, modified);
    }

    /** What that outcome makes of an entry. */
    Returned returned(Entry entry, Outcome.Modified modified) {
        return Returned.modified(
                entry.overlay(), modified, queue.spec().retry(), home.loop().now(), home.random());
    }

    /** Back to its place, now or later, or to its grave. */
    private void returned(Entry entry, Returned returned, @Nullable Seat tell, Outcome outcome) {
        Overlay changed = returned.overlay();
        if (!returned.changed()) {
            entries.ready(entry);
            queue.tell(tell, entry, outcome);
        } else if (returned.exhausted()) {
            entry.overlay(changed);
            deadLettering().bury(entry, DeathReason.DELIVERY_LIMIT, null, tell, outcome);
        } else {
            amend(entry, changed, tell, outcome);
            await(entry);
        }
    }

    /** An entry that failed, or was changed, waits for its next attempt. */
    private void await(Entry entry) {
        long availableAtMs = entry.overlay().availableAtMs();
        if (availableAtMs == 0) {
            entries.ready(entry);
        } else {
            entries.delay(entry, availableAtMs);
        }
    }

    /** So many deliveries in total reached a consumer that does not settle: these are gone. */
    void received(Seat seat, long total) {
        for (long seen = seat.held() - (seat.delivered() - total); seen > 0; seen--) {
            Entry entry = seat.firstHeld();
            if (entry == null) {
                return;
            }
            entries.release(entry, seat);
            handedOver(entry);
        }
    }

    /**
     * A consumer left: what it holds returns.
     *
     * @param received deliveries that reached it; those on their way nobody has seen
     * @param lost whether the oldest it has seen is charged a failed attempt
     */
    void left(Seat seat, long received, boolean lost) {
        if (seat.request.mode().settled()) {
            received(seat, received);
        }
        long seen = seat.held() - (seat.delivered() - received);
        boolean charge = lost;
        for (Entry entry = seat.firstHeld(); entry != null; entry = seat.firstHeld()) {
            entries.release(entry, seat);
            if (seen > 0) {
                entry.seen();
            }
            if (charge && seen > 0) {
                long nowMs = home.loop().now();
                var failed =
                        Returned.failed(entry.overlay(), Map.of(), queue.spec().retry(), nowMs, home.random());
                returned(entry, failed, null, Outcome.RELEASED);
            } else {
                entries.ready(entry);
            }
            charge = false;
            seen--;
        }
    }

    private void amend(Entry entry, Overlay changed, @Nullable Seat tell, Outcome outcome) {
        entry.overlay(changed);
        if (!entry.stored()) {
            queue.tell(tell, entry, outcome);
            return;
        }
        var amended = new Amended(this, entry, changed, tell, outcome);
        var record = new StoreRecord.Amend(queue, entry.position, OverlayCodec.encode(changed), amended);
        home.store().submit(record, home.loop(), amended);
    }

    // ---- In transactions

    /** What the commit of a transaction says of an entry that does not die; null for nothing. */
    StoreRecord.@Nullable Change change(Entry entry, Outcome outcome, @Nullable Returned returned, Object payload) {
        if (!entry.stored()) {
            return null;
        }
        if (outcome instanceof Outcome.Accepted) {
            return new StoreRecord.Remove(queue, new long[] {entry.position}, payload);
        }
        return returned == null || !returned.changed()
                ? null
                : new StoreRecord.Amend(queue, entry.position, OverlayCodec.encode(returned.overlay()), payload);
    }

    Burial burial(Entry entry, DeathReason reason, @Nullable String error, @Nullable Seat tell, Outcome outcome) {
        return new Burial(deadLettering(), entry, reason, error, tell, outcome);
    }

    /** Decides where a dead entry goes that has this overlay now; false when its dead-letter queue must be made first. */
    boolean aim(Burial burial, Overlay overlay) {
        return deadLettering().aim(burial, overlay);
    }

    /** A transaction that settled an entry which does not die is committed. */
    void retired(Entry entry, Outcome outcome, @Nullable Returned returned, Seat seat, @Nullable Seat tell) {
        if (outcome instanceof Outcome.Accepted) {
            entries.counters().accepted++;
            entries.gone(entry);
        } else {
            entry.seen();
            if (outcome instanceof Outcome.Modified modified && modified.undeliverableHere()) {
                exclude(entry, seat);
            }
            if (returned == null || !returned.changed()) {
                entries.ready(entry);
            } else {
                entry.overlay(returned.overlay());
                entry.kept(returned.overlay());
                await(entry);
            }
        }
        queue.tell(tell, entry, outcome);
    }

    /** A transaction that settled an entry is rolled back. */
    void undo(Entry entry, Seat seat, @Nullable Outcome otherwise) {
        if (otherwise != null) {
            settle(entry, otherwise, seat, false);
        } else if (seat.closed()) {
            entry.seen();
            entries.ready(entry);
        } else {
            entries.holdAgain(entry, seat);
        }
    }

    /** The entry went to a consumer that does not settle. */
    void handedOver(Entry entry) {
        entries.counters().accepted++;
        entry.message().body().share(); // it may not even have begun to leave through the socket
        departures().handedOver(entry);
    }

    /** The entry is removed, nobody having had it. */
    void purge(Entry entry) {
        departures().add(entry, null, null);
    }

    /** The same for a run that is paged out. */
    void purge(Run run) {
        departures().add(run);
    }

    /** The store is to forget a message that is not in the queue. */
    void forget(long position) {
        departures().forget(position);
    }

    /** The same for delayed messages that are in the store alone. */
    void purge(DueBatch batch) {
        departures().add(batch);
    }

    void die(Entry entry, DeathReason reason) {
        deadLettering().bury(entry, reason, null, null, null);
    }

    /** The store did not keep its removal: it is still here, and rests so that a failing store is not asked in a circle. */
    private void kept(Entry entry) {
        entry.seen();
        entries.rest(entry, home.loop().now() + REST_MS);
    }

    /** The end of the queue's turn. */
    void submit() {
        if (departures != null) {
            departures.submit();
        }
    }

    void afterwards(CompletableFuture<Long> stage, long answer) {
        departures().afterwards(stage, answer);
    }

    void clear() {
        if (departures != null) {
            departures.clear();
        }
        deadLettering().clear(); // which holds nothing any more from now on
    }
}
