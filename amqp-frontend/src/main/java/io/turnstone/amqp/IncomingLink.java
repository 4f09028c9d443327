package io.turnstone.amqp;

import io.turnstone.amqp.codec.FlowFrame;
import io.turnstone.amqp.codec.Symbols;
import io.turnstone.amqp.codec.TransferFrame;
import io.turnstone.amqp.error.LinkError;
import io.turnstone.amqp.error.SessionError;
import io.turnstone.amqp.management.ManagementPairs;
import io.turnstone.amqp.message.AmqpMessage;
import io.turnstone.amqp.message.AmqpMessageException;
import io.turnstone.amqp.message.MessageScan;
import io.turnstone.amqp.terms.AmqpAddress;
import io.turnstone.amqp.terms.AmqpConditions;
import io.turnstone.amqp.terms.Outcomes;
import io.turnstone.amqp.terms.PublisherTerms;
import io.turnstone.amqp.terms.Termini;
import io.turnstone.api.Address;
import io.turnstone.api.Body;
import io.turnstone.api.Condition;
import io.turnstone.api.PublishOutcome;
import io.turnstone.api.Publisher;
import io.turnstone.api.Refusal;
import java.nio.ByteBuffer;
import java.util.Map;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.UnsignedLong;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.Released;
import org.apache.qpid.proton.amqp.messaging.Target;
import org.apache.qpid.proton.amqp.transport.AmqpError;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.DeliveryState;
import org.apache.qpid.proton.amqp.transport.ErrorCondition;
import org.apache.qpid.proton.amqp.transport.ReceiverSettleMode;
import org.jspecify.annotations.Nullable;

/**
 * A link on which a peer publishes: puts transfers together to messages, gives them to the core, answers with
 * outcomes, and grants credit. We settle first, whatever the peer asked. Owned by the loop of its connection.
 */
final class IncomingLink extends Link implements Publisher.Listener {

    /** What the granted credit may bring in, judged by the messages so far: less credit for large ones. */
    private static final int CREDIT_BYTES = 8 << 20;
    /** The most credit before the first message, of which nothing is known. */
    private static final int FIRST_CREDIT = 128;

    /** How the session counts this link. */
    private enum Counted {
        NOT,
        OPEN,
        BLOCKED
    }

    private final boolean managing;
    private final int mostCredit;
    private final LinkCredit credit;
    private final MessageScan scan = new MessageScan();
    private @Nullable Publisher publisher;
    private @Nullable String dynamicAddress;
    private boolean anonymous;
    private final PublisherTerms terms;
    private final MessageAssembly assembly;
    private final Arrivals arrivals = new Arrivals(this);
    /** The link is gone, and messages that came over it wait for one on its way into a file. */
    private @Nullable Publisher leaving;
    /** Messages whose outcome the peer waits for. */
    private int unsettled;
    /** After a failure: deliveries that may be on the way, since they had credit. */
    private int discards;

    private int lastDiscarded;

    /** Mean size of the latest messages in bytes; -1 before the first. */
    private int meanSize = -1;

    private Counted counted = Counted.NOT;

    private @Nullable String lastTo;
    private @Nullable Address lastAddress;

    IncomingLink(AmqpSession session, LinkName name, Attach attach) {
        super(session, name, attach.getHandle().intValue());
        this.terms = PublisherTerms.of(attach);
        this.managing = ManagementPairs.isAt(attach.getTarget());
        this.mostCredit = managing ? ManagementPairs.CREDIT : session.settings().linkCredit();
        UnsignedInteger count = attach.getInitialDeliveryCount();
        this.credit = new LinkCredit(Math.min(FIRST_CREDIT, mostCredit), count == null ? 0 : count.intValue());
        this.assembly = new MessageAssembly(this, credit);
    }

    @Override
    boolean managing() {
        return managing;
    }

