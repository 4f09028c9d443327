package io.turnstone.amqp;

import io.turnstone.amqp.codec.FlowFrame;
import io.turnstone.amqp.codec.Symbols;
import io.turnstone.amqp.codec.TransferFrame;
import io.turnstone.amqp.error.LinkError;
import io.turnstone.amqp.error.SessionError;
import io.turnstone.amqp.management.BrokerNode;
import io.turnstone.amqp.management.NodePairs;
import io.turnstone.amqp.terms.AmqpAddress;
import io.turnstone.amqp.terms.AmqpConditions;
import io.turnstone.amqp.terms.Expiry;
import io.turnstone.amqp.terms.PublisherTerms;
import io.turnstone.amqp.terms.Termini;
import io.turnstone.api.Address;
import io.turnstone.api.Publisher;
import io.turnstone.api.Refusal;
import java.nio.ByteBuffer;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.UnsignedLong;
import org.apache.qpid.proton.amqp.messaging.Target;
import org.apache.qpid.proton.amqp.transport.AmqpError;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.ReceiverSettleMode;
import org.jspecify.annotations.Nullable;

/**
 * A link on which a peer publishes: has transfers put together to messages, these given to the core, and grants credit. We settle first, whatever the peer asked. Owned by the loop of its connection.
 */
final class IncomingLink extends Link implements Publisher.Listener {

    /** What the granted credit may bring in, judged by the messages so far: less credit for large ones. */
    private static final int CREDIT_BYTES = 8 << 20;
    /** The most credit before the first message, of which nothing is known. */
    private static final int FIRST_CREDIT = 128;

    /** The most credit where each message is a transaction with what is kept of it, of which a connection may have 256. */
    private static final int KEPT_CREDIT = 100;

    /** How the session counts this link. */
    private enum Counted {
        NOT,
        OPEN,
        BLOCKED
    }

    private final @Nullable BrokerNode node;
    private final int mostCredit;
    private final LinkCredit credit;
    private @Nullable String dynamicAddress;
    private final IncomingMessages messages;
    private final MessageAssembly assembly;
    private final boolean settlesLast;
    /** One end could not show all that is unsettled: the peer may only resume (part 2, sections 2.6.13 and 2.7.3). */
    private boolean reducing;
    /** After a failure: deliveries that may be on the way, since they had credit. */
    private int discards;

    private int lastDiscarded;

    /** Mean size of the latest messages in bytes; -1 before the first. */
    private int meanSize = -1;

    private Counted counted = Counted.NOT;

    IncomingLink(AmqpSession session, LinkName name, Attach attach) {
        super(session, name, attach.getHandle().intValue());
        this.messages = new IncomingMessages(this, PublisherTerms.of(attach));
        this.node = BrokerNode.at(attach.getTarget());
        this.mostCredit = node != null ? NodePairs.CREDIT : session.settings().linkCredit();
        UnsignedInteger count = attach.getInitialDeliveryCount();
        this.credit = new LinkCredit(Math.min(FIRST_CREDIT, mostCredit), count == null ? 0 : count.intValue());
        this.settlesLast = attach.getRcvSettleMode() == ReceiverSettleMode.SECOND;
        this.assembly = new MessageAssembly(this, credit);
    }

    @Override
    @Nullable
    BrokerNode node() {
        return node;
    }

    @Override
    void open(Attach attach) {
        if (node != null) {
            messages.to(session().management().requests(attach, this));
            opened(attach, null);
            return;
        }
        LastingLink across = lasting();
        if (across != null && across.target() != null) {
            across.target().recover(attach);
            if (Expiry.of(attach.getTarget()).keepsUnsettled() && !KeptDelivery.fits(across.key())) {
                throw new LinkError(
                        AmqpError.RESOURCE_LIMIT_EXCEEDED,
                        "container-id and link name are too long for a target with durability unsettled-state; take"
                                + " shorter ones");
            }
        }
        AmqpAddress address =
                AmqpAddress.ofTarget(attach.getTarget(), session().connection().dynamicName(name()));
        if (address.address() instanceof Address.Anonymous) {
            messages.anonymous();
        }
        AmqpConnection connection = session().connection();
        connection
                .router()
                .openPublisher(address.address(), connection.peer(), connection.loop(), this)
                .whenComplete((opened, failure) -> connection.failures().guard(this, () -> {
                    messages.to(opened);
                    dynamicAddress = opened != null && opened.address() instanceof Address.Dynamic made
                            ? AmqpAddress.write(made.name(), address.dialect())
                            : null;
                    opened(attach, failure);
                }));
    }

