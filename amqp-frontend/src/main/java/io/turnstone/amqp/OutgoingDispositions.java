package io.turnstone.amqp;

import io.turnstone.amqp.codec.DispositionFrame;
import io.turnstone.amqp.error.LinkError;
import io.turnstone.amqp.terms.Outcomes;
import io.turnstone.api.Delivery;
import io.turnstone.api.Outcome;
import org.apache.qpid.proton.amqp.transaction.TransactionErrors;
import org.apache.qpid.proton.amqp.transaction.TransactionalState;
import org.apache.qpid.proton.amqp.transport.DeliveryState;
import org.jspecify.annotations.Nullable;

/** Applies what the peer says about the deliveries that one session has sent. Owned by the loop of its connection. */
final class OutgoingDispositions implements UnsettledDeliveries.Visitor {

    private final AmqpConnection connection;
    private final UnsettledDeliveries unsettled;
    private final SaidRange said = new SaidRange();

    // The disposition that is being applied.
    private boolean peerSettled;
    private @Nullable Outcome outcome;
    private @Nullable DeliveryState peerState;
    private @Nullable LocalTransaction within;
    /** It names a transaction that there is not: what is wrong. */
    private @Nullable String unknownTransaction;

    OutgoingDispositions(AmqpConnection connection, UnsettledDeliveries unsettled) {
        this.connection = connection;
        this.unsettled = unsettled;
    }

    /** The peer, as their receiver, says what became of some. */
    void disposed(DispositionFrame disposition) {
        DeliveryState told = disposition.state();
        within = null;
        unknownTransaction = null;
        if (told instanceof TransactionalState state) {
            within = connection.transactions().find(state.getTxnId());
            unknownTransaction = within == null ? Transactions.unknown(state.getTxnId()) : null;
            told = state.getOutcome() instanceof DeliveryState provisional ? provisional : null;
        }
        peerSettled = disposition.settled;
        outcome = Outcomes.of(told);
        peerState = told;
        LocalTransaction transaction = within;
        Outcome provisional = outcome;
        if (transaction != null && provisional != null && !peerSettled) {
            int first = said.beyond(transaction, provisional, disposition.first);
            unsettled.visit(first, disposition.last, this);
            said.say(first, unsettled.size() == 0 ? first - 1 : unsettled.lastOf(disposition.last));
        } else if (peerSettled || provisional != null || unknownTransaction != null) {
            said.forget();
            unsettled.visit(disposition.first, disposition.last, this);
        }
    }

    @Override
    public boolean visit(OutgoingLink link, Delivery delivery, int deliveryId) {
        if (unknownTransaction != null) {
            connection.failures().of(link, new LinkError(TransactionErrors.UNKNOWN_ID, unknownTransaction));
            return false;
        }
        boolean plain = within == null && !link.hasTransactional();
        return plain
                ? link.disposed(delivery, deliveryId, peerSettled, outcome, peerState)
                : link.disposed(new Disposed(delivery, deliveryId, peerSettled, outcome, peerState), within);
    }
}