    @Override
    void open(Attach attach) {
        if (managing) {
            publisher = session().management().requests(attach, this);
            opened(attach, null);
            return;
        }
        AmqpAddress address =
                AmqpAddress.ofTarget(attach.getTarget(), session().connection().dynamicName(name()));
        anonymous = address.address() instanceof Address.Anonymous;
        AmqpConnection connection = session().connection();
        connection
                .router()
                .openPublisher(address.address(), connection.peer(), connection.loop(), this)
                .whenComplete((opened, failure) -> connection.failures().guard(this, () -> {
                    publisher = opened;
                    dynamicAddress = opened != null && opened.address() instanceof Address.Dynamic made
                            ? AmqpAddress.write(made.name(), address.dialect())
                            : null;
                    opened(attach, failure);
                }));
    }

    @Override
    Attach accepted(Attach asked) {
        Attach reply = reply(asked);
        // The receiver decides: publishers are settled as soon as the outcome is known.
        reply.setRcvSettleMode(ReceiverSettleMode.FIRST);
        reply.setSource(asked.getSource());
        reply.setTarget(
                Termini.target(asked.getTarget() instanceof Target target ? target : new Target(), dynamicAddress));
        if (Termini.contains(asked.getDesiredCapabilities(), Symbols.DELAYED_DELIVERY)) {
            reply.setOfferedCapabilities(Symbols.DELAYED_DELIVERY);
        }
        reply.setMaxMessageSize(UnsignedLong.valueOf(maxMessageBytes()));
        return reply;
    }

    @Override
    void attached() {
        countForSession(publisher);
        session().dirty(this);
    }

    /** The session's incoming window is closed when none of its links may publish. */
    private void countForSession(@Nullable Publisher present) {
        Counted now = Counted.NOT;
        if (present != null) {
            now = present.open() ? Counted.OPEN : Counted.BLOCKED;
        }
        if (now != counted) {
            session()
                    .publishers(
                            (now == Counted.NOT ? 0 : 1) - (counted == Counted.NOT ? 0 : 1),
                            (now == Counted.BLOCKED ? 1 : 0) - (counted == Counted.BLOCKED ? 1 : 0));
            counted = now;
        }
    }

    /** The largest message that may come, in bytes. */
    long maxMessageBytes() {
        return managing ? ManagementPairs.MAX_REQUEST : session().settings().maxMessageBytes();
    }

    /** One transfer frame; the payload is read here and not kept. */
    void transfer(TransferFrame transfer, ByteBuffer payload) {
        if (isAttached()) {
            assembly.transfer(transfer, payload);
        } else {
            discard(transfer);
        }
    }

    /** The peer gave up the delivery that began last. */
    void aborted() {
        credit.aborted();
        checkCredit();
    }

    /** Whether a refusal has to name the delivery-tag. */
    boolean needsTag(boolean settled) {
        return anonymous && settled;
    }

    /** The last transfer of a message has come. */
    void arrived(byte[] bytes, int id, boolean settled, boolean resume, byte[] tag, @Nullable LocalTransaction within) {
        if (resume) {
            // Part 2, section 2.6.13: ignored unless it is in our unsettled map, which is always empty at attach.
            ignored();
            return;
        }
        measure(bytes.length);
        if (arrivals.isEmpty()) {
            publish(Body.Inline.of(bytes), id, settled, tag, within);
        } else {
            arrivals.add(new Arrival(id, settled, tag, bytes, null, within));
        }
    }

    /** The last transfer of a message in a file has come. */
    void arrived(Arrival arrival) {
        measure(session().settings().spoolBytes());
        arrivals.add(arrival);
    }

    /** The last transfer has come of a message that is of no interest. */
    void ignored() {
        checkCredit();
    }

    /** Gives a message to the core, or says why it cannot be. */
    void publish(Arrival arrival) {
        Body body = arrival.body();
        if (body == null) {
            lost(arrival);
        } else {
            publish(body, arrival.id(), arrival.settled(), arrival.tag(), arrival.within());
        }
    }

    private void publish(Body body, int id, boolean settled, byte[] tag, @Nullable LocalTransaction within) {
        Publisher to = publisher == null ? leaving : publisher;
        if (to == null || within != null) {
            post(to, body, id, settled, tag, within);
            return;
        }
        AmqpMessage message = read(body);
        if (anonymous) {
            relay(to, message, id, settled, tag);
        } else if (settled) {
            to.publish(message, null);
        } else {
            to.publish(message, pending(id));
        }
    }

