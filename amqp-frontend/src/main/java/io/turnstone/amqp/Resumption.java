package io.turnstone.amqp;

import io.turnstone.amqp.terms.Expiry;
import io.turnstone.amqp.terms.Outcomes;
import io.turnstone.api.Consumer;
import io.turnstone.api.Delivery;
import io.turnstone.api.Outcome;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.DeliveryState;
import org.jspecify.annotations.Nullable;

/**
 * The deliveries that one outgoing link resumes (part 2, section 2.6.13, and part 3, section 3.4.6), before it sends any
 * other. Owned by the loop of its connection.
 */
final class Resumption {

    private final OutgoingLink link;
    private final LastingLink across;
    private final SourceState state;
    /** Their receiver has told an outcome: resumed when that is durable. */
    private final Map<Delivery, SourceState.Sent> ending = new HashMap<>();
    /** To be sent once more. */
    private final ArrayDeque<SourceState.Sent> line = new ArrayDeque<>();
    /** To be settled. */
    private final ArrayDeque<SourceState.Sent> ended = new ArrayDeque<>();
    /** One end could not show all that is unsettled: nothing new is sent until the link is attached again. */
    private boolean reducing;

    /** The link is gone, and this consumer waits for it to come back; what it is told still comes here. */
    private @Nullable Consumer suspended;

    Resumption(OutgoingLink link, LastingLink across, SourceState state) {
        this.link = link;
        this.across = across;
        this.state = state;
    }

    /** What the link has sent that is not settled. */
    SourceState state() {
        return state;
    }

    /**
     * Compares what the two ends consider unsettled, and shows what we do. What the receiver does not know goes back to the
     * queue: it comes once more, as a new delivery.
     */
    void compare(Consumer from, Attach receiver, Attach reply, TagForm tags) {
        if (!across.heldBy(link)) {
            return;
        }
        across.expiry(Expiry.of(receiver.getSource()));
        var shown = new UnsettledMap(link.session().connection().out().maxTransferSize());
        Map<?, ?> theirs = UnsettledMap.of(receiver);
        reducing = receiver.getIncompleteUnsettled();
        for (SourceState.Sent sent : state.compare()) {
            Binary tag = tags.numbered(sent.tag);
            boolean known = theirs.containsKey(tag);
            if (!known && !reducing) {
                state.forget(sent.delivery);
                if (sent.told == null) {
                    from.settle(sent.delivery, Outcome.RELEASED, false);
                }
            } else if (shown.add(tag, sent.told) && known) {
                resume(from, sent, theirs.get(tag));
            }
        }
        reducing |= !shown.complete();
        shown.write(reply);
    }

    private void resume(Consumer from, SourceState.Sent sent, @Nullable Object theirs) {
        Outcome outcome = Outcomes.of(theirs);
        if (sent.told == null && outcome == null) {
            line.add(sent);
            return;
        }
        ending.put(sent.delivery, sent);
        if (sent.told == null && outcome != null) {
            sent.told = (DeliveryState) theirs;
            from.settle(sent.delivery, outcome, true);
        }
    }

    /** The outcome of a delivery is durable; whether that concerns nobody else. */
    boolean settled(Delivery delivery, Outcome outcome) {
        if (suspended != null) {
            across.forward(() -> state.settled(delivery, outcome));
            return true;
        }
        SourceState.Sent sent = ending.remove(delivery);
        if (sent != null) {
            state.forget(delivery);
            ended.add(sent);
            link.session().waits(link);
        }
        return sent != null;
    }

    /** The link is gone; whether its consumer waits for another link of its name. */
    boolean suspends(Consumer from, String terms, boolean lost) {
        if (state.isEmpty() || !across.heldBy(link)) {
            return false;
        }
        suspended = from;
        state.suspend(from, link.session().connection().loop(), terms, lost);
        return true;
    }

    /** The queue has ended the consumer; whether no link has to hear of it. */
    boolean closed() {
        Consumer held = suspended;
        if (held == null) {
            state.clear();
        } else {
            across.forward(() -> state.gone(held));
        }
        return held != null;
    }

    /** How many can be sent now. */
    int size() {
        return line.size() + ended.size();
    }

    /** The next that is settled, or null. */
    SourceState.@Nullable Sent nextEnded() {
        return ended.poll();
    }

    /** The next that is sent once more. */
    SourceState.Sent next() {
        return line.remove();
    }

    /** Whether only these may be sent. */
    boolean reducing() {
        return reducing;
    }
}
