package io.turnstone.amqp;

import io.turnstone.amqp.codec.FlowFrame;
import io.turnstone.amqp.codec.Symbols;
import io.turnstone.amqp.error.LinkError;
import io.turnstone.amqp.management.BrokerNode;
import io.turnstone.amqp.message.BodyStream;
import io.turnstone.amqp.terms.AmqpConditions;
import io.turnstone.api.Consumer;
import io.turnstone.api.Delivery;
import io.turnstone.api.Outcome;
import io.turnstone.api.Refusal;
import io.turnstone.api.store.StoreException;
import java.util.Map;
import java.util.Objects;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.messaging.Released;
import org.apache.qpid.proton.amqp.transport.AmqpError;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.DeliveryState;
import org.apache.qpid.proton.amqp.transport.SenderSettleMode;
import org.jspecify.annotations.Nullable;

/**
 * A link on which a peer consumes: passes its credit to the queue, sends what the queue hands over, and tells the
 * queue how deliveries ended. Owned by the loop of its connection.
 */
final class OutgoingLink extends Link implements Consumer.Listener, BodyStream.Listener {

    /** What the peer's latest flow said; flows that come before the link is attached are only remembered. */
    private record Wish(boolean hasDeliveryCount, int deliveryCount, long linkCredit, boolean drain, boolean echo) {}

    /** Whether it is in its session's line of links with something to send. */
    boolean queued;

    /** Whether it is in its connection's list of links whose queue has to hear what was written. */
    boolean reporting;

    private final Activity activity = new Activity();
    private final OutgoingCredit credit = new OutgoingCredit();
    private final OutgoingTransfers transfers = new OutgoingTransfers(this);
    private final DeliveryOutcomes outcomes = new DeliveryOutcomes(this);
    private final @Nullable BrokerNode node;
    private final boolean settled;
    private final LinkSource source;
    private final SizeLimit sizeLimit;
    private @Nullable Consumer consumer;
    private @Nullable Wish early;
    /** Of a link that outlives its connection: what it sent, and what of that it resumes. */
    private @Nullable Resumption resumption;

    private int unsettled;
    /** The peer has detached, and what it subscribed to goes with that. */
    private boolean unsubscribes;

    OutgoingLink(AmqpSession session, LinkName name, Attach attach) {
        super(session, name, attach.getHandle().intValue());
        node = BrokerNode.at(attach.getSource());
        settled = node != null || attach.getSndSettleMode() == SenderSettleMode.SETTLED;
        source = new LinkSource(this, settled);
        sizeLimit = new SizeLimit(attach);
    }

    @Override
    @Nullable
    BrokerNode node() {
        return node;
    }

    @Override
    void open(Attach attach) {
        if (node != null) {
            consumer = session().management().responses(attach, this);
            opened(attach, null);
            return;
        }
        resumption = source.agree(attach);
        outcomes.terms(source.terms().browse(), settled, source.terms().defaultOutcome());
        source.open(attach, (taken, failure) -> {
            consumer = taken;
            opened(attach, failure);
        });
    }

    @Override
    Attach accepted(Attach asked) {
        Attach reply = reply(asked);
        if (node != null) {
            reply.setSndSettleMode(SenderSettleMode.SETTLED);
        }
        reply.setSource(source.actual(asked.getSource()));
        reply.setTarget(asked.getTarget());
        reply.setOfferedCapabilities(Symbols.withFilters());
        if (resumption != null && consumer != null) {
            resumption.compare(consumer, asked, reply, transfers.tags());
        }
        return reply;
    }

    /** How many deliveries are to be resumed before any other is sent. */
    private int resuming() {
        return resumption == null ? 0 : resumption.size();
    }

    @Override
    void attached() {
        Wish wish = early;
        early = null;
        if (wish != null) {
            grant(wish);
        }
    }

    @Override
    void flow(FlowFrame flow) {
        outcomes.acquire(flow);
        var wish = new Wish(
                flow.hasDeliveryCount,
                flow.deliveryCount,
                flow.hasLinkCredit ? flow.linkCredit : unchanged(flow),
                flow.drain,
                flow.echo || (early != null && early.echo()));
        if (isAttached()) {
            grant(wish);
        } else if (state() == State.OPENING) {
            early = wish;
        }
    }

    /** The credit of a flow that says nothing about it. */
    private long unchanged(FlowFrame flow) {
        return early != null ? early.linkCredit() : credit.from(flow.hasDeliveryCount ? flow.deliveryCount : 0);
    }