    /** In a transaction (part 4, section 4.4.1): whatever does not become of the message fails it. */
    private void post(
            @Nullable Publisher to, Body body, int id, boolean settled, byte[] tag, @Nullable LocalTransaction within) {
        if (within == null) {
            return;
        }
        try {
            if (to == null) {
                throw new LinkError(AmqpError.RESOURCE_DELETED, "what the link posted to is gone");
            }
            AmqpMessage message = read(body);
            Address address = anonymous ? addressOf(message.to()) : to.address();
            if (!settled) {
                unsettled++;
                session().connection().publishing(1);
            }
            to.publish(address, message, within.core(), new TransactionalPost(this, id, settled, within));
        } catch (LinkError unusable) {
            within.core().fail(new Refusal(Condition.INVALID, String.valueOf(unusable.description())));
            throw settled && anonymous ? withTag(unusable.asCondition(), tag) : unusable;
        }
    }

    /** How one delivery in a transaction ends if that is committed. */
    void posted(int id, boolean settled, DeliveryState state, LocalTransaction within) {
        if (settled || publisher == null) {
            return;
        }
        unsettled--;
        session().connection().publishing(-1);
        if (state == Accepted.getInstance()) {
            within.accepted(session(), id);
        } else if (state == Released.getInstance() || terms.rejected()) {
            within.settle(session(), id, state);
        } else {
            throw new LinkError(AmqpError.PRECONDITION_FAILED, "a message of a transaction was refused");
        }
        checkCredit();
    }

    PublisherTerms terms() {
        return terms;
    }

    /** It could not be written into a file. */
    private void lost(Arrival arrival) {
        var why = new Refusal(Condition.UNAVAILABLE, arrival.failureText());
        if (arrival.within() != null) {
            arrival.within().core().fail(why);
        }
        if (!arrival.settled() && isAttached()) {
            reject(arrival.id(), AmqpConditions.linkError(why));
        } else {
            session().connection().failures().log("message dropped", AmqpConditions.linkError(why));
        }
    }

    /** Nothing waits for a file any more. */
    void arrivalsDone() {
        Publisher to = leaving;
        leaving = null;
        if (to != null) {
            to.close();
        }
    }

    private IncomingDelivery pending(int id) {
        unsettled++;
        session().connection().publishing(1);
        return new IncomingDelivery(this, id);
    }

    private AmqpMessage read(Body body) {
        try {
            return scan.read(body);
        } catch (AmqpMessageException malformed) {
            throw new LinkError(AmqpError.DECODE_ERROR, String.valueOf(malformed.getMessage()));
        }
    }

    /** The anonymous terminus: each message says where it goes. */
    private void relay(Publisher to, AmqpMessage message, int id, boolean settled, byte[] tag) {
        Address address;
        try {
            address = addressOf(message.to());
        } catch (LinkError unusable) {
            if (settled) {
                throw withTag(unusable.asCondition(), tag);
            } else if (!terms.rejected()) {
                throw unusable;
            }
            session().settle(id, Outcomes.rejection(unusable.asCondition()));
            return;
        }
        to.publish(address, message, settled ? IncomingDelivery.settled(this, id, tag) : pending(id));
    }

    private Address addressOf(@Nullable String to) {
        Address known = lastAddress;
        if (known != null && to != null && to.equals(lastTo)) {
            return known;
        }
        Address address = AmqpAddress.ofTo(to).address();
        lastTo = to;
        lastAddress = address;
        return address;
    }

    /** The core's answer for one unsettled delivery. */
    void published(int id, PublishOutcome outcome) {
        if (publisher == null) {
            return;
        }
        unsettled--;
        session().connection().publishing(-1);
        if (outcome instanceof PublishOutcome.Accepted) {
            session().accepted(id);
        } else if (outcome instanceof PublishOutcome.Unroutable) {
            unroutable(id);
        } else if (outcome instanceof PublishOutcome.Refused refused) {
            reject(id, AmqpConditions.linkError(refused.refusal()));
        }
        checkCredit();
    }

