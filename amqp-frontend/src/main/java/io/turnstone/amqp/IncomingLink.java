package io.turnstone.amqp;

import io.turnstone.amqp.codec.FlowFrame;
import io.turnstone.amqp.codec.Symbols;
import io.turnstone.amqp.codec.TransferFrame;
import io.turnstone.amqp.error.LinkError;
import io.turnstone.amqp.error.SessionError;
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
import org.apache.qpid.proton.amqp.messaging.Target;
import org.apache.qpid.proton.amqp.transport.AmqpError;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.DeliveryState;
import org.apache.qpid.proton.amqp.transport.DeliveryState.DeliveryStateType;
import org.apache.qpid.proton.amqp.transport.ErrorCondition;
import org.apache.qpid.proton.amqp.transport.ReceiverSettleMode;
import org.jspecify.annotations.Nullable;

/**
 * A link on which a peer publishes: puts transfers together to messages, gives them to the core, answers with
 * outcomes, and grants credit. We settle first, whatever the peer asked. Owned by the loop of its connection.
 */
final class IncomingLink extends Link implements Publisher.Listener {

    private static final byte[] EMPTY = {};

    /** What the granted credit may bring in, judged by the messages so far: less credit for large ones. */
    private static final int CREDIT_BYTES = 8 << 20;
    /** The most credit before the first message, of which nothing is known. */
    private static final int FIRST_CREDIT = 128;
    /** Beyond its size, so much may a message count for because its transfers are tiny. */
    private static final int TINY_TRANSFERS_BYTES = 64 * 1024;

    /** How the session counts this link. */
    private enum Counted {
        NOT,
        OPEN,
        BLOCKED
    }

    private final LinkCredit credit;
    private final MessageScan scan = new MessageScan();
    private @Nullable Publisher publisher;
    private @Nullable String dynamicAddress;
    private boolean anonymous;
    private final PublisherTerms terms;
    private @Nullable PartialMessage partial;
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
        UnsignedInteger count = attach.getInitialDeliveryCount();
        this.credit = new LinkCredit(
                Math.min(FIRST_CREDIT, session.settings().linkCredit()), count == null ? 0 : count.intValue());
    }

    @Override
    void open(Attach attach) {
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
        reply.setMaxMessageSize(UnsignedLong.valueOf(session().settings().maxMessageBytes()));
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

    /** One transfer frame; the payload is read here and not kept. */
    void transfer(TransferFrame transfer, ByteBuffer payload) {
        if (!isAttached()) {
            discard(transfer);
            return;
        }
        PartialMessage begun = partial;
        if (begun == null) {
            begin(transfer);
            if (transfer.aborted) {
                aborted();
            } else if (!transfer.more) {
                whole(transfer, payload);
            } else {
                begun = new PartialMessage(transfer);
                partial = begun;
                add(begun, transfer, payload);
            }
            return;
        }
        begun.check(transfer);
        if (transfer.aborted) {
            forgetPartial(begun);
            aborted();
            return;
        }
        add(begun, transfer, payload);
        if (!transfer.more) {
            forgetPartial(begun);
            deliver(begun.join(), begun.deliveryId(), begun.settled(), transfer.resume, begun.tag());
        }
    }

    /** The checks of a delivery's first transfer. */
    private void begin(TransferFrame transfer) {
        if (!transfer.hasDeliveryId) {
            throw new LinkError(AmqpError.INVALID_FIELD, "the first transfer of a delivery must have a delivery-id");
        }
        if (!transfer.hasTag()) {
            throw new LinkError(AmqpError.INVALID_FIELD, "the first transfer of a delivery must have a delivery-tag");
        }
        if (transfer.hasMessageFormat && transfer.messageFormat != 0) {
            throw new LinkError(
                    AmqpError.NOT_IMPLEMENTED,
                    "message-format " + Integer.toUnsignedString(transfer.messageFormat) + " is not known; use 0");
        }
        boolean settled = transfer.hasSettled && transfer.settled;
        if (transfer.rcvSettleMode == 1 && !settled) {
            throw new LinkError(
                    AmqpError.NOT_ALLOWED,
                    "a transfer asks for rcv-settle-mode second, but the link was attached with first");
        }
        var state = transfer.state();
        if (state != null && state.getType() == DeliveryStateType.Transactional) {
            throw new LinkError(AmqpError.NOT_IMPLEMENTED, "transactions are not offered; send without a txn-id");
        }
        if (!credit.take()) {
            throw new LinkError(
                    Symbols.TRANSFER_LIMIT_EXCEEDED,
                    "delivery " + Integer.toUnsignedString(transfer.deliveryId)
                            + " came without credit; wait for a flow before sending more");
        }
    }

    private void whole(TransferFrame transfer, ByteBuffer payload) {
        checkSize(payload.remaining());
        var bytes = new byte[payload.remaining()];
        payload.get(bytes);
        boolean settled = transfer.hasSettled && transfer.settled;
        byte[] tag = anonymous && settled ? transfer.tag() : EMPTY;
        deliver(bytes, transfer.deliveryId, settled, transfer.resume, tag);
    }

    private void add(PartialMessage begun, TransferFrame transfer, ByteBuffer payload) {
        checkSize(begun.size() + payload.remaining());
        int charge = PartialMessage.charge(payload);
        if (begun.charged() + charge > session().settings().maxMessageBytes() + TINY_TRANSFERS_BYTES) {
            throw new LinkError(
                    AmqpError.RESOURCE_LIMIT_EXCEEDED, "a message comes in too many tiny transfers; fill the frames");
        }
        session().connection().limits().partial(charge);
        begun.add(transfer, payload);
    }

    private void checkSize(long size) {
        long most = session().settings().maxMessageBytes();
        if (size > most) {
            throw new LinkError(
                    Symbols.MESSAGE_SIZE_EXCEEDED, "a message of more than " + most + " bytes, the max-message-size");
        }
    }

    private void aborted() {
        credit.aborted();
        checkCredit();
    }

    private void forgetPartial(PartialMessage begun) {
        session().connection().limits().partial(-begun.charged());
        partial = null;
    }

    private void deliver(byte[] bytes, int id, boolean settled, boolean resume, byte[] tag) {
        measure(bytes.length);
        checkCredit();
        if (resume) {
            // Part 2, section 2.6.13: ignored unless it is in our unsettled map, which is always empty at attach.
            return;
        }
        AmqpMessage message = read(bytes);
        Publisher to = publisher;
        if (to == null) {
            return;
        }
        if (anonymous) {
            relay(to, message, id, settled, tag);
        } else if (settled) {
            to.publish(message, null);
        } else {
            to.publish(message, pending(id));
        }
    }

    private IncomingDelivery pending(int id) {
        unsettled++;
        session().connection().publishing(1);
        return new IncomingDelivery(this, id);
    }

    private AmqpMessage read(byte[] bytes) {
        try {
            return scan.read(Body.Inline.of(bytes));
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
        int most = session().settings().linkCredit();
        credit.window(meanSize <= CREDIT_BYTES / most ? most : Math.max(1, CREDIT_BYTES / meanSize));
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
        PartialMessage begun = partial;
        if (begun != null) {
            forgetPartial(begun);
        }
        if (unsettled > 0) {
            session().connection().publishing(-unsettled);
        }
        Publisher to = publisher;
        publisher = null;
        countForSession(null);
        if (to != null) {
            to.close();
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
