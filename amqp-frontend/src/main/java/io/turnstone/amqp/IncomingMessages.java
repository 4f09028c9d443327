package io.turnstone.amqp;

import io.turnstone.amqp.codec.Symbols;
import io.turnstone.amqp.error.LinkError;
import io.turnstone.amqp.message.AmqpMessage;
import io.turnstone.amqp.message.AmqpMessageException;
import io.turnstone.amqp.message.MessageScan;
import io.turnstone.amqp.terms.AmqpAddress;
import io.turnstone.amqp.terms.AmqpConditions;
import io.turnstone.amqp.terms.Destination;
import io.turnstone.amqp.terms.Outcomes;
import io.turnstone.amqp.terms.PublisherTerms;
import io.turnstone.api.Address;
import io.turnstone.api.Body;
import io.turnstone.api.Condition;
import io.turnstone.api.PublishOutcome;
import io.turnstone.api.Publisher;
import io.turnstone.api.Refusal;
import java.util.Map;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.Released;
import org.apache.qpid.proton.amqp.transport.AmqpError;
import org.apache.qpid.proton.amqp.transport.DeliveryState;
import org.apache.qpid.proton.amqp.transport.ErrorCondition;
import org.jspecify.annotations.Nullable;

/**
 * The messages of one incoming link: gives each to the core, in order, and tells the peer what became of it. Owned by
 * the loop of its connection.
 */
final class IncomingMessages {

    private final IncomingLink link;
    private final AmqpSession session;
    private final PublisherTerms terms;
    private final MessageScan scan = new MessageScan();
    private final Arrivals arrivals = new Arrivals(this);
    private @Nullable Publisher publisher;
    private boolean anonymous;
    /** The link is gone, and messages that came over it wait for one on its way into a file. */
    private @Nullable Publisher leaving;
    /** Messages whose outcome the peer waits for, or that it has to settle. */
    private int unsettled;
    /** Messages on their way through the core that are to be remembered. */
    private int unanswered;
    /** The delivery that began last is settled by us as soon as its outcome is known. */
    private boolean settlesFirst = true;

    private @Nullable String lastTo;
    private Destination lastDestination = Destination.ANY;
    private @Nullable Address lastAddress;

    IncomingMessages(IncomingLink link, PublisherTerms terms) {
        this.link = link;
        this.session = link.session();
        this.terms = terms;
    }

    /** What goes to the core goes here from now on; nowhere when the core gave it up. */
    void to(@Nullable Publisher opened) {
        publisher = opened;
    }

    /** Each message says where it goes. */
    void anonymous() {
        anonymous = true;
    }

    /** The way into the core, while there is one. */
    @Nullable
    Publisher publisher() {
        return publisher;
    }

    /** How many have no outcome yet. */
    int unsettled() {
        return unsettled;
    }

    /** Whether a refusal has to name the delivery-tag. */
    boolean needsTag(boolean settled) {
        return settled ? anonymous : memory() != null;
    }

    /** A whole message. */
    void arrived(byte[] bytes, int id, boolean settled, byte[] tag, @Nullable LocalTransaction within) {
        remember(id, settled, tag, within);
        if (arrivals.isEmpty()) {
            publish(Body.Inline.of(bytes), id, settled, tag, within);
        } else {
            arrivals.add(new Arrival(id, settled, tag, bytes, null, within));
        }
    }

    /** A message in a file, which may still be written. */
    void arrived(Arrival arrival) {
        remember(arrival.id(), arrival.settled(), arrival.tag(), arrival.within());
        arrivals.add(arrival);
    }

    /** The link is gone: outcomes are told to nobody; what still waits for a file is published nevertheless. */
    void release() {
        TargetState memory = memory();
        if (memory != null) {
            session.incoming().removeAll(memory.all());
            if (memory.link().heldBy(link)) {
                memory.suspend();
            }
        }
        if (unsettled > 0) {
            session.connection().publishing(-unsettled);
        }
        Publisher to = publisher;
        publisher = null;
        if (to != null && arrivals.isEmpty() && unanswered == 0) {
            to.close();
        } else {
            leaving = to;
        }
    }

    // ---- Deliveries that outlive the connection

    private @Nullable TargetState memory() {
        LastingLink across = link.lasting();
        return across == null ? null : across.target();
    }

