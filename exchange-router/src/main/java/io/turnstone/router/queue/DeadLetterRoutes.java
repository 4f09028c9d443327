package io.turnstone.router.queue;

import io.turnstone.api.DeathReason;
import io.turnstone.api.Message;
import io.turnstone.api.Overlay;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Knows where the dead messages of a queue go. Called on the queue's home loop. */
public interface DeadLetterRoutes {

    /**
     * The queues a dead message enters, as the topology is now.
     *
     * @param overlay as the message had it in {@code source}, before this death
     * @return empty when there is no dead letter for this reason: the message is dropped and counted (never for
     *     {@code REJECTED} and {@code DELIVERY_LIMIT}, which have {@code dlq.<queue>} at least); null when the queue must
     *     be made first: the message is held where it is until {@link #prepare} completes
     */
    @Nullable
    List<MessageQueue> resolve(MessageQueue source, Message message, Overlay overlay, DeathReason reason);

    /**
     * Makes the automatic dead-letter queue of {@code source}.
     *
     * @return completes on any loop when {@link #resolve} will answer; exceptionally when it cannot be made, then the
     *     messages stay held and it is tried again later
     */
    CompletionStage<Void> prepare(MessageQueue source);
}