    private void grant(Wish wish) {
        boolean owed = credit.granted(
                wish.hasDeliveryCount() ? wish.deliveryCount() : 0, wish.linkCredit(), wish.drain(), wish.echo());
        allow();
        if (transfers.waiting() + resuming() > 0) {
            session().waits(this);
        }
        boolean untold = activity.granted();
        if ((owed && !credit.drains()) || untold) {
            sendFlow(credit.exceedsQueue(), false);
        }
    }

    private void allow() {
        Consumer from = consumer;
        if (from != null && (resumption == null || !resumption.reducing())) {
            int room =
                    settled ? credit.left() : Math.max(0, session().settings().maxUnsettled() - unsettled);
            credit.allow(from, transfers.sent(), Math.min(room, Math.max(0, credit.left() - resuming())));
        }
    }

    @Override
    public void deliver(Delivery delivery) {
        if (sizeLimit.exceededBy(delivery) && (!settled || source.terms().browse())) {
            pass(delivery);
            return;
        }
        boolean next = transfers.waiting() + resuming() == 0 && transfers.complete() && credit.left() > 0;
        if (next && session().mayTransfer()) {
            try {
                send(delivery);
            } catch (RuntimeException failure) {
                session().connection().failures().caught(session(), this, failure);
            }
        } else {
            transfers.add(delivery);
            session().waits(this);
        }
    }

    /** Leaves a message to others that the peer would not take (part 2, section 2.7.3, max-message-size). */
    private void pass(Delivery delivery) {
        if (!source.terms().browse()) {
            sizeLimit.pass(delivery);
        }
        session().connection().failures().log("message passed by", sizeLimit.error(delivery));
        transfers.pass(delivery);
        credit.passed();
        session().dirty(this);
    }

    /** Sends a part of what waits; whether more could follow at once. */
    boolean sendWaiting() {
        if (!isAttached()) {
            return false;
        }
        if (!transfers.complete()) {
            transfers.write();
        } else if (maySend() && resuming() > 0) {
            sendResumed();
        } else if (maySend()) {
            send(transfers.next());
        }
        answerDrain();
        return transfers.complete() ? maySend() : transfers.mayWrite();
    }

    private boolean maySend() {
        return credit.left() > 0 && transfers.waiting() + resuming() > 0;
    }

    private void sendResumed() {
        Resumption resumed = Objects.requireNonNull(resumption);
        SourceState.Sent ended = resumed.nextEnded();
        int id = session().nextDeliveryId();
        credit.take();
        if (ended != null) {
            session().send(ended.settling(handle(), id, transfers.tags()));
            session().transferred(1);
        } else {
            SourceState.Sent again = resumed.next();
            unsettled++;
            session().unsettled().add(id, this, again.delivery);
            transfers.resume(again, id);
            transfers.write();
        }
        if (resumed.size() == 0) {
            session().dirty(this); // the rest of the credit is the queue's
        }
    }

    private void send(Delivery delivery) {
        int id = session().nextDeliveryId();
        credit.take();
        Binary within = outcomes.sending(delivery, id);
        if (resumption == null) {
            transfers.begin(delivery, id, settled, within);
        } else {
            transfers.begin(delivery, id, resumption.state().sent(delivery), within);
        }
        if (!settled) {
            unsettled++;
            session().unsettled().add(id, this, delivery);
        }
        transfers.write();
    }

    @Override
    public void more() {
        session().waits(this);
    }

    @Override
    public void lost(StoreException failure, boolean damaged) {
        Consumer from = consumer;
        boolean owed = from != null && !settled && !source.terms().browse();
        Delivery delivery = owed ? transfers.loseUnfinished() : null;
        if (from != null && delivery != null) {
            // A damaged body will not get better: its queue's dead letters are the place to look at it.
            String why = String.valueOf(failure.getMessage());
            Outcome outcome = damaged
                    ? new Outcome.Rejected(AmqpError.INTERNAL_ERROR.toString(), why)
                    : new Outcome.Modified(true, false, Map.of());
            from.settle(delivery, outcome, false);
            forget(delivery);
        }
        session()
                .connection()
                .failures()
                .caught(session(), this, new LinkError(AmqpError.INTERNAL_ERROR, String.valueOf(failure.getMessage())));
    }

    /** The socket has taken what was written: the queue may hand over as much again. */
    void written() {
        Consumer from = consumer;
        long bytes = transfers.written();
        if (from != null && bytes > 0) {
            from.written(bytes);
        }
    }

    @Override
    public void drained() {
        if (credit.queueDrained(transfers.sent() + transfers.waiting())) {
            allow();
        } else {
            answerDrain();
        }
    }

    private void answerDrain() {
        if (credit.drained() && transfers.complete() && (transfers.waiting() + resuming() == 0 || credit.left() == 0)) {
            if (credit.giveUp()) {
                sendFlow(true, true);
            }
            credit.drainAnswered();
        }
    }