    private void unroutable(int id) {
        DeliveryState state = terms.unroutable();
        if (state == null) {
            reject(id, PublisherTerms.notRouted());
        } else if (state == Accepted.getInstance()) {
            session().accepted(id);
        } else {
            session().released(id);
        }
    }

    private void reject(int id, LinkError why) {
        if (terms.rejected()) {
            session().settle(id, Outcomes.rejection(why.asCondition()));
        } else {
            session().connection().failures().of(this, why);
        }
    }

    /** A pre-settled message on the anonymous terminus was refused: its sender hears of it only by a detach. */
    void settledRefused(Refusal refusal, byte[] tag) {
        boolean forgivable =
                refusal.condition() == Condition.LIMIT_EXCEEDED || refusal.condition() == Condition.UNAVAILABLE;
        if (!forgivable) {
            session().connection().failures().of(this, withTag(AmqpConditions.of(refusal), tag));
        }
    }

    private static LinkError withTag(ErrorCondition error, byte[] tag) {
        return new LinkError(
                error.getCondition(), error.getDescription(), Map.of(Symbols.DELIVERY_TAG, new Binary(tag)));
    }

    @Override
    void flow(FlowFrame flow) {
        if (flow.hasDeliveryCount) {
            credit.sender(flow.deliveryCount);
        }
        if (isAttached()) {
            if (flow.echo) {
                sendFlow();
            }
            checkCredit();
        }
    }

    private void checkCredit() {
        if (credit.low() || credit.high()) {
            session().dirty(this);
        }
    }

    private void measure(int size) {
        meanSize = meanSize < 0 ? size : meanSize + ((size - meanSize) >> 3);
        int most = mostCredit;
        credit.window(meanSize <= CREDIT_BYTES / most ? most : Math.max(1, CREDIT_BYTES / meanSize));
        checkCredit();
    }

    @Override
    void endOfTurn() {
        Publisher to = publisher;
        if (!isAttached() || to == null || session().connection().stopping()) {
            return;
        }
        int before = credit.left();
        if (!to.open()) {
            credit.revoke();
        } else if (credit.low()) {
            credit.grant(session().settings().maxUnsettled() - unsettled);
        } else if (credit.high()) {
            credit.lower();
        }
        if (credit.left() != before) {
            sendFlow();
        }
    }

    private void sendFlow() {
        FlowFrame flow = session().flowFor(this);
        flow.hasDeliveryCount = true;
        flow.deliveryCount = credit.deliveryCount();
        flow.hasLinkCredit = true;
        flow.linkCredit = credit.left();
        session().send(flow);
    }

    @Override
    public void flow(boolean open) {
        if (isAttached()) {
            countForSession(publisher);
            session().dirty(this);
        }
    }

    @Override
    public void closed(Refusal reason) {
        publisher = null;
        session().connection().failures().caught(session(), this, AmqpConditions.linkError(reason));
    }

    @Override
    void abandon() {}

    @Override
    void release(boolean lost) {
        discards = credit.onTheWay();
        assembly.abandon();
        if (unsettled > 0) {
            session().connection().publishing(-unsettled);
        }
        Publisher to = publisher;
        publisher = null;
        countForSession(null);
        if (to != null && arrivals.isEmpty()) {
            to.close();
        } else {
            leaving = to;
        }
    }

    /** Part 2, section 2.6.5: what had credit when the link failed may still arrive; more is an errant link. */
    private void discard(TransferFrame transfer) {
        if (state() == State.OPENING) {
            throw new LinkError(Symbols.TRANSFER_LIMIT_EXCEEDED, "a transfer came before the link had any credit");
        }
        if (transfer.hasDeliveryId && transfer.deliveryId != lastDiscarded) {
            lastDiscarded = transfer.deliveryId;
            if (--discards < -1) {
                throw new SessionError(
                        Symbols.ERRANT_LINK,
                        "transfers go on, on handle " + Integer.toUnsignedString(remoteHandle())
                                + ", which was detached with an error; answer with a detach");
            }
        }
    }
}
