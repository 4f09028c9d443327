package io.turnstone.router.queue;

import io.turnstone.api.DeathReason;
import io.turnstone.api.Outcome;
import io.turnstone.api.Overlay;
import io.turnstone.api.QueueSpec;
import io.turnstone.api.store.MessageStore;
import io.turnstone.api.store.StoreException;
import io.turnstone.api.store.StoreRecord;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** What the end of a delivery means for the entry, in memory and in the store. Owned by the queue's home loop. */
final class Settlement {

    /** Annotations that consumers may add to one message; more are ignored. */
    private static final int MAX_ANNOTATIONS = 64;

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
    private final Departures departures;
    private final DeadLettering deadLettering;

    Settlement(MessageQueue queue, Entries entries, QueueHome home) {
        this.queue = queue;
        this.entries = entries;
        this.home = home;
        departures = new Departures(queue, entries, home, this::kept);
        deadLettering = new DeadLettering(queue, entries, home, departures);
    }

    /** Ends a delivery; the entry is not held any more. */
    void settle(Entry entry, Outcome outcome, Seat seat, boolean confirm) {
        Seat tell = confirm ? seat : null;
        if (outcome instanceof Outcome.Accepted) {
            entries.counters().accepted++;
            departures.add(entry, tell, outcome);
        } else if (outcome instanceof Outcome.Rejected rejected) {
            entry.seen();
            deadLettering.bury(entry, DeathReason.REJECTED, reason(rejected), tell, outcome);
        } else if (outcome instanceof Outcome.Modified modified) {
            entry.seen();
            if (modified.undeliverableHere()) {
                entry.exclude(seat);
            }
            modified(entry, modified, tell);
        } else {
            entry.seen();
            entries.ready(entry);
            queue.tell(tell, entry, outcome);
        }
    }

    private static @Nullable String reason(Outcome.Rejected rejected) {
        if (rejected.condition() == null) {
            return rejected.description();
        }
        return rejected.description() == null
                ? rejected.condition()
                : rejected.condition() + ": " + rejected.description();
    }

    private void modified(Entry entry, Outcome.Modified modified, @Nullable Seat tell) {
        Overlay old = entry.overlay();
        Map<String, Object> added = modified.annotations();
        if (old.annotations().size() + added.size() > MAX_ANNOTATIONS) {
            added = Map.of();
        }
        if (modified.deliveryFailed()) {
            failed(entry, added, tell, modified);
        } else if (added.isEmpty()) {
            entries.ready(entry);
            queue.tell(tell, entry, modified);
        } else {
            amend(entry, old.returned(old.attempts(), old.deliveryCount(), 0, added), tell, modified);
            entries.ready(entry);
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
                failed(entry, Map.of(), null, Outcome.RELEASED);
            } else {
                entries.ready(entry);
            }
            charge = false;
            seen--;
        }
    }

    private void failed(Entry entry, Map<String, Object> added, @Nullable Seat tell, Outcome outcome) {
        Overlay old = entry.overlay();
        QueueSpec spec = queue.spec();
        int attempts = old.attempts() + 1;
        long waitMs = Retry.waitMs(spec.retry(), attempts, home.random());
        long availableAtMs = waitMs == 0 ? 0 : home.loop().now() + waitMs;
        Overlay changed = old.returned(attempts, old.deliveryCount() + 1, availableAtMs, added);
        if (Retry.exhausted(spec.retry(), attempts)) {
            entry.overlay(changed);
            deadLettering.bury(entry, DeathReason.DELIVERY_LIMIT, null, tell, outcome);
            return;
        }
        amend(entry, changed, tell, outcome);
        if (waitMs == 0) {
            entries.ready(entry);
        } else {
            entries.delay(entry, availableAtMs);
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

    /** The entry went to a consumer that does not settle. */
    void handedOver(Entry entry) {
        entries.counters().accepted++;
        entry.message().body().share(); // it may not even have begun to leave through the socket
        departures.handedOver(entry);
    }

    /** The entry is removed, nobody having had it. */
    void purge(Entry entry) {
        departures.add(entry, null, null);
    }

    /** The same for a run that is paged out. */
    void purge(Run run) {
        departures.add(run);
    }

    void die(Entry entry, DeathReason reason) {
        deadLettering.bury(entry, reason, null, null, null);
    }

    /** The store did not keep its removal: it is still here, and rests so that a failing store is not asked in a circle. */
    private void kept(Entry entry) {
        entry.seen();
        entries.rest(entry, home.loop().now() + REST_MS);
    }

    /** The end of the queue's turn. */
    void submit() {
        departures.submit();
    }

    void afterwards(CompletableFuture<Long> stage, long answer) {
        departures.afterwards(stage, answer);
    }

    void clear() {
        departures.clear();
        deadLettering.clear();
    }
}
