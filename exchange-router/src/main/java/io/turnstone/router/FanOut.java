package io.turnstone.router;

import io.turnstone.api.Message;
import io.turnstone.api.Overlay;
import io.turnstone.api.PublishOutcome;
import io.turnstone.api.Publisher.PublishListener;
import io.turnstone.router.queue.HandOff;
import io.turnstone.router.queue.MessageQueue;
import java.util.ArrayList;
import java.util.List;

/**
 * One message that is more than one record: several of them, or copies for queues that are not stored. The copies enter
 * when all its records are committed, and none of them when one is not. Hears how each record ended, and once that there
 * are no more. Owned by the publisher.
 */
final class FanOut implements PublishListener {

    private record Copy(MessageQueue queue, Overlay overlay, boolean reserved) {}

    private final HandOff handOff;
    private final Message message;
    private final PublishListener whole;
    private final boolean silent;
    private final List<Copy> copies = new ArrayList<>();
    private int missing = 1;
    private boolean stored;
    private PublishOutcome outcome = PublishOutcome.ACCEPTED;

    /**
     * A fan-out without records and copies.
     *
     * @param whole told the outcome of the whole, when the copies have entered or never will
     * @param silent whether nobody else waits for that
     */
    FanOut(HandOff handOff, Message message, PublishListener whole, boolean silent) {
        this.handOff = handOff;
        this.message = message;
        this.whole = whole;
        this.silent = silent;
    }

    /** A queue that gets the message when all records are committed. */
    void copy(MessageQueue queue, Overlay overlay, boolean reserved) {
        copies.add(new Copy(queue, overlay, reserved));
    }

    /**
     * A record of it is on its way.
     *
     * @param carries whether it brings the message to a queue; else it only keeps its place among others
     */
    void submitted(boolean carries) {
        missing++;
        stored |= carries;
    }

    boolean submitted() {
        return missing > 1;
    }

    boolean silent() {
        return silent;
    }

    @Override
    public void published(PublishOutcome partial) {
        if (stored && partial != PublishOutcome.ACCEPTED) {
            outcome = partial;
        }
        if (--missing > 0) {
            return;
        }
        copies.forEach(outcome == PublishOutcome.ACCEPTED ? this::enter : this::giveBack);
        whole.published(outcome);
    }

    private void enter(Copy copy) {
        if (copy.reserved) {
            copy.queue.enqueue(handOff, message, copy.overlay);
        } else {
            copy.queue.enqueueDead(handOff, message, copy.overlay);
        }
    }

    private void giveBack(Copy copy) {
        if (!copy.reserved) {
            return;
        }
        copy.queue.unadmit(message.size());
        if (silent) {
            copy.queue.turnedAway();
        }
    }
}