    /** A delivery begins, which makes the delivery-count that. */
    void begins(boolean weSettleFirst, int deliveryCount) {
        settlesFirst = weSettleFirst;
        TargetState memory = memory();
        if (memory != null) {
            memory.counted(deliveryCount);
        }
    }

    /** A flow leaves, with credit beyond that delivery-count. */
    void granted(int end) {
        TargetState memory = memory();
        if (memory != null) {
            memory.granted(end);
        }
    }

    private void remember(int id, boolean settled, byte[] tag, @Nullable LocalTransaction within) {
        TargetState memory = memory();
        if (memory != null && !settled && within == null) {
            var delivery = new Remembered(memory, tag, this);
            memory.arrived(delivery);
            associate(delivery, id);
        }
    }

    private void associate(Remembered delivery, int id) {
        awaited();
        delivery.associate(this, id, settlesFirst);
        if (!settlesFirst) {
            session.incoming().add(delivery);
        }
    }

    /** A delivery is resumed that may be remembered. */
    void resumed(byte[] tag, int id, boolean settled) {
        TargetState memory = memory();
        Remembered known = memory == null ? null : memory.get(tag);
        if (known == null) {
            return;
        }
        if (settled) {
            known.settledBySender();
        } else {
            associate(known, id);
        }
    }

    private boolean durable() {
        TargetState memory = memory();
        return memory != null && memory.durable();
    }

    /** Of a durable target: the message, and that it was accepted, both or neither. */
    private void keep(Publisher to, Address address, AmqpMessage message, byte[] tag) {
        TargetState memory = memory();
        Remembered delivery = memory == null ? null : memory.get(tag);
        if (memory == null || delivery == null) {
            to.publish(address, message, null);
        } else {
            var both = KeptPublish.begin(session.connection(), memory.link(), delivery);
            unanswered++;
            to.publish(address, message, both.within(), both);
        }
    }

    /** Its sender says that it cannot be resumed. */
    void abortedResume(byte[] tag) {
        resumed(tag, 0, true);
    }

    /** The core's answer for a delivery that is remembered. */
    void answered(Remembered delivery, PublishOutcome outcome) {
        unanswered--;
        DeliveryState state = state(outcome);
        if (state == null) {
            delivery.refused();
        } else {
            delivery.ended(state);
        }
        Publisher last = leaving;
        if (last != null && unanswered == 0 && arrivals.isEmpty()) {
            leaving = null;
            last.close();
        }
    }

    /** What the peer is told; null when it cannot be told that, and its link fails. */
    private @Nullable DeliveryState state(PublishOutcome outcome) {
        LinkError why = null;
        if (outcome instanceof PublishOutcome.Refused refused) {
            why = AmqpConditions.linkError(refused.refusal());
        } else if (outcome instanceof PublishOutcome.Unroutable) {
            DeliveryState state = terms.unroutable();
            if (state != null) {
                return state;
            }
            why = PublisherTerms.notRouted();
        }
        if (why == null) {
            return Accepted.getInstance();
        }
        if (!terms.rejected()) {
            session.connection().failures().of(link, why);
            return null;
        }
        return Outcomes.rejection(why.asCondition());
    }

    /** It is known what became of a delivery that has an id here. */
    void tell(Remembered delivery) {
        DeliveryState state = delivery.outcome();
        if (publisher == null || state == null) {
            return;
        }
        if (!delivery.settlesFirst()) {
            session.incoming().tell(delivery.id(), state);
            return;
        }
        settle(delivery.id(), state);
        settledBySender();
    }

    /** A delivery is settled that had an id here. */
    void settledBySender() {
        if (publisher != null) {
            unsettled--;
            session.connection().publishing(-1);
            link.checkCredit();
        }
    }

