package io.turnstone.amqp;

import io.turnstone.amqp.codec.FlowFrame;
import io.turnstone.amqp.codec.Symbols;
import io.turnstone.amqp.codec.TransferFrame;
import io.turnstone.amqp.error.LinkError;
import io.turnstone.amqp.management.BrokerNode;
import io.turnstone.amqp.message.TransactionRequest;
import io.turnstone.amqp.terms.AmqpConditions;
import io.turnstone.amqp.terms.Outcomes;
import io.turnstone.amqp.terms.PublisherTerms;
import io.turnstone.api.Condition;
import io.turnstone.api.Refusal;
import io.turnstone.api.RefusedException;
import java.nio.ByteBuffer;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.transaction.Coordinator;
import org.apache.qpid.proton.amqp.transaction.Declared;
import org.apache.qpid.proton.amqp.transaction.TransactionErrors;
import org.apache.qpid.proton.amqp.transaction.TxnCapability;
import org.apache.qpid.proton.amqp.transport.AmqpError;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.DeliveryState;
import org.apache.qpid.proton.amqp.transport.DeliveryState.DeliveryStateType;
import org.apache.qpid.proton.amqp.transport.ReceiverSettleMode;
import org.apache.qpid.proton.amqp.transport.SenderSettleMode;
import org.jspecify.annotations.Nullable;

/**
 * A control link (part 4, section 4.1): on it a peer declares and discharges transactions. What it declared and did not
 * discharge is rolled back when it ends. Owned by the loop of its connection.
 */
final class CoordinatorLink extends Link {

    /** Declares and discharges that may be on their way. */
    private static final int CREDIT = 100;

    private static final int LARGEST_REQUEST = 16 * 1024;

    private final LinkCredit credit;
    private final PublisherTerms terms;
    private @Nullable PartialMessage partial;

    CoordinatorLink(AmqpSession session, LinkName name, Attach attach) {
        super(session, name, attach.getHandle().intValue());
        UnsignedInteger count = attach.getInitialDeliveryCount();
        credit = new LinkCredit(CREDIT, count == null ? 0 : count.intValue());
        terms = PublisherTerms.of(attach);
    }

    @Override
    @Nullable
    BrokerNode node() {
        return null;
    }

    @Override
    void open(Attach attach) {
        Symbol[] wanted = ((Coordinator) attach.getTarget()).getCapabilities();
        for (Symbol each : wanted == null ? new Symbol[0] : wanted) {
            if (each.equals(TxnCapability.DISTRIBUTED_TXN) || each.equals(TxnCapability.PROMOTABLE_TXN)) {
                throw new LinkError(
                        AmqpError.NOT_IMPLEMENTED,
                        "capability " + each + " is not offered; only local transactions are");
            }
        }
        if (attach.getSndSettleMode() == SenderSettleMode.SETTLED) {
            throw new LinkError(AmqpError.NOT_ALLOWED, "a control link sends unsettled: its sender needs the outcomes");
        }
        opened(attach, null);
    }

    @Override
    Attach accepted(Attach asked) {
        var coordinator = new Coordinator();
        coordinator.setCapabilities(
                TxnCapability.LOCAL_TXN, TxnCapability.MULTI_TXNS_PER_SSN, TxnCapability.MULTI_SSNS_PER_TXN);
        Attach reply = reply(asked);
        reply.setRcvSettleMode(ReceiverSettleMode.FIRST);
        reply.setSource(asked.getSource());
        reply.setTarget(coordinator);
        return reply;
    }

    @Override
    void attached() {
        session().dirty(this);
    }

    /** One transfer frame of a declare or discharge. */
    void transfer(TransferFrame transfer, ByteBuffer payload) {
        if (!isAttached()) {
            return; // what had credit when the link failed may still arrive (part 2, section 2.6.5)
        }
        PartialMessage begun = partial;
        if (begun == null) {
            begin(transfer);
            begun = new PartialMessage(transfer, null);
            partial = begun;
        } else {
            begun.check(transfer);
        }
        if (transfer.aborted) {
            partial = null;
            credit.aborted();
            return;
        }
        begun.add(transfer, payload);
        if (begun.size() > LARGEST_REQUEST) {
            throw new LinkError(
                    Symbols.MESSAGE_SIZE_EXCEEDED,
                    "a message of more than " + LARGEST_REQUEST + " bytes is no declare and no discharge");
        }
        if (!transfer.more) {
            partial = null;
            request(begun);
        }
    }

