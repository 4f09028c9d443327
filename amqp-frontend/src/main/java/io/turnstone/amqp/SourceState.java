package io.turnstone.amqp;

import io.turnstone.api.Consumer;
import io.turnstone.api.Delivery;
import io.turnstone.api.Loop;
import io.turnstone.api.Outcome;
import io.turnstone.api.Router;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.DeliveryState;
import org.apache.qpid.proton.amqp.transport.Source;
import org.apache.qpid.proton.amqp.transport.Transfer;
import org.jspecify.annotations.Nullable;

/**
 * The unsettled deliveries of one outgoing {@link LastingLink}, in the order they were sent, and while it is suspended the
 * consumer that holds them. Owned as its link is.
 */
final class SourceState {

    /** One delivery. */
    static final class Sent {
        final Delivery delivery;
        final long tag;

        /** The outcome that the peer told, on its way into the store. */
        @Nullable
        DeliveryState told;

        Sent(Delivery delivery, long tag) {
            this.delivery = delivery;
            this.tag = tag;
        }

        /** The transfer that only tells the receiver that we have settled, as it wished. */
        Transfer settling(int handle, int deliveryId, TagForm tags) {
            var transfer = new Transfer();
            transfer.setHandle(UnsignedInteger.valueOf(handle));
            transfer.setDeliveryId(UnsignedInteger.valueOf(deliveryId));
            transfer.setDeliveryTag(tags.numbered(tag));
            transfer.setMessageFormat(UnsignedInteger.ZERO);
            transfer.setSettled(true);
            transfer.setState(told);
            transfer.setResume(true);
            return transfer;
        }
    }

    private final LastingLink link;
    private final Map<Delivery, Sent> unsettled = new LinkedHashMap<>();
    private long nextTag;
    private @Nullable Consumer consumer;
    private @Nullable Loop consumerLoop;
    private String terms = "";
    private boolean lost;
    /** The peer was shown what is unsettled, and so has to hear of its end. */
    private boolean compared;

    private @Nullable Source asked;

    /** What the store holds for it goes by the positions of messages, which are their tags too. */
    private boolean claims;

    /** Of the last run of the broker, as long as no link has come for it: what the store holds for this one, and where. */
    private @Nullable String claim;

    private @Nullable Router claimedIn;

    SourceState(LastingLink link) {
        this.link = link;
    }

    boolean isEmpty() {
        return unsettled.isEmpty() && claim == null;
    }

    /** A link shows its peer what is unsettled. */
    List<Sent> compare() {
        compared = true;
        return all();
    }

    /** A delivery begins. */
    Sent sent(Delivery delivery) {
        long position = claims ? delivery.position() : 0;
        long tag = position > 0 ? position : nextTag++ | (claims ? Long.MIN_VALUE : 0);
        var sent = new Sent(delivery, tag);
        unsettled.put(delivery, sent);
        return sent;
    }

    /** The last run of the broker holds something for it. */
    void recovered(Router router, String name) {
        claimedIn = router;
        claim = name;
    }

    /** A link has a consumer that is not resumed: what it held in the last run of the broker is unsettled. */
    void opened(Consumer anew) {
        claims = anew.claims();
        for (Delivery held : anew.claimed()) {
            sent(held);
        }
        renounce(); // other queues may hold more
    }

    /** Nobody will come for what the last run of the broker held. */
    void renounce() {
        String name = claim;
        Router router = claimedIn;
        claim = null;
        claimedIn = null;
        if (name != null && router != null) {
            router.renounce(name);
        }
    }

    /** The peer told an outcome, and waits for us to settle. */
    void told(Delivery delivery, DeliveryState state) {
        Sent sent = unsettled.get(delivery);
        if (sent != null) {
            sent.told = state;
        }
    }

    /** A delivery is settled. */
    void forget(Delivery delivery) {
        unsettled.remove(delivery);
    }

    /** All that is unsettled, oldest first. */
    List<Sent> all() {
        return new ArrayList<>(unsettled.values());
    }

    /**
     * The link is gone.
     *
     * @param holding what holds its deliveries, on the loop that calls
     * @param ofTerms what the link takes from, as it was agreed
     * @param unheard whether it went without a word
     */
    void suspend(Consumer holding, Loop loop, String ofTerms, boolean unheard) {
        holding.suspend();
        compared = false;
        consumer = holding;
        consumerLoop = loop;
        terms = ofTerms;
        lost = unheard;
        LastingLimits limits = link.limits();
        long bytes = 0;
        int kept = 0;
        for (Sent sent : all()) {
            bytes += sent.delivery.message().size();
            if (++kept > limits.deliveries() || bytes > limits.bytes()) {
                unsettled.remove(sent.delivery);
                holding.settle(sent.delivery, Outcome.RELEASED, false);
            }
        }
    }

    /** The consumer that holds the deliveries, for a link of the same terms; null when there is none. */
    @Nullable
    Consumer held(String ofTerms) {
        if (consumer != null && !terms.equals(ofTerms)) {
            drop();
        }
        return consumer;
    }

    /** A link has the consumer now. */
    void resumed() {
        consumer = null;
    }

    /** That consumer is gone, and what it held went with it. */
    void gone(Consumer held) {
        if (consumer == held) {
            consumer = null;
            unsettled.clear();
        }
    }

    /** A link that knows only its name gets the source it had (part 2, section 2.6.3). */
    void recover(Attach receiver) {
        if (receiver.getSource() == null && consumer != null) {
            receiver.setSource(asked);
        }
        asked = receiver.getSource();
    }

    /** Nothing of it is left. */
    void clear() {
        unsettled.clear();
    }

    /** Nobody will come back: what is held returns to its queue. */
    void drop() {
        Consumer held = consumer;
        Loop at = consumerLoop;
        renounce();
        unsettled.clear();
        consumer = null;
        if (held != null && at != null) {
            boolean charged = lost;
            if (at.inLoop()) {
                held.close(charged);
            } else {
                at.execute(() -> held.close(charged));
            }
        }
    }

    /** The queue has told the end of a delivery to a listener whose link is gone: to the link that is there now, if any. */
    void settled(Delivery delivery, Outcome outcome) {
        if (link.holder() instanceof OutgoingLink present && compared) {
            present.settled(delivery, outcome);
        } else {
            forget(delivery);
        }
    }
}