    @Override
    Attach accepted(Attach asked) {
        Attach reply = reply(asked);
        reply.setRcvSettleMode(second() ? ReceiverSettleMode.SECOND : ReceiverSettleMode.FIRST);
        LastingLink across = lasting();
        TargetState state = across == null ? null : across.target();
        if (across != null && state != null && across.heldBy(this)) {
            across.expiry(Expiry.of(asked.getTarget()));
            if (state.durable()) {
                credit.window(KEPT_CREDIT);
            }
            var shown = new UnsettledMap(session().connection().out().maxTransferSize());
            state.compare(asked, shown);
            shown.write(reply);
            reducing = !shown.complete() || asked.getIncompleteUnsettled();
        }
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
        countForSession(messages.publisher());
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
        return node != null ? NodePairs.MAX_REQUEST : session().settings().maxMessageBytes();
    }

    /** One transfer frame; the payload is read here and not kept. */
    void transfer(TransferFrame transfer, ByteBuffer payload) {
        if (isAttached()) {
            assembly.transfer(transfer, payload);
        } else {
            discard(transfer);
        }
    }

    /** Whether its unsettled state survives the broker. */
    private boolean keeps() {
        LastingLink across = lasting();
        return across != null && across.expiry().keepsUnsettled();
    }

    /** Whether its sender settles before we do. */
    boolean second() {
        return settlesLast && lasting() != null;
    }

    /**
     * A delivery begins.
     *
     * @param first whether it is to be settled at once, whatever the link does
     */
    void begins(boolean resume, boolean first) {
        messages.begins(first || !settlesLast, credit.deliveryCount());
        if (reducing && !resume) {
            throw new LinkError(
                    AmqpError.NOT_ALLOWED,
                    "a new delivery came on a link with field incomplete-unsettled; resume what is unsettled, then detach"
                            + " and attach again");
        }
    }

    /** The peer gave up the delivery that began last. */
    void aborted(boolean resume, byte[] tag) {
        if (resume) {
            messages.abortedResume(tag);
        }
        credit.aborted();
        checkCredit();
    }

    /** Whether a refusal has to name the delivery-tag. */
    boolean needsTag(boolean settled) {
        return messages.needsTag(settled);
    }

    /** The last transfer of a message has come. */
    void arrived(byte[] bytes, int id, boolean settled, boolean resume, byte[] tag, @Nullable LocalTransaction within) {
        if (resume) {
            resumed(tag, id, settled);
            return;
        }
        measure(bytes.length);
        messages.arrived(bytes, id, settled, tag, within);
    }

    /** The last transfer of a message in a file has come. */
    void arrived(Arrival arrival) {
        measure(session().settings().spoolBytes());
        messages.arrived(arrival);
    }

    /** Part 2, section 2.6.13: a resumed delivery, which we have; or else it is ignored. */
    void resumed(byte[] tag, int id, boolean settled) {
        messages.resumed(tag, id, settled);
        checkCredit();
    }

    @Override
    void flow(FlowFrame flow) {
        if (flow.hasDeliveryCount) {
            credit.sender(flow.deliveryCount);
        }
        if (isAttached()) {
            if (flow.echo) {
                sendFlow(credit);
            }
            checkCredit();
        }
    }

    /** Credit may have to be given or taken back, at the end of the turn. */
    void checkCredit() {
        if (credit.low() || credit.high()) {
            session().dirty(this);
        }
    }

    private void measure(int size) {
        meanSize = meanSize < 0 ? size : meanSize + ((size - meanSize) >> 3);
        int most = keeps() ? KEPT_CREDIT : mostCredit;
        credit.window(meanSize <= CREDIT_BYTES / most ? most : Math.max(1, CREDIT_BYTES / meanSize));
        checkCredit();
    }

    @Override
    void endOfTurn() {
        Publisher to = messages.publisher();
        if (!isAttached() || to == null || session().connection().stopping()) {
            return;
        }
        int before = credit.left();
        int ended = credit.end();
        if (!to.open()) {
            credit.revoke();
        } else if (credit.low()) {
            credit.grant(session().settings().maxUnsettled() - messages.unsettled());
        } else if (credit.high()) {
            credit.lower();
        }
        if (credit.left() != before) {
            messages.granted(ended);
            sendFlow(credit);
        }
    }

    @Override
    public void flow(boolean open) {
        if (isAttached()) {
            countForSession(messages.publisher());
            session().dirty(this);
        }
    }

    @Override
    public void closed(Refusal reason) {
        messages.to(null);
        session().connection().failures().caught(session(), this, AmqpConditions.linkError(reason));
    }

    @Override
    void abandon() {}

    @Override
    void release(boolean lost) {
        discards = credit.onTheWay();
        assembly.abandon();
        countForSession(null);
        messages.release();
    }

    /** Part 2, section 2.6.5: what had credit when the link failed may still arrive; more is an errant link. */
    private void discard(TransferFrame transfer) {
        if (state() == State.OPENING) {
            throw new LinkError(
                    Symbols.TRANSFER_LIMIT_EXCEEDED, "a transfer came before the link had any credit; wait for a flow");
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
