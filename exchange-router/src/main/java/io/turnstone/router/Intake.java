package io.turnstone.router;

import io.turnstone.api.DeathReason;
import io.turnstone.api.Message;
import io.turnstone.api.Overlay;
import io.turnstone.api.PublishOutcome;
import io.turnstone.api.Publisher.PublishListener;
import io.turnstone.api.store.MessageStore;
import io.turnstone.api.store.StoreException;
import io.turnstone.api.store.StoreRecord;
import io.turnstone.router.queue.DeathHistory;
import io.turnstone.router.queue.MessageQueue;
import io.turnstone.router.queue.OverlayCodec;
import io.turnstone.router.queue.Publication;
import io.turnstone.router.topology.Changes;
import io.turnstone.router.topology.Route;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Brings one publisher's messages into queues that have room for them. Owned by the publisher.
 *
 * <p>A durable message becomes one record for all its stored queues, and is accepted when that is committed. A message
 * that need not survive goes to a stored queue directly, unless records of this publisher are on their way: then it
 * follows them through the store, unwritten. Queues that are not stored are handed the message at once.
 */
final class Intake implements MessageStore.Committed {

    /** What dies at the door: a queue without room, and where its dead messages go (nowhere: it is dropped). */
    record Grave(MessageQueue queue, List<MessageQueue> targets) {}

    private static final byte[] UNWRITTEN = {};

    private final MessageStore store;
    private final RouterLoop here;
    private final InFlight inFlight = new InFlight();
    private long handedOverIn;
    private boolean muted;

    Intake(MessageStore store, RouterLoop here) {
        this.store = store;
        this.here = here;
    }

    /** Outcomes are of no interest any more. */
    void mute() {
        muted = true;
    }

    /** Whether a record submitted now could overtake a message handed over before. */
    boolean wouldOvertake() {
        return handedOverIn == here.turn();
    }

    /** Lets a message into all queues of a route; room is reserved. */
    void enter(Message message, Overlay overlay, Route route, @Nullable PublishListener listener) {
        List<MessageQueue> stored = route.stored();
        boolean submitted = !stored.isEmpty() && throughStore(message);
        if (submitted) {
            submit(message, overlay, stored, stored, listener);
        } else {
            for (int i = 0; i < stored.size(); i++) {
                MessageQueue queue = stored.get(i);
                queue.enqueue(here.handOff(), message, overlay);
                if (queue.home() != here.loop()) {
                    handedOverIn = here.handedOver();
                }
            }
        }
        for (MessageQueue queue : route.passing()) {
            queue.enqueue(here.handOff(), message, overlay);
        }
        if (!submitted && listener != null) {
            Listeners.published(listener, PublishOutcome.ACCEPTED);
        }
    }

    /** The same for a route in which some queues had no room: their copies go to their graves. */
    void enter(Message message, Overlay overlay, Route route, List<Grave> graves, @Nullable PublishListener listener) {
        PublishListener part = listener == null ? null : new JointOutcome(listener, 1 + graves.size());
        enter(message, overlay, route, part);
        for (Grave grave : graves) {
            String queue = grave.queue().name();
            Overlay died = DeathHistory.died(
                    overlay, queue, DeathReason.MAXLEN, here.loop().now(), null);
            bury(message, died, grave.targets(), part);
        }
    }

    private void bury(Message message, Overlay died, List<MessageQueue> targets, @Nullable PublishListener listener) {
        var stored = new ArrayList<MessageQueue>(targets.size());
        boolean throughStore = throughStore(message);
        for (MessageQueue target : targets) {
            if (throughStore && target.spec().durable()) {
                stored.add(target);
            } else {
                target.enqueueDead(here.handOff(), message, died);
            }
        }
        if (!stored.isEmpty()) {
            submit(message, died, List.copyOf(stored), List.of(), listener);
        } else if (listener != null) {
            Listeners.published(listener, PublishOutcome.ACCEPTED);
        }
    }

    private boolean throughStore(Message message) {
        return message.durable() || !inFlight.isEmpty();
    }

    private void submit(
            Message message,
            Overlay overlay,
            List<MessageQueue> queues,
            List<MessageQueue> reserved,
            @Nullable PublishListener listener) {
        boolean written = message.durable();
        byte[] encoded = written ? OverlayCodec.encode(overlay, queues) : UNWRITTEN;
        inFlight.add(listener, reserved, message.size());
        here.submitted(message.size());
        store.submit(
                new StoreRecord.Enqueue(
                        queues,
                        message.format().id(),
                        message.body(),
                        encoded,
                        written,
                        new Publication(message, overlay, !reserved.isEmpty())),
                here.loop(),
                this);
    }

    @Override
    public void committed(long position, @Nullable StoreException failure) {
        here.answered(inFlight.bytes());
        PublishListener listener = inFlight.listener();
        if (failure != null) {
            inFlight.unreserve(listener == null);
        }
        inFlight.remove();
        if (listener != null && !muted) {
            Listeners.published(
                    listener,
                    failure == null
                            ? PublishOutcome.ACCEPTED
                            : new PublishOutcome.Refused(
                                    Changes.unavailable(failure).refusal()));
        }
    }
}
