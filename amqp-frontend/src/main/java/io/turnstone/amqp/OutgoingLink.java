package io.turnstone.amqp;

import io.turnstone.amqp.codec.FlowFrame;
import io.turnstone.amqp.codec.FrameWriter;
import io.turnstone.amqp.codec.Serial;
import io.turnstone.amqp.codec.Symbols;
import io.turnstone.amqp.error.LinkError;
import io.turnstone.amqp.management.ManagementPairs;
import io.turnstone.amqp.message.BodyStream;
import io.turnstone.amqp.message.TransferWriter;
import io.turnstone.amqp.terms.AmqpAddress;
import io.turnstone.amqp.terms.AmqpConditions;
import io.turnstone.amqp.terms.ConsumerTerms;
import io.turnstone.api.Consumer;
import io.turnstone.api.Delivery;
import io.turnstone.api.Outcome;
import io.turnstone.api.Refusal;
import io.turnstone.api.store.StoreException;
import java.util.ArrayDeque;
import java.util.Map;
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

    private static final int TAG_LENGTH = 8;
    /** Bytes of one message that are written before another link gets its turn. */
    private static final int SLICE = 256 * 1024;

    /** What the peer's latest flow said; flows that come before the link is attached are only remembered. */
    private record Wish(boolean hasDeliveryCount, int deliveryCount, long linkCredit, boolean drain, boolean echo) {}

    /** Whether it is in its session's line of links with something to send. */
    boolean queued;

    /** Whether it is in its connection's list of links whose queue has to hear what was written. */
    boolean reporting;

    private final Activity activity = new Activity();
    private final TransferWriter writer = new TransferWriter();
    /** Handed over by the queue; the session's window or the socket has no room yet. Bounded by the byte budget. */
    private final ArrayDeque<Delivery> waiting = new ArrayDeque<>();

    private final DeliveryOutcomes outcomes = new DeliveryOutcomes(this);
    private final byte[] tag = new byte[TAG_LENGTH];
    private final boolean managing;
    private final boolean settled;
    private @Nullable Consumer consumer;
    private @Nullable String dynamicAddress;
    private ConsumerTerms terms = ConsumerTerms.NONE;
    private @Nullable Wish early;

    /** Deliveries begun on the wire, which is also what their tags count. */
    private long sent;
    /** The protocol's: deliveries sent and credit given up in a drain, as a serial number. */
    private int deliveryCount;

    private int credit;
    /** What the peer's latest flow said. */
    private boolean drain;
    /** The queue drains and has not answered: it is asked nothing more until then, so that no drain is cancelled. */
    private boolean draining;
    /** What the peer wants has changed while the queue drained. */
    private boolean changed;
    /** The queue has answered the latest drain; the peer hears of it when what waits has left. */
    private boolean drained;
    /** An answer is owed to a drain, whatever transfers it brought. */
    private boolean drainOwed;

    /** How many deliveries the queue may have made in total. */
    private long allowed;

    private int unsettled;
    /** Some of the peer's credit was kept from the queue, because too much is unsettled. */
    private boolean capped;
    /** The delivery that is being written. */
    private @Nullable Delivery unfinished;
    /** Its bytes. */
    private long sending;

    /** Bytes that left and that the queue has not heard of. */
    private long unreported;

    OutgoingLink(AmqpSession session, LinkName name, Attach attach) {
        super(session, name, attach.getHandle().intValue());
        managing = ManagementPairs.isAt(attach.getSource());
        settled = managing || attach.getSndSettleMode() == SenderSettleMode.SETTLED;
    }

    @Override
    boolean managing() {
        return managing;
    }

    @Override
    void open(Attach attach) {
        if (managing) {
            consumer = session().management().responses(attach, this);
            opened(attach, null);
            return;
        }
        AmqpConnection connection = session().connection();
        terms = ConsumerTerms.of(
                attach, connection.dynamicName(name()), connection.router().topology());
        outcomes.terms(terms.browse(), settled, terms.defaultOutcome());
        var request =
                terms.request(connection.peer(), settled, session().settings().linkByteBudget());
        connection
                .router()
                .openConsumer(request, connection.loop(), this)
                .whenComplete((opened, failure) -> connection.failures().guard(this, () -> {
                    consumer = opened;
                    dynamicAddress = opened != null && terms.address().isMade()
                            ? AmqpAddress.write(opened.queue(), terms.address().dialect())
                            : null;
                    opened(attach, failure);
                }));
    }

    @Override
    Attach accepted(Attach asked) {
        Attach reply = reply(asked);
        if (managing) {
            reply.setSndSettleMode(SenderSettleMode.SETTLED);
        }
        reply.setSource(terms.source(asked.getSource(), dynamicAddress));
        reply.setTarget(asked.getTarget());
        reply.setOfferedCapabilities(Symbols.withFilters());
        return reply;
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
                flow.hasLinkCredit ? flow.linkCredit : credit,
                flow.drain,
                flow.echo || (early != null && early.echo()));
        if (isAttached()) {
            grant(wish);
        } else if (state() == State.OPENING) {
            early = wish;
        }
    }

    /** Part 2, section 2.6.7: the receiver's delivery-count and credit, less what it had not seen yet. */
    private void grant(Wish wish) {
        int seen = wish.hasDeliveryCount() ? wish.deliveryCount() : 0;
        long total = Math.min(wish.linkCredit(), Integer.MAX_VALUE);
        credit = (int) Math.max(0, total - Serial.distance(seen, deliveryCount));
        drain = wish.drain();
        drained = false;
        boolean owed = drainOwed || wish.echo();
        drainOwed = drain && (owed || total == 0);
        allow();
        if (!waiting.isEmpty()) {
            session().waits(this);
        }
        boolean untold = activity.granted();
        if ((owed && !drain) || untold) {
            sendFlow();
        }
    }

    private void allow() {
        int room = settled ? credit : Math.max(0, session().settings().maxUnsettled() - unsettled);
        capped = room < credit;
        Consumer from = consumer;
        if (from == null) {
            return;
        }
        changed = draining;
        if (!draining) {
            // Before it is asked: the answer may come at once.
            draining = drain;
            allowed = sent + Math.min(credit, room);
            from.flow(allowed, drain);
        }
    }

    @Override
    public void deliver(Delivery delivery) {
        if (waiting.isEmpty() && writer.complete() && credit > 0 && session().mayTransfer()) {
            try {
                send(delivery);
            } catch (RuntimeException failure) {
                session().connection().failures().caught(session(), this, failure);
            }
        } else {
            waiting.add(delivery);
            session().waits(this);
        }
    }

    /** Sends a part of what waits; whether more could follow at once. */
    boolean sendWaiting() {
        if (!isAttached()) {
            return false;
        }
        if (!writer.complete()) {
            write();
        } else if (credit > 0 && !waiting.isEmpty()) {
            send(waiting.remove());
        }
        answerDrain();
        return writer.complete() ? credit > 0 && !waiting.isEmpty() : mayWrite();
    }

    private boolean mayWrite() {
        return writer.ready(session().connection().out().maxTransferSize());
    }

    private void send(Delivery delivery) {
        int id = session().nextDeliveryId();
        long number = sent++;
        for (int i = TAG_LENGTH - 1; i >= 0; i--, number >>>= Byte.SIZE) {
            tag[i] = (byte) number;
        }
        deliveryCount++;
        credit--;
        unfinished = delivery;
        sending = delivery.message().size();
        Binary within = outcomes.sending(delivery, id);
        writer.within(within == null ? null : within.getArray());
        writer.begin(
                id,
                tag,
                settled,
                delivery,
                Map.of(),
                session().connection().loop().now(),
                session().connection().spooling().stream(delivery.message(), this));
        if (!settled) {
            unsettled++;
            session().unsettled().add(id, this, delivery);
        }
        write();
    }

    private void write() {
        FrameWriter out = session().connection().out();
        int slice = Math.max(1, SLICE / out.maxTransferSize());
        int frames = writer.write(
                session().channel(),
                handle(),
                out.maxTransferSize(),
                Math.min(slice, session().sendable()),
                out);
        session().transferred(frames);
        if (writer.complete()) {
            // Counted as the queue counts it: what annotations add on the wire is not in its budget.
            unfinished = null;
            unreported += sending;
            if (unreported >= session().settings().linkByteBudget() / 4) {
                session().connection().turnEnd().written(this);
            }
        } else if (mayWrite()) {
            session().waits(this);
        }
    }

    @Override
    public void more() {
        session().waits(this);
    }

    @Override
    public void lost(StoreException failure, boolean damaged) {
        Consumer from = consumer;
        Delivery delivery = unfinished;
        if (from != null && delivery != null && !settled && !terms.browse()) {
            // A damaged body will not get better: its queue's dead letters are the place to look at it.
            unfinished = null;
            String why = String.valueOf(failure.getMessage());
            Outcome outcome = damaged
                    ? new Outcome.Rejected(AmqpError.INTERNAL_ERROR.toString(), why)
                    : new Outcome.Modified(true, false, Map.of());
            from.settle(delivery, outcome, false);
        }
        session()
                .connection()
                .failures()
                .caught(session(), this, new LinkError(AmqpError.INTERNAL_ERROR, String.valueOf(failure.getMessage())));
    }

    /** The socket has taken what was written: the queue may hand over as much again. */
    void written() {
        Consumer from = consumer;
        long bytes = unreported;
        unreported = 0;
        if (from != null && bytes > 0) {
            from.written(bytes);
        }
    }

    @Override
    public void drained() {
        draining = false;
        if (changed) {
            allow();
        } else {
            // Where we stopped the queue there may be more: it is asked again when the peer has settled some.
            boolean stopped = capped && sent + waiting.size() == allowed;
            drained = drain && !stopped;
            answerDrain();
        }
    }

    /**
     * Gives up what credit is left once everything that was handed over is sent. When transfers had used it all up, they
     * are the answer: a flow behind them would take back the credit that receivers may have given since.
     */
    private void answerDrain() {
        if (drained && writer.complete() && (waiting.isEmpty() || credit == 0)) {
            drained = false;
            if (credit > 0 || drainOwed) {
                drainOwed = false;
                deliveryCount += credit;
                credit = 0;
                sendFlow();
            }
            drain = false;
        }
    }

    private void sendFlow() {
        FlowFrame flow = session().flowFor(this);
        flow.hasDeliveryCount = true;
        flow.deliveryCount = deliveryCount;
        flow.hasLinkCredit = true;
        flow.linkCredit = credit;
        flow.hasAvailable = true;
        flow.available = waiting.size();
        flow.drain = drain;
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
        if (delivery == unfinished) {
            abandon();
            unfinished = null;
        }
        Consumer from = consumer;
        if (from != null) {
            from.settle(delivery, Outcome.RELEASED, false);
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
        if (capped && unsettled <= session().settings().maxUnsettled() / 2) {
            capped = false;
            session().dirty(this);
        }
    }

    @Override
    public void settled(Delivery delivery, Outcome outcome) {
        try {
            outcomes.settled(delivery);
        } catch (RuntimeException failure) {
            session().connection().failures().caught(session(), this, failure);
        }
    }

    @Override
    public void active(boolean now) {
        if (activity.changed(now) && isAttached()) {
            sendFlow();
        }
    }

    @Override
    void endOfTurn() {
        if (isAttached() && !drained) {
            allow();
        }
    }

    @Override
    public void closed(Refusal reason) {
        consumer = null;
        session().connection().failures().caught(session(), this, AmqpConditions.linkError(reason));
    }

    /** What has not left, or only in part, nobody has seen: not to be charged with the loss of the link. */
    private void giveBackUnsent() {
        Consumer from = consumer;
        if (from != null && !settled && !terms.browse()) {
            if (unfinished != null) {
                from.settle(unfinished, Outcome.RELEASED, false);
            }
            for (Delivery delivery = waiting.poll(); delivery != null; delivery = waiting.poll()) {
                from.settle(delivery, Outcome.RELEASED, false);
            }
        }
        waiting.clear();
        unfinished = null;
    }

    @Override
    void abandon() {
        if (!writer.complete()) {
            writer.abort(session().channel(), handle(), session().connection().out());
            session().transferred(1);
        }
    }

    @Override
    void release(boolean lost) {
        writer.discard();
        giveBackUnsent();
        outcomes.clear();
        if (unsettled > 0) {
            session().unsettled().removeAll(this);
            unsettled = 0;
        }
        Consumer from = consumer;
        consumer = null;
        if (from != null) {
            from.close(lost);
        }
    }
}
