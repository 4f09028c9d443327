package io.turnstone.router.queue;

import io.turnstone.api.Condition;
import io.turnstone.api.Consumer;
import io.turnstone.api.Peer;
import io.turnstone.api.Refusal;
import io.turnstone.api.RefusedException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A suspended consumer on its way to a new link. Immutable; {@code opened} is completed on the new link's loop.
 *
 * @param old the suspended one
 * @param consumer the one that takes its seat
 */
record Resuming(
        MessageQueue queue,
        QueueConsumer old,
        QueueConsumer consumer,
        Peer peer,
        HandOff from,
        CompletableFuture<Consumer> opened) {

    static final HandOff.Step<Resuming, Object, Object> ASK =
            (resuming, a, b, n) -> resuming.queue.seating().resume(resuming);

    private static final HandOff.Step<Resuming, Object, Object> RESUMED = (resuming, a, b, n) -> {
        resuming.consumer.resumed(n);
        resuming.opened.complete(resuming.consumer);
    };

    private static final HandOff.Step<Resuming, Refusal, Object> REFUSED =
            (resuming, refusal, b, n) -> resuming.opened.completeExceptionally(new RefusedException(refusal));

    /** Gives the seat to the new consumer; null when there is none any more. On the queue's home loop. */
    @Nullable
    Seat take(HandOff home) {
        Seat seat = old.seat();
        if (seat.closed() || !seat.suspended()) {
            home.send(
                    from.loop(),
                    REFUSED,
                    this,
                    new Refusal(Condition.NOT_FOUND, "queue '" + queue.name() + "' has not kept what the link held"));
            return null;
        }
        consumer.seat(seat);
        seat.resume(consumer, from.loop(), peer);
        home.send(from.loop(), RESUMED, this, seat.delivered());
        return seat;
    }
}
