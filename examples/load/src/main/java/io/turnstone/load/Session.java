package io.turnstone.load;

import java.nio.ByteBuffer;
import java.util.List;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Close;
import org.apache.qpid.proton.amqp.transport.Detach;
import org.apache.qpid.proton.amqp.transport.Disposition;
import org.apache.qpid.proton.amqp.transport.End;
import org.apache.qpid.proton.amqp.transport.ErrorCondition;
import org.jspecify.annotations.Nullable;

/**
 * One connection's only session: its links, and one switch over the frames that arrive. What it has to say it
 * writes to the connection's output: at once, except acceptance and credit, which leave once per turn. Owned by
 * one connection.
 */
final class Session {

    private final SessionState state;
    private final Performatives performatives;
    private final Unsettled unsettled;
    private final Tally tally;
    private final List<Producer> producers;
    private final List<Consumer> consumers;
    private final Links links;
    private final Fields fields = new Fields();

    private int turn;

    Session(
            SessionState state,
            Performatives performatives,
            Plan plan,
            List<Producer> producers,
            List<Consumer> consumers,
            Tally tally) {
        this.state = state;
        this.performatives = performatives;
        this.tally = tally;
        this.producers = producers;
        this.consumers = consumers;
        links = new Links(producers, consumers);
        unsettled =
                new Unsettled(plan.messages().settled() ? 1 : plan.messages().window() * Math.max(1, producers.size()));
    }

    /** Asks for all links. */
    void attach(ByteBuffer out) {
        links.attachAll(performatives, out);
    }

    boolean allAttached() {
        return links.allAttached();
    }

    void begin(Phase phase) {
        producers.forEach(producer -> producer.begin(phase));
    }

    boolean done(long nowNanos) {
        for (int i = 0; i < producers.size(); i++) {
            if (!producers.get(i).done(nowNanos)) {
                return false;
            }
        }
        return true;
    }

    /** Handles the frame whose performative begins at {@code at}. */
    void frame(ByteBuffer in, int at, int end, long nowNanos, ByteBuffer out) throws BrokerFailure {
        switch (Fields.descriptor(in, at)) {
            case Code.TRANSFER -> transfer(in, at, end, nowNanos, out);
            case Code.DISPOSITION -> disposition(in, at, end, nowNanos, out);
            case Code.FLOW -> flow(in, at, out);
            default -> rare(performatives.read(in.duplicate().limit(end).position(at)), out);
        }
    }

    private void transfer(ByteBuffer in, int at, int end, long nowNanos, ByteBuffer out) {
        int payload = fields.open(in, at);
        Link link = links.of(fields.uint(-1));
        if (!(link instanceof Consumer consumer)) {
            throw new MalformedFrame("a transfer to a producer");
        }
        boolean hasId = fields.present();
        int deliveryId = fields.uint(0);
        fields.skip();
        fields.skip();
        boolean settled = fields.bool();
        boolean more = fields.bool();
        fields.skip();
        fields.skip();
        fields.skip();
        boolean aborted = fields.bool();
        state.transferReceived();
        if (!consumer.inside()) {
            if (!hasId) {
                throw new MalformedFrame("a first transfer without delivery-id");
            }
            consumer.begin(deliveryId);
        }
        consumer.transfer(in, payload, end, settled, more, aborted, nowNanos);
        if (consumer.owesAcceptance()) {
            accept(consumer.deliveryId(), out);
        }
    }

    private void accept(int deliveryId, ByteBuffer out) {
        if (!state.continues(deliveryId)) {
            writeAccepted(out);
        }
        state.toAccept(deliveryId);
    }

    private void writeAccepted(ByteBuffer out) {
        HotFrames.accept(out, Connection.CHANNEL, state.firstToAccept(), state.lastToAccept());
        state.accepted();
    }

