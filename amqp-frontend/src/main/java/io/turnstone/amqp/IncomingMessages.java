package io.turnstone.amqp;

import io.turnstone.amqp.codec.Symbols;
import io.turnstone.amqp.error.LinkError;
import io.turnstone.amqp.message.AmqpMessage;
import io.turnstone.amqp.message.AmqpMessageException;
import io.turnstone.amqp.message.MessageScan;
import io.turnstone.amqp.terms.AmqpAddress;
import io.turnstone.amqp.terms.AmqpConditions;
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
    /** Messages whose outcome the peer waits for. */
    private int unsettled;

    private @Nullable String lastTo;
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
        return anonymous && settled;
    }

    /** A whole message. */
    void arrived(byte[] bytes, int id, boolean settled, byte[] tag, @Nullable LocalTransaction within) {
        if (arrivals.isEmpty()) {
            publish(Body.Inline.of(bytes), id, settled, tag, within);
        } else {
            arrivals.add(new Arrival(id, settled, tag, bytes, null, within));
        }
    }

    /** A message in a file, which may still be written. */
    void arrived(Arrival arrival) {
        arrivals.add(arrival);
    }

    /** The link is gone: outcomes are told to nobody; what still waits for a file is published nevertheless. */
    void release() {
        if (unsettled > 0) {
            session.connection().publishing(-unsettled);
        }
        Publisher to = publisher;
        publisher = null;
        if (to != null && arrivals.isEmpty()) {
            to.close();
        } else {
            leaving = to;
        }
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
                session.connection().publishing(1);
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
        var why = new Refusal(Condition.UNAVAILABLE, arrival.failureText());
        if (arrival.within() != null) {
            arrival.within().core().fail(why);
        }
        if (!arrival.settled() && link.isAttached()) {
            reject(arrival.id(), AmqpConditions.linkError(why));
        } else {
            session.connection().failures().log("message dropped", AmqpConditions.linkError(why));
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
        session.connection().publishing(1);
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
            session.settle(id, Outcomes.rejection(unusable.asCondition()));
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
        session.connection().publishing(-1);
        if (outcome instanceof PublishOutcome.Accepted) {
            session.accepted(id);
        } else if (outcome instanceof PublishOutcome.Unroutable) {
            unroutable(id);
        } else if (outcome instanceof PublishOutcome.Refused refused) {
            reject(id, AmqpConditions.linkError(refused.refusal()));
        }
        link.checkCredit();
    }

    private void unroutable(int id) {
        DeliveryState state = terms.unroutable();
        if (state == null) {
            reject(id, PublisherTerms.notRouted());
        } else if (state == Accepted.getInstance()) {
            session.accepted(id);
        } else {
            session.released(id);
        }
    }

    private void reject(int id, LinkError why) {
        if (terms.rejected()) {
            session.settle(id, Outcomes.rejection(why.asCondition()));
        } else {
            session.connection().failures().of(link, why);
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
