package io.turnstone.router;

import io.turnstone.api.Body;
import io.turnstone.api.DeathReason;
import io.turnstone.api.Message;
import io.turnstone.api.Overlay;
import io.turnstone.api.PublishOutcome;
import io.turnstone.api.Publisher.PublishListener;
import io.turnstone.api.Refusal;
import io.turnstone.api.store.StoreException;
import io.turnstone.router.queue.DeathHistory;
import io.turnstone.router.queue.MessageQueue;
import io.turnstone.router.topology.Changes;
import io.turnstone.router.topology.Route;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A message that is published in a transaction, until it is known whether it can enter its queues. Goes through a publisher
 * in the place of the listener that wants to hear of that. Owned by the transaction's loop.
 */
final class Posting implements PublishListener {

    private final OpenTransaction transaction;
    private final @Nullable PublishListener listener;
    private final boolean late;
    private int missing = 1;
    private PublishOutcome outcome = PublishOutcome.ACCEPTED;

    /** @param late whether the transaction is at its end already */
    Posting(OpenTransaction transaction, @Nullable PublishListener listener, boolean late) {
        this.transaction = transaction;
        this.late = late;
        this.listener = listener;
    }

    /** Why the transaction takes no such message; null when it does. */
    @Nullable
    Refusal refusal(Message message) {
        return transaction.refusal(message, late);
    }

    /** Found its queues, in which room is reserved, and dead-letter queues of others. */
    void enter(Message message, Overlay overlay, Route route, List<Intake.Grave> graves) {
        if (graves.size() + route.queues().length > 1 && message.body() instanceof Body.Spooled) {
            message.body().share();
        }
        if (route.queues().length > 0) {
            post(new Posted(this, transaction, message, overlay, List.of(route.queues()), true));
        }
        for (Intake.Grave grave : graves) {
            List<MessageQueue> targets = grave.targets();
            if (!targets.isEmpty()) {
                String queue = grave.queue().name();
                long nowMs = transaction.nowMs();
                Overlay died = DeathHistory.died(overlay, queue, DeathReason.MAXLEN, nowMs, null);
                post(new Posted(this, transaction, message, died, List.copyOf(targets), false));
            }
        }
        published(PublishOutcome.ACCEPTED);
    }

    private void post(Posted posted) {
        missing++;
        transaction.add(posted);
        posted.keep();
    }

    /** The store has, or has not, what it must have. */
    void kept(@Nullable StoreException failure) {
        published(
                failure == null
                        ? PublishOutcome.ACCEPTED
                        : new PublishOutcome.Refused(
                                Changes.unavailable(failure).refusal()));
    }

    @Override
    public void published(PublishOutcome partial) {
        if (partial != PublishOutcome.ACCEPTED) {
            outcome = partial;
        }
        if (--missing > 0) {
            return;
        }
        if (outcome instanceof PublishOutcome.Refused refused && !late) {
            transaction.fail(refused.refusal());
        }
        if (listener != null) {
            Listeners.published(listener, outcome);
        }
        transaction.decided();
    }
}
