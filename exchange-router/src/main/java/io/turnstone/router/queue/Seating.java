package io.turnstone.router.queue;

import io.turnstone.api.Condition;
import io.turnstone.api.Loop;
import io.turnstone.api.Refusal;
import io.turnstone.api.store.StoredMessage;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How consumers of one queue come, go, and keep their place while their link is gone. Owned by the queue's home loop. */
final class Seating {

    private final MessageQueue queue;
    private final Entries entries;
    private final ConsumerRing ring;
    private final Settlement settlement;
    private final QueueLife life;
    private final QueueHome home;

    /** Once there was something from before a restart that is kept for somebody. */
    private @Nullable Entrance entrance;

    Seating(
            MessageQueue queue,
            Entries entries,
            ConsumerRing ring,
            Settlement settlement,
            QueueLife life,
            QueueHome home) {
        this.queue = queue;
        this.entries = entries;
        this.ring = ring;
        this.settlement = settlement;
        this.life = life;
        this.home = home;
    }

    /** A consumer comes in, or hears why not. */
    void open(Opening opening) {
        Entrance present = entrance;
        if (present == null && entries.keeps()) {
            present = new Entrance(this, entries.claims(), ring.choosers().groups());
            entrance = present;
        }
        if (present == null) {
            admit(opening, null, List.of());
        } else {
            present.open(opening);
        }
    }

    void refuse(Opening opening, Condition condition, String why) {
        var refusal = new Refusal(condition, "queue '" + queue.name() + "'" + why);
        home.handOff().send(opening.from().loop(), Opening.REFUSED, opening, refusal);
    }

    /** The same when it is known what it held before a restart; whether it is in. */
    boolean admit(Opening opening, @Nullable Withheld kept, List<StoredMessage> found) {
        if (life.deleted()) {
            refuse(opening, Condition.NOT_FOUND, " was deleted");
            return false;
        }
        boolean behind = kept == null && entries.keeps();
        Refusal refusal = ring.refusal(queue.name(), queue.spec().exclusive(), behind, opening.request());
        if (refusal != null) {
            home.handOff().send(opening.from().loop(), Opening.REFUSED, opening, refusal);
            return false;
        }
        enter(opening, behind, kept, found);
        return true;
    }

    private void enter(Opening opening, boolean behind, @Nullable Withheld kept, List<StoredMessage> found) {
        Loop loop = opening.from().loop();
        boolean singleActive = queue.spec().singleActive();
        Seat seat = ring.open(opening.consumer(), loop, opening.request(), singleActive, behind);
        opening.consumer().seat(seat);
        if (kept != null) {
            opening.consumer().holds(entries.claims().give(kept, found, seat, ring.choosers()));
        }
        life.used();
        if (!opening.request().mode().browse()) {
            life.taken();
        }
        queue.wake();
        home.handOff().send(loop, Opening.OPENED, opening, 0);
        if (singleActive && !opening.request().mode().browse()) {
            tellActive(seat);
        }
    }

    private void tellActive(Seat seat) {
        home.handOff().send(seat.loop, QueueConsumer.ACTIVE, seat.consumer, seat.standby ? 0 : 1);
    }

    /** A consumer's link is gone and may come back: it gets nothing more and keeps its seat, with what it holds. */
    void suspend(Seat seat) {
        if (!seat.closed()) {
            ring.drain(seat, false);
            seat.suspend();
            ring.refresh(seat);
        }
    }

    /** Another link takes over the seat of a suspended consumer, if it is still there. */
    void resume(Resuming resuming) {
        Seat seat = resuming.take(home.handOff());
        if (seat != null && queue.spec().singleActive()) {
            tellActive(seat);
        }
    }

    /**
     * A consumer left: what it holds returns.
     *
     * @param received deliveries that reached it; those on their way nobody has seen
     * @param lost whether its oldest delivery is charged a failed attempt
     */
    void close(Seat seat, long received, boolean lost) {
        if (seat.closed()) {
            return;
        }
        ring.close(seat);
        settlement.left(seat, received, lost);
        succeed();
        if (ring.size() == 0) {
            life.left();
        }
        queue.wake();
    }

    /** Lets the next in line get messages, where one does and nobody is expected back who did. */
    void succeed() {
        Seat next = queue.spec().singleActive() && !entries.keeps() ? ring.succeed() : null;
        if (next != null) {
            tellActive(next);
        }
    }

    /** Ends all consumers: the queue is gone, and what they hold with it. */
    void endAll(Refusal reason) {
        for (Seat seat : ring.all()) {
            ring.close(seat);
            home.handOff().send(seat.loop, QueueConsumer.ENDED, seat.consumer, reason);
        }
    }

    /** Ends a consumer on the queue's own account: what it was to be told will never come. */
    void end(@Nullable Seat seat, Refusal reason) {
        if (seat != null && !seat.closed()) {
            home.handOff().send(seat.loop, QueueConsumer.ENDED, seat.consumer, reason);
            close(seat, seat.delivered(), false);
        }
    }
}