    /**
     * Says how things stand.
     *
     * @param all whether the queue has handed over all it has: only then is it known what is available
     * @param drained whether it answers a drain; before that, receivers would take it for the answer if it said so
     */
    private void sendFlow(boolean all, boolean drained) {
        FlowFrame flow = session().flowFor(this);
        credit.fill(flow);
        flow.drain = drained;
        flow.hasAvailable = all;
        flow.available = transfers.waiting();
        flow.properties(activity.untold());
        session().send(flow);
    }

    /**
     * The peer's disposition of one delivery.
     *
     * @param outcome null when the state was missing or not terminal
     * @return whether the session may forget the delivery
     */
    boolean disposed(
            Delivery delivery,
            int deliveryId,
            boolean peerSettled,
            @Nullable Outcome outcome,
            @Nullable DeliveryState state) {
        Consumer from = consumer;
        return from == null || outcomes.disposed(from, delivery, deliveryId, peerSettled, outcome, state);
    }

    /** The same where transactions have to do with it. */
    boolean disposed(Disposed told, @Nullable LocalTransaction within) {
        Consumer from = consumer;
        return from == null || outcomes.disposed(from, told, within);
    }

    /** Whether some of its deliveries are an affair of transactions. */
    boolean hasTransactional() {
        return outcomes.transactional();
    }

    /** A transaction that acquired a delivery is undone. */
    void takeBack(Delivery delivery) {
        if (transfers.writes(delivery)) {
            abandon();
            transfers.loseUnfinished();
        }
        Consumer from = consumer;
        if (from != null) {
            from.settle(delivery, Outcome.RELEASED, false);
        }
    }

    /** The peer told an outcome, and waits for us to settle. */
    void told(Delivery delivery, DeliveryState outcome) {
        if (resumption != null) {
            resumption.state().told(delivery, outcome);
        }
    }

    /** A delivery is settled. */
    void forget(Delivery delivery) {
        if (resumption != null) {
            resumption.state().forget(delivery);
        }
    }

    /** Settles a delivery of which the peer keeps the state until then. */
    void end(int deliveryId, @Nullable DeliveryState state) {
        session().unsettled().remove(deliveryId);
        settledOne();
        session().confirm(deliveryId, state == null ? Released.getInstance() : state);
    }

    /** The peer has settled a delivery, or we have. */
    void settledOne() {
        unsettled--;
        if (credit.capped() && unsettled <= session().settings().maxUnsettled() / 2) {
            credit.uncap();
            session().dirty(this);
        }
    }

    @Override
    public void settled(Delivery delivery, Outcome outcome) {
        try {
            if (resumption == null || !resumption.settled(delivery, outcome)) {
                outcomes.settled(delivery);
            }
        } catch (RuntimeException failure) {
            session().connection().failures().caught(session(), this, failure);
        }
    }

    @Override
    public void active(boolean now) {
        if (activity.changed(now) && isAttached()) {
            sendFlow(credit.exceedsQueue(), false);
        }
    }

    @Override
    void endOfTurn() {
        if (consumer != null) {
            sizeLimit.giveBack(consumer);
        }
        if (isAttached() && !credit.drained()) {
            allow();
        }
    }

    @Override
    public void closed(Refusal reason) {
        if (resumption != null && resumption.closed()) {
            return;
        }
        consumer = null;
        session().connection().failures().caught(session(), this, AmqpConditions.linkError(reason));
    }

    @Override
    void leaving(boolean closed) {
        unsubscribes = closed || source.terms().expiry().endsWithDetach();
    }

    @Override
    void abandon() {
        transfers.abort();
    }

    @Override
    void release(boolean lost) {
        Consumer from = consumer;
        consumer = null;
        if (from != null) {
            sizeLimit.giveBack(from);
        }
        transfers.release(unsent -> {
            // Nobody has seen it: not to be charged with the loss of the link.
            if (from != null && !settled && !source.terms().browse()) {
                from.settle(unsent, Outcome.RELEASED, false);
                forget(unsent);
            }
        });
        if (unsettled > 0) {
            if (from != null && resumption == null && outcomes.endsWithDefault()) {
                session().unsettled().forEach(this, left -> outcomes.endWithDefault(from, left));
            }
            session().unsettled().removeAll(this);
            unsettled = 0;
        }
        outcomes.clear();
        if (from == null
                || (!unsubscribes && resumption != null && resumption.suspends(from, source.identity(), lost))) {
            return;
        }
        session().connection().kept().leave(this, from, source.terms(), lost, unsubscribes);
    }
}