    private void disposition(ByteBuffer in, int at, int end, long nowNanos, ByteBuffer out) {
        fields.open(in, at);
        boolean fromReceiver = fields.bool();
        int first = fields.uint(0);
        int last = fields.uint(first);
        boolean settled = fields.bool();
        int outcome = fields.outcome();
        if (!fromReceiver || (!settled && (outcome < 0 || outcome == Code.RECEIVED))) {
            return;
        }
        int count = last - first;
        if (count < 0 || count >= unsettled.capacity()) {
            throw new MalformedFrame(
                    "a disposition of " + Integer.toUnsignedLong(first) + " to " + Integer.toUnsignedLong(last));
        }
        if (outcome != Code.ACCEPTED && tally.firstRefusal == null) {
            var whole =
                    (Disposition) performatives.read(in.duplicate().limit(end).position(at));
            tally.firstRefusal = String.valueOf(whole.getState());
        }
        for (int i = 0; i <= count; i++) {
            Producer producer = unsettled.remove(first + i);
            if (producer != null) {
                producer.settled(outcome == Code.ACCEPTED, unsettled.sinceNanos(first + i), nowNanos);
            }
        }
        if (!settled) {
            HotFrames.settle(out, Connection.CHANNEL, first, last);
        }
    }

    private void flow(ByteBuffer in, int at, ByteBuffer out) {
        fields.open(in, at);
        int nextIncomingId = fields.uint(0);
        int incomingWindow = fields.uint(0);
        int nextOutgoingId = fields.uint(0);
        fields.skip();
        state.flow(nextIncomingId, incomingWindow, nextOutgoingId);
        boolean ofLink = fields.present();
        int handle = fields.uint(0);
        int deliveryCount = fields.uint(0);
        int linkCredit = fields.uint(0);
        fields.skip();
        boolean drain = fields.bool();
        boolean echo = fields.bool();
        if (!ofLink) {
            if (echo) {
                HotFrames.flow(out, Connection.CHANNEL, state, -1, 0, 0, false);
            }
        } else if (links.of(handle) instanceof Producer producer) {
            producer.flow(deliveryCount, linkCredit, drain);
            if (echo || producer.owesDrainAnswer()) {
                producer.answerFlow(out, state);
            }
        } else if (echo && links.of(handle) instanceof Consumer consumer) {
            consumer.answerFlow(out, state);
        }
    }

    private void rare(Object performative, ByteBuffer out) throws BrokerFailure {
        if (performative instanceof Attach reply) {
            attached(reply, out);
        } else if (performative instanceof Detach detach) {
            throw ended("the broker ended the link", detach.getError());
        } else if (performative instanceof End end) {
            throw ended("the broker ended the session", end.getError());
        } else if (performative instanceof Close close) {
            throw ended("the broker ended the connection", close.getError());
        } else {
            throw new MalformedFrame("a " + performative.getClass().getSimpleName() + " out of place");
        }
    }

    private void attached(Attach reply, ByteBuffer out) throws BrokerFailure {
        if (links.attached(reply) instanceof Consumer consumer) {
            consumer.grantCredit(out, state);
        }
    }

    static BrokerFailure ended(String what, @Nullable ErrorCondition error) {
        return new BrokerFailure(what + ": "
                + (error == null || error.getCondition() == null
                        ? "no reason given"
                        : error.getCondition()
                                + (error.getDescription() == null ? "" : ", " + error.getDescription())));
    }

    /**
     * Writes what this turn owes, then new messages.
     *
     * @param limit the position in {@code out} from which on no new message begins
     * @return whether only the limit ended it
     */
    boolean write(ByteBuffer out, int limit, long nowNanos) {
        if (state.anyToAccept()) {
            writeAccepted(out);
        }
        if (!links.allAttached()) {
            return false;
        }
        for (int i = 0; i < consumers.size(); i++) {
            if (consumers.get(i).owesCredit()) {
                consumers.get(i).grantCredit(out, state);
            }
        }
        boolean more = false;
        int each = Math.max(1, limit / Math.max(1, producers.size()));
        turn++;
        for (int i = 0; i < producers.size(); i++) {
            Producer producer = producers.get((turn + i & Integer.MAX_VALUE) % producers.size());
            more |= producer.fill(out, Math.min(limit, out.position() + each), nowNanos, state, unsettled);
        }
        return more;
    }
}