    // ---- All deliveries

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
        } else if (!settled && durable()) {
            keep(to, to.address(), message, tag);
        } else if (settled) {
            to.publish(message, null);
        } else {
            to.publish(message, pending(id, tag));
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
            Address address = anonymous ? addressOf(message) : to.address();
            if (!settled) {
                awaited();
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
        session.connection().publishing(-1);
        if (state == Accepted.getInstance()) {
            within.accepted(session, id);
        } else if (state == Released.getInstance() || terms.rejected()) {
            within.settle(session, id, state);
        } else {
            throw new LinkError(AmqpError.PRECONDITION_FAILED, "a message of a transaction was refused");
        }
        link.checkCredit();
    }

    PublisherTerms terms() {
        return terms;
    }

    IncomingLink link() {
        return link;
    }

    /** It could not be written into a file. */
    private void lost(Arrival arrival) {
        var why = arrival.failure();
        if (arrival.within() != null) {
            arrival.within().core().fail(why);
        }
        if (!arrival.settled() && link.isAttached() && terms.rejected()) {
            reject(
                    arrival.id(),
                    arrival.tag(),
                    Outcomes.rejection(AmqpConditions.linkError(why).asCondition()));
        } else if (!arrival.settled() && link.isAttached()) {
            session.connection().failures().of(link, AmqpConditions.linkError(why));
        } else {
            TargetState memory = memory();
            Remembered delivery = memory == null ? null : memory.get(arrival.tag());
            if (delivery != null) {
                delivery.refused();
            }
            session.connection().failures().log("message dropped", AmqpConditions.linkError(why));
        }
    }

    /** A message did not get as far as the core. */
    private void reject(int id, byte[] tag, DeliveryState state) {
        TargetState memory = memory();
        Remembered delivery = memory == null ? null : memory.get(tag);
        if (delivery != null) {
            delivery.ended(state);
        } else {
            session.settle(id, state);
        }
    }

    /** Nothing waits for a file any more. */
    void arrivalsDone() {
        Publisher to = leaving;
        if (to != null && unanswered == 0) {
            leaving = null;
            to.close();
        }
    }

    private Publisher.@Nullable PublishListener pending(int id, byte[] tag) {
        TargetState memory = memory();
        if (memory != null) {
            Remembered delivery = memory.get(tag);
            unanswered += delivery == null ? 0 : 1;
            return delivery;
        }
        awaited();
        return new IncomingDelivery(this, id);
    }

    /** The peer waits for one more outcome, unless the link is gone over which it would hear of that. */
    private void awaited() {
        if (publisher != null) {
            unsettled++;
            session.connection().publishing(1);
        }
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
            address = addressOf(message);
        } catch (LinkError unusable) {
            if (settled) {
                throw withTag(unusable.asCondition(), tag);
            } else if (!terms.rejected()) {
                throw unusable;
            }
            reject(id, tag, Outcomes.rejection(unusable.asCondition()));
            return;
        }
        if (!settled && durable()) {
            keep(to, address, message, tag);
            return;
        }
        to.publish(address, message, settled ? IncomingDelivery.settled(this, id, tag) : pending(id, tag));
    }

    private Address addressOf(AmqpMessage message) {
        String to = message.to();
        Destination destination = Destination.of(message);
        Address known = lastAddress;
        if (known != null && destination == lastDestination && to != null && to.equals(lastTo)) {
            return known;
        }
        Address address = AmqpAddress.ofTo(to, destination).address();
        lastTo = to;
        lastDestination = destination;
        lastAddress = address;
        return address;
    }

    /** The core's answer for one unsettled delivery. */
    void published(int id, PublishOutcome outcome) {
        if (publisher == null) {
            return;
        }
        unsettled--;
        session.connection().publishing(-1);
        DeliveryState state = outcome instanceof PublishOutcome.Accepted ? Accepted.getInstance() : state(outcome);
        if (state != null) {
            settle(id, state);
        }
        link.checkCredit();
    }

    private void settle(int id, DeliveryState state) {
        if (state == Accepted.getInstance()) {
            session.accepted(id);
        } else if (state == Released.getInstance()) {
            session.released(id);
        } else {
            session.settle(id, state);
        }
    }

    /** A pre-settled message on the anonymous terminus was refused: its sender hears of it only by a detach. */
    void settledRefused(Refusal refusal, byte[] tag) {
        boolean forgivable =
                refusal.condition() == Condition.LIMIT_EXCEEDED || refusal.condition() == Condition.UNAVAILABLE;
        if (!forgivable) {
            session.connection().failures().of(link, withTag(AmqpConditions.of(refusal), tag));
        }
    }

    private static LinkError withTag(ErrorCondition error, byte[] tag) {
        return new LinkError(
                error.getCondition(), error.getDescription(), Map.of(Symbols.DELIVERY_TAG, new Binary(tag)));
    }
}
