package io.turnstone.router;

import io.turnstone.api.Body;
import io.turnstone.api.DeathReason;
import io.turnstone.api.Message;
import io.turnstone.api.Overlay;
import io.turnstone.api.PublishOutcome;
import io.turnstone.api.Publisher.PublishListener;
import io.turnstone.api.store.MessageStore;
import io.turnstone.api.store.StoreException;
import io.turnstone.api.store.StoreRecord;
import io.turnstone.router.queue.DeathHistory;
import io.turnstone.router.queue.MessageKeys;
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
 * <p>A durable message becomes one record for all its stored queues, and is accepted when that is committed; only then
 * its queues that are not stored get it. A message that need not survive goes to all its queues directly, unless records
 * of this publisher are on their way to them: then it follows these through the store, unwritten.
 */
final class Intake implements MessageStore.Committed {

    /** What dies at the door: a queue without room, and where its dead messages go (nowhere: it is dropped). */
    record Grave(MessageQueue queue, List<MessageQueue> targets) {}

    private static final byte[] UNWRITTEN = {};

    private final MessageStore store;
    private final RouterLoop here;
    private final InFlight inFlight = new InFlight();
    private long handedOverIn;
    private int fanOuts;
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
        boolean throughStore = throughStore(message);
        if (throughStore && route.passing().length > 0 && (!stored.isEmpty() || fanOuts > 0)) {
            enter(message, overlay, route, List.of(), listener);
        } else if (throughStore && !stored.isEmpty()) {
            submit(message, overlay, stored, stored, listener);
        } else {
            Body body = message.body();
            body.hold(); // until the last queue holds it
            handOver(message, overlay, stored);
            for (MessageQueue queue : route.passing()) {
                queue.enqueue(here.handOff(), message, overlay);
            }
            body.release();
            tell(listener, PublishOutcome.ACCEPTED);
        }
    }

    private boolean throughStore(Message message) {
        return message.durable() || !inFlight.isEmpty();
    }

    private void handOver(Message message, Overlay overlay, List<MessageQueue> stored) {
        for (int i = 0; i < stored.size(); i++) {
            MessageQueue queue = stored.get(i);
            queue.enqueue(here.handOff(), message, overlay);
            if (queue.home() != here.loop()) {
                handedOverIn = here.handedOver();
            }
        }
    }

    /** The same for a route in which some queues had no room: their copies go to their graves. */
    void enter(Message message, Overlay overlay, Route route, List<Grave> graves, @Nullable PublishListener listener) {
        message.body().share();
        boolean throughStore = throughStore(message);
        boolean behindOthers = fanOuts++ > 0;
        PublishListener end = outcome -> {
            fanOuts--;
            tell(listener, outcome);
        };
        var whole = new FanOut(here.handOff(), message, end, listener == null);
        if (!throughStore) {
            handOver(message, overlay, route.stored());
        } else if (!route.stored().isEmpty()) {
            submit(message, overlay, route.stored(), route.stored(), whole);
        }
        for (MessageQueue queue : route.passing()) {
            whole.copy(queue, overlay, true);
        }
        for (Grave grave : graves) {
            String queue = grave.queue().name();
            long nowMs = here.loop().now();
            bury(whole, message, DeathHistory.died(overlay, queue, DeathReason.MAXLEN, nowMs, null), grave.targets());
        }
        if (behindOthers && !whole.submitted()) {
            submit(message, overlay, List.of(), List.of(), whole);
        }
        whole.published(PublishOutcome.ACCEPTED);
    }

    private void bury(FanOut whole, Message message, Overlay died, List<MessageQueue> targets) {
        var stored = new ArrayList<MessageQueue>(targets.size());
        boolean throughStore = throughStore(message);
        for (MessageQueue target : targets) {
            if (throughStore && target.spec().durable()) {
                stored.add(target);
            } else {
                whole.copy(target, died, false);
            }
        }
        if (!stored.isEmpty()) {
            submit(message, died, List.copyOf(stored), List.of(), whole);
        }
    }

    private void submit(
            Message message,
            Overlay overlay,
            List<MessageQueue> queues,
            List<MessageQueue> reserved,
            @Nullable PublishListener listener) {
        if (listener instanceof FanOut whole) {
            whole.submitted(!queues.isEmpty());
        }
        boolean written = message.durable() && !queues.isEmpty();
        if (!written && queues.size() > 1) {
            message.body().share(); // they come to hold it one after another
        }
        byte[] encoded = written ? OverlayCodec.encode(overlay, queues) : UNWRITTEN;
        inFlight.add(listener, reserved, message.size(), message.body().heapBytes());
        here.submitted(message.body().heapBytes());
        store.submit(
                new StoreRecord.Enqueue(
                        queues,
                        message.format().id(),
                        message.body(),
                        encoded,
                        MessageKeys.mark(OverlayCodec.marks(message, overlay, queues), message, overlay, reserved),
                        written,
                        new Publication(message, overlay, !reserved.isEmpty())),
                here.loop(),
                this);
    }

    @Override
    public void committed(long position, @Nullable StoreException failure) {
        here.answered(inFlight.heapBytes());
        PublishListener listener = inFlight.listener();
        if (failure != null) {
            inFlight.unreserve(listener instanceof FanOut whole ? whole.silent() : listener == null);
        }
        inFlight.remove();
        tell(
                listener,
                failure == null
                        ? PublishOutcome.ACCEPTED
                        : new PublishOutcome.Refused(
                                Changes.unavailable(failure).refusal()));
    }

    private void tell(@Nullable PublishListener listener, PublishOutcome outcome) {
        if (listener != null && (!muted || listener instanceof FanOut)) {
            Listeners.published(listener, outcome);
        }
    }
}