    private void begin(TransferFrame transfer) {
        if (!transfer.hasDeliveryId || !transfer.hasTag()) {
            throw new LinkError(
                    AmqpError.INVALID_FIELD, "the first transfer of a delivery must have a delivery-id and -tag");
        }
        DeliveryState state = transfer.state();
        if (state != null && state.getType() == DeliveryStateType.Transactional) {
            throw new LinkError(AmqpError.NOT_ALLOWED, "no transactional work is done on a control link");
        }
        if (!credit.take()) {
            throw new LinkError(
                    Symbols.TRANSFER_LIMIT_EXCEEDED, "a transfer came without credit; wait for a flow first");
        }
        if (credit.low()) {
            session().dirty(this);
        }
    }

    private void request(PartialMessage message) {
        int deliveryId = message.deliveryId();
        if (message.settled()) {
            throw new LinkError(
                    AmqpError.NOT_ALLOWED, "a declare or discharge came settled; its sender needs the outcome");
        }
        var request = TransactionRequest.of(message.join());
        if (request instanceof TransactionRequest.Declare declare) {
            declare(declare, deliveryId);
        } else if (request instanceof TransactionRequest.Discharge discharge) {
            discharge(discharge, deliveryId);
        } else {
            String why = ((TransactionRequest.Malformed) request).why();
            reject(deliveryId, new LinkError(AmqpError.DECODE_ERROR, why));
        }
    }

    private void declare(TransactionRequest.Declare declare, int deliveryId) {
        if (declare.global()) {
            reject(
                    deliveryId,
                    new LinkError(
                            AmqpError.NOT_IMPLEMENTED, "field global-id: distributed transactions are not offered"));
            return;
        }
        try {
            var declared = new Declared();
            declared.setTxnId(
                    session().connection().transactions().declare(this).id());
            session().settle(deliveryId, declared);
        } catch (RefusedException refused) {
            reject(deliveryId, AmqpConditions.linkError(refused.refusal()));
        }
    }

    private void discharge(TransactionRequest.Discharge discharge, int deliveryId) {
        Transactions transactions = session().connection().transactions();
        LocalTransaction transaction = transactions.find(discharge.id());
        if (transaction == null || transaction.controller() != this) {
            reject(deliveryId, new LinkError(TransactionErrors.UNKNOWN_ID, Transactions.unknown(discharge.id())));
            return;
        }
        if (transaction.hasPartial()) {
            fail(transaction, "a transaction was discharged while a message was being posted in it");
            return;
        }
        transactions.forget(transaction);
        if (discharge.fail()) {
            transaction.rollback(asked());
            session().settle(deliveryId, Accepted.getInstance());
        } else {
            session().connection().publishing(1);
            transaction.commit(failure -> {
                session().connection().publishing(-1);
                session().connection().failures().guard(this, () -> discharged(deliveryId, failure));
            });
        }
    }

    private static Refusal asked() {
        return new Refusal(Condition.PRECONDITION_FAILED, "the controller rolled the transaction back");
    }

    private void discharged(int deliveryId, @Nullable Refusal failure) {
        if (!isAttached()) {
            return;
        }
        if (failure == null) {
            session().settle(deliveryId, Accepted.getInstance());
        } else {
            reject(
                    deliveryId,
                    new LinkError(
                            failure.condition() == Condition.TIMEOUT
                                    ? TransactionErrors.TRANSACTION_TIMEOUT
                                    : TransactionErrors.TRANSACTION_ROLLBACK,
                            failure.description()));
        }
    }

    private void reject(int deliveryId, LinkError why) {
        if (!terms.rejected()) {
            throw why;
        }
        session().settle(deliveryId, Outcomes.rejection(why.asCondition()));
    }

    /** What was done in a transaction makes no sense: this ends with it. */
    void fail(LocalTransaction transaction, String what) {
        session().connection().transactions().forget(transaction);
        transaction.rollback(new Refusal(Condition.PRECONDITION_FAILED, what));
        session().connection().failures().of(this, LocalTransaction.rolledBack(what));
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
            session().dirty(this);
        }
    }

    @Override
    void endOfTurn() {
        if (isAttached() && credit.low() && !session().connection().stopping()) {
            credit.grant(CREDIT);
            sendFlow(credit);
        }
    }

    @Override
    void abandon() {}

    @Override
    void release(boolean lost) {
        partial = null;
        session()
                .connection()
                .transactions()
                .rollback(this, new Refusal(Condition.PRECONDITION_FAILED, "the control link is gone"));
    }
}
