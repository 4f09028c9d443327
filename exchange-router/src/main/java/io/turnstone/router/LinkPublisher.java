package io.turnstone.router;

import io.turnstone.api.Address;
import io.turnstone.api.Condition;
import io.turnstone.api.Message;
import io.turnstone.api.Peer;
import io.turnstone.api.PublishOutcome;
import io.turnstone.api.Publisher;
import io.turnstone.api.Refusal;
import io.turnstone.api.RefusedException;
import io.turnstone.api.Transaction;
import io.turnstone.router.queue.HeapShare;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * The way in of one link: keeps its messages in order past interceptors and blocked queues. While nothing blocks, a
 * message goes straight through {@link Admittance} and nothing is kept here.
 *
 * <p>Owned by the loop that opened it.
 */
final class LinkPublisher implements Publisher {

    private final Publishing shared;
    private final RouterLoop here;
    private final Address address;
    private final @Nullable Target target;
    private final Listener listener;
    private final KnownMessages messages;
    private @Nullable Runnable end;
    private final Interception interception;
    private final Admittance admittance;
    private final ArrayDeque<Held> held = new ArrayDeque<>();
    private boolean waiting;
    private boolean draining;
    private boolean blocked;
    private boolean closed;
    private boolean toldOpen;
    private boolean opened;
    private @Nullable Refusal ended;

    /**
     * Opens the way.
     *
     * @param target where all messages go; null when each names its own address
     */
    LinkPublisher(
            Publishing shared,
            RouterLoop here,
            Address address,
            @Nullable Target target,
            Peer peer,
            Listener listener) {
        this.shared = shared;
        this.here = here;
        this.address = address;
        this.target = target;
        this.listener = listener;
        messages = new KnownMessages(shared.formats());
        interception = new Interception(shared.interceptors(), peer, here.loop(), messages, this::resume);
        admittance = new Admittance(shared, here, peer, target, this::waitFor, this::resume);
        here.add(this);
        if (target instanceof Target.ToQueue to && to.queue().full()) {
            admittance.await(to.queue(), 1);
        }
        toldOpen = open();
        opened = true;
    }

    /** Has something run when it closes. */
    LinkPublisher atEnd(Runnable action) {
        end = action;
        return this;
    }

    /** What its end depends on: the queue, or the exchange's name. */
    Object key() {
        if (target instanceof Target.ToQueue to) {
            return to.queue();
        }
        return target instanceof Target.ToExchange to && !to.topic() ? to.exchange() : this;
    }

    @Override
    public Address address() {
        return address;
    }

    @Override
    public void publish(Message message, @Nullable PublishListener outcome) {
        publish(address, message, outcome);
    }

    @Override
    public void publish(Address to, Message message, @Nullable PublishListener outcome) {
        assert here.loop().inLoop();
        if (ended != null || here.stopping()) {
            refuse(outcome, ended);
            return;
        }
        Message own;
        try {
            own = messages.own(message);
        } catch (RefusedException e) {
            refuse(outcome, e.refusal());
            return;
        }
        enter(to, own, outcome);
    }

    private void enter(Address to, Message message, @Nullable PublishListener outcome) {
        if (!held.isEmpty() || waiting) {
            hold(message, to, outcome);
        } else if (interception.isNone()) {
            if (!admittance.offer(message, to, outcome)) {
                hold(message, to, outcome);
                drain(); // what it waits for may have come before it was held
            }
        } else {
            held.add(new Held(message, to, outcome));
            drain();
        }
    }

    @Override
    public void publish(Address to, Message message, Transaction within, @Nullable PublishListener outcome) {
        publish(to, message, ((OpenTransaction) within).expect(outcome));
    }

    private void hold(Message message, Address to, @Nullable PublishListener outcome) {
        if (held.size() >= shared.heldLimit()) {
            String why = held.size() + " messages of this publisher wait already; respect the credit";
            refuse(outcome, new Refusal(Condition.LIMIT_EXCEEDED, why));
            return;
        }
        held.add(new Held(message, to, outcome));
        tellFlow();
    }

    private void refuse(@Nullable PublishListener outcome, @Nullable Refusal why) {
        Refusal reason = why == null ? new Refusal(Condition.UNAVAILABLE, "the broker is stopping") : why;
        if (outcome == null) {
            here.dropped().drop(reason.description());
        } else {
            Listeners.published(outcome, new PublishOutcome.Refused(reason));
        }
    }

    /** Takes the held messages through, one after another, as far as it goes. */
    private void drain() {
        if (draining) {
            return; // what is waited for came at once: the loop below goes on
        }
        draining = true;
        try {
            while (!waiting && !held.isEmpty()) {
                pass(held.element());
            }
        } finally {
            draining = false;
        }
        if (closed && blocked) {
            leave();
        }
    }

    private void pass(Held first) {
        Interception.Answer answer = interception.decide(first);
        if (answer == Interception.Answer.LATER) {
            waitFor(Waiting.VERDICT);
        } else if (answer == Interception.Answer.REFUSED) {
            remove();
            refuse(first.listener, interception.refusal());
        } else if (admittance.offer(first.message, first.to, first.listener)) {
            remove();
        }
    }

    private void remove() {
        here.left(-held.remove().left);
    }

    /**
     * The publisher is gone and there is no room. What it would have heard of was not accepted, so it is let go; what it
     * does not want to hear of waits on, as far as the loop keeps such.
     */
    private void leave() {
        Refusal gone = new Refusal(Condition.UNAVAILABLE, "its link was closed while it waited for room");
        held.removeIf(each -> {
            if (each.listener == null && each.left == 0) {
                long bytes = each.message.size() + HeapShare.MESSAGE_BYTES;
                each.left = here.left(bytes) ? bytes : 0;
            }
            if (each.left == 0 && (each.listener == null || each.listener instanceof Posting)) {
                refuse(each.listener, gone);
            }
            return each.left == 0;
        });
        if (held.isEmpty() && admittance.awaitNoMore()) {
            waiting = false;
            blocked = false;
        }
    }

    /** The first message cannot go on for now. */
    private void waitFor(Waiting reason) {
        waiting = true;
        blocked = reason == Waiting.ROOM;
        tellFlow();
    }

    /** What it waited for has come. */
    private void resume() {
        waiting = false;
        blocked = false;
        drain();
        tellFlow();
    }

    /** Says so if the publisher may send again, or may not any more. */
    void tellFlow() {
        boolean open = open();
        if (open != toldOpen && opened && !closed) {
            toldOpen = open;
            Listeners.flow(listener, open);
        }
    }

    @Override
    public boolean open() {
        return ended == null
                && !blocked
                && !here.pressed()
                && !here.stopping()
                && held.size() <= shared.heldLimit() / 2;
    }

    /** The queue or exchange is gone. */
    void ended(Refusal reason) {
        if (closed) {
            return;
        }
        ended = reason;
        held.forEach(message -> refuse(message.listener, reason));
        held.clear();
        close();
        Listeners.closed(listener, reason);
    }

    @Override
    public void close() {
        assert here.loop().inLoop();
        if (closed) {
            return;
        }
        closed = true;
        admittance.mute();
        if (waiting && blocked) {
            leave();
        }
        here.remove(this);
        if (end != null) {
            end.run();
        }
    }

    /** Why the first message waits. */
    enum Waiting {
        /** A queue is full. */
        ROOM,
        /** An interceptor has not decided. */
        VERDICT,
        /** Something of the broker's own that takes no longer than a turn or a commit. */
        MOMENT
    }
}
