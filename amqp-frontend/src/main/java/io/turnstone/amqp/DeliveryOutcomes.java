package io.turnstone.amqp;

import io.turnstone.amqp.codec.FlowFrame;
import io.turnstone.amqp.codec.Symbols;
import io.turnstone.amqp.error.LinkError;
import io.turnstone.amqp.terms.Outcomes;
import io.turnstone.api.Consumer;
import io.turnstone.api.Delivery;
import io.turnstone.api.Outcome;
import java.util.IdentityHashMap;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.transport.AmqpError;
import org.apache.qpid.proton.amqp.transport.DeliveryState;
import org.jspecify.annotations.Nullable;

/** What the peer's dispositions mean for the deliveries of one outgoing link. Owned by the loop of its connection. */
final class DeliveryOutcomes {

    /** A delivery whose outcome the peer told without settling it: we settle when it is durable. */
    private record Confirmation(int deliveryId, DeliveryState state) {}

    private final OutgoingLink link;
    private final IdentityHashMap<Delivery, Confirmation> confirming = new IdentityHashMap<>(0);
    private @Nullable TransactionalDeliveries transactional;
    private boolean browse;
    private boolean settled;
    private Outcome byDefault = Outcome.RELEASED;

    DeliveryOutcomes(OutgoingLink link) {
        this.link = link;
    }

    /** What holds for the link: whether it browses or sends settled, and how deliveries end of which nothing is told. */
    void terms(boolean browses, boolean sendsSettled, Object defaultOutcome) {
        browse = browses;
        settled = sendsSettled;
        Outcome named = Outcomes.of(defaultOutcome);
        byDefault = named == null ? Outcome.RELEASED : named;
    }

    /**
     * The peer's disposition of one delivery.
     *
     * @param outcome null when the state was missing or not terminal
     * @return whether the session may forget the delivery
     */
    boolean disposed(
            Consumer from,
            Delivery delivery,
            int deliveryId,
            boolean peerSettled,
            @Nullable Outcome outcome,
            @Nullable DeliveryState state) {
        if (browse) {
            return seen(deliveryId, peerSettled, outcome == null ? null : state);
        }
        if (peerSettled) {
            link.settledOne();
            from.settle(delivery, outcome != null ? outcome : byDefault, false);
            link.forget(delivery);
            return true;
        }
        if (outcome == null || state == null) {
            return false;
        }
        link.told(delivery, state);
        confirming.put(delivery, new Confirmation(deliveryId, state));
        from.settle(delivery, outcome, true);
        return true;
    }

    /** What was only looked at has no outcome in the queue: nothing has to become durable. */
    private boolean seen(int deliveryId, boolean peerSettled, @Nullable DeliveryState told) {
        if (!peerSettled && told == null) {
            return false;
        }
        link.settledOne();
        if (!peerSettled && told != null) {
            link.session().confirm(deliveryId, told);
        }
        return true;
    }

    /** The outcome of a delivery is durable. */
    void settled(Delivery delivery) {
        Confirmation confirmed = confirming.remove(delivery);
        if (confirmed != null) {
            link.settledOne();
            link.forget(delivery);
            link.session().confirm(confirmed.deliveryId(), confirmed.state());
        } else if (transactional != null) {
            transactional.settled(delivery);
        }
    }

    /**
     * Whether the peer chose an end for what it leaves unsettled when the link is gone (part 3, section 3.5.3,
     * default-outcome). That attempts failed is not one: the queue charges the one delivery that may have been the cause,
     * since most of the others were never looked at.
     */
    boolean endsWithDefault() {
        boolean plain = byDefault instanceof Outcome.Released
                || (byDefault instanceof Outcome.Modified modified
                        && !modified.undeliverableHere()
                        && modified.annotations().isEmpty());
        return !plain && !browse && !settled;
    }

    /** Ends such a delivery, if no transaction decides about it. */
    void endWithDefault(Consumer from, Delivery delivery) {
        if (transactional == null || !transactional.concerns(delivery)) {
            from.settle(delivery, byDefault, false);
        }
    }

    void clear() {
        confirming.clear();
        if (transactional != null) {
            transactional.clear();
        }
    }

    // ---- Transactions

    /** Whether some deliveries are an affair of transactions. */
    boolean transactional() {
        return transactional != null && !transactional.isEmpty();
    }

    /** The same as the other, where transactions have to do with it: the one it names, or those it was in before. */
    boolean disposed(Consumer from, Disposed told, @Nullable LocalTransaction within) {
        boolean plain = within == null && (transactional == null || !transactional.concerns(told.delivery()));
        if (plain || browse) {
            return disposed(from, told.delivery(), told.deliveryId(), told.settled(), told.outcome(), told.state());
        }
        boolean forget = present().disposed(from, told, within, byDefault);
        if (forget) {
            link.forget(told.delivery());
            link.settledOne();
        }
        return forget;
    }

    private TransactionalDeliveries present() {
        TransactionalDeliveries all = transactional;
        if (all == null) {
            all = new TransactionalDeliveries(link);
            transactional = all;
        }
        return all;
    }

    /** The peer's flow may say that deliveries are to be acquired in a transaction (part 4, section 4.4.3). */
    void acquire(FlowFrame flow) {
        if (!flow.hasProperties() || !flow.properties().containsKey(Symbols.TXN_ID)) {
            return;
        }
        Object id = flow.properties().get(Symbols.TXN_ID);
        if (id != null && !(id instanceof Binary)) {
            throw new LinkError(AmqpError.DECODE_ERROR, "property txn-id of the flow is not a binary");
        }
        if (settled || browse) {
            throw new LinkError(
                    AmqpError.NOT_IMPLEMENTED,
                    "property txn-id: a link without outcomes does not acquire in transactions");
        }
        present()
                .acquire(
                        id == null
                                ? null
                                : link.session().connection().transactions().get((Binary) id));
    }

    /** The transaction in which a delivery that is about to be sent is acquired, or null. */
    @Nullable
    Binary sending(Delivery delivery, int deliveryId) {
        return transactional == null ? null : transactional.sending(delivery, deliveryId);
    }
}
