package io.turnstone.router.queue;

import io.turnstone.api.Consumer;
import io.turnstone.api.ConsumerRequest;
import io.turnstone.api.Refusal;
import io.turnstone.api.RefusedException;
import java.util.concurrent.CompletableFuture;

/** A consumer on its way to its queue's home and back. Immutable; {@code opened} is completed on the consumer's loop. */
record Opening(
        MessageQueue queue,
        ConsumerRequest request,
        HandOff from,
        QueueConsumer consumer,
        CompletableFuture<Consumer> opened) {

    static final HandOff.Step<Opening, Object, Object> ASK =
            (opening, a, b, n) -> opening.queue.seating().open(opening);

    static final HandOff.Step<Opening, Object, Object> OPENED =
            (opening, a, b, n) -> opening.opened.complete(opening.consumer);

    static final HandOff.Step<Opening, Refusal, Object> REFUSED =
            (opening, refusal, b, n) -> opening.opened.completeExceptionally(new RefusedException(refusal));
}
