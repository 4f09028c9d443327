package io.turnstone.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.api.Condition;
import io.turnstone.api.Outcome;
import io.turnstone.api.Refusal;
import java.util.Map;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.AmqpValue;
import org.apache.qpid.proton.amqp.messaging.Header;
import org.apache.qpid.proton.amqp.messaging.Modified;
import org.apache.qpid.proton.amqp.messaging.Rejected;
import org.apache.qpid.proton.amqp.messaging.Released;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.transaction.Coordinator;
import org.apache.qpid.proton.amqp.transaction.Declare;
import org.apache.qpid.proton.amqp.transaction.Declared;
import org.apache.qpid.proton.amqp.transaction.Discharge;
import org.apache.qpid.proton.amqp.transaction.TransactionalState;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Close;
import org.apache.qpid.proton.amqp.transport.DeliveryState;
import org.apache.qpid.proton.amqp.transport.Detach;
import org.apache.qpid.proton.amqp.transport.Disposition;
import org.apache.qpid.proton.amqp.transport.End;
import org.apache.qpid.proton.amqp.transport.Flow;
import org.apache.qpid.proton.amqp.transport.Role;
import org.apache.qpid.proton.amqp.transport.Transfer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A transaction on the wire")
class TransactionTest {

    private static final int CONTROL = 7;
    private static final Refusal TOO_LATE = new Refusal(Condition.TIMEOUT, "the transaction was open for 5 ms");

    private int nextId;

    private ScriptedPeer controlling(ScriptedPeer peer, Symbol... wanted) {
        Attach attach = peer.attach("control", CONTROL, Role.SENDER, null);
        var coordinator = new Coordinator();
        coordinator.setCapabilities(wanted);
        attach.setTarget(coordinator);
        peer.send(0, attach);
        return peer;
    }

    private ScriptedPeer controlled(ScriptedPeer peer) {
        controlling(peer, Symbol.valueOf("amqp:local-transactions"));
        assertThat(peer.expect(Attach.class).getTarget()).isInstanceOf(Coordinator.class);
        assertThat(peer.expect(Flow.class).getLinkCredit().intValue()).isPositive();
        return peer;
    }

    private Transfer request(boolean settled) {
        Transfer transfer = ScriptedPeer.transfer(nextId++, settled);
        transfer.setHandle(UnsignedInteger.valueOf(CONTROL));
        return transfer;
    }

    private Binary declare(ScriptedPeer peer) {
        peer.send(0, request(false), peer.section(new Header(), new AmqpValue(new Declare())));
        Disposition answer = peer.expect(Disposition.class);
        assertThat(answer.getSettled()).isTrue();
        Binary id = ((Declared) answer.getState()).getTxnId();
        assertThat(id.getLength()).isBetween(1, 32);
        return id;
    }

    private void discharge(ScriptedPeer peer, Binary id, boolean fail) {
        var discharge = new Discharge();
        discharge.setTxnId(id);
        discharge.setFail(fail);
        peer.send(0, request(false), peer.section(new AmqpValue(discharge)));
    }

    private static void expectAccepted(ScriptedPeer peer) {
        Disposition answer = peer.expect(Disposition.class);
        assertThat(answer.getState()).isInstanceOf(Accepted.class);
        assertThat(answer.getSettled()).isTrue();
    }

    private static void expectRejected(ScriptedPeer peer, String condition) {
        Disposition answer = peer.expect(Disposition.class);
        assertThat(answer.getSettled()).isTrue();
        assertThat(((Rejected) answer.getState()).getError().getCondition().toString())
                .isEqualTo(condition);
    }

    private static TransactionalState in(Binary id, org.apache.qpid.proton.amqp.messaging.@Nullable Outcome outcome) {
        var state = new TransactionalState();
        state.setTxnId(id);
        state.setOutcome(outcome);
        return state;
    }

    private void post(ScriptedPeer peer, Binary id, boolean settled) {
        Transfer transfer = ScriptedPeer.transfer(nextId++, settled);
        transfer.setState(in(id, null));
        peer.send(0, transfer, peer.message("m"));
    }

    private static DeliveryState expectPosted(ScriptedPeer peer, Binary id) {
        Disposition answer = peer.expect(Disposition.class);
        assertThat(answer.getSettled()).isTrue();
        var state = (TransactionalState) answer.getState();
        assertThat(state.getTxnId()).isEqualTo(id);
        return (DeliveryState) state.getOutcome();
    }

    private static int stored(ScriptedPeer peer, String queue) {
        return peer.router.queue(queue).entries.size();
    }

    // ---- Coordination

    @Test
    @Spec(section = "4.5.1", says = "the coordinator tells the capabilities it has")
    @Spec(section = "4.5.7", says = "only what is supported is advertised")
    void isOfferedWithItsCapabilities() {
        var peer = controlling(new ScriptedPeer().begun());

        var coordinator = (Coordinator) peer.expect(Attach.class).getTarget();
        assertThat(coordinator.getCapabilities())
                .extracting(Symbol::toString)
                .containsExactly("amqp:local-transactions", "amqp:multi-txns-per-ssn", "amqp:multi-ssns-per-txn");
    }

    @Test
    @Spec(section = "4.5.7", says = "distributed transactions are not supported")
    void isNotDistributed() {
        var peer = controlling(new ScriptedPeer().begun(), Symbol.valueOf("amqp:distributed-transactions"));

        assertThat(peer.expect(Attach.class).getTarget()).isNull();
        peer.expectDetached("amqp:not-implemented");
    }

    @Test
    @Spec(section = "4.2", says = "a declare that fails is rejected with its error")
    void isRejectedWhenThereAreTooMany() {
        var peer = controlled(new ScriptedPeer().begun());
        peer.router.refuseTransactions = new Refusal(Condition.LIMIT_EXCEEDED, "too many");

        peer.send(0, request(false), peer.section(new AmqpValue(new Declare())));

        expectRejected(peer, "amqp:resource-limit-exceeded");
    }

    @Test
    @Spec(section = "4.2", says = "without rejected among the outcomes the link is detached with the error")
    void detachesAControllerThatKnowsNoRejection() {
        var peer = new ScriptedPeer().begun();
        Attach attach = peer.attach("control", CONTROL, Role.SENDER, null);
        attach.setTarget(new Coordinator());
        var source = new Source();
        source.setOutcomes(Symbol.valueOf("amqp:accepted:list"));
        attach.setSource(source);
        peer.send(0, attach);
        peer.expect(Attach.class);
        peer.expect(Flow.class);

        discharge(peer, new Binary(new byte[] {9}), false);

        peer.expectDetached("amqp:transaction:unknown-id");
    }

    @Test
    @Spec(section = "4.2", says = "a declare must not be sent settled")
    void detachesAControllerThatDeclaresSettled() {
        var peer = controlled(new ScriptedPeer().begun());

        peer.send(0, request(true), peer.section(new AmqpValue(new Declare())));

        peer.expectDetached("amqp:not-allowed");
    }

    @Test
    @Spec(section = "4.1", says = "no transactional work is done on the control link")
    void detachesAControllerThatWorksOnItsControlLink() {
        var peer = controlled(new ScriptedPeer().begun());
        Binary id = declare(peer);
        Transfer transfer = request(false);
        transfer.setState(in(id, null));

        peer.send(0, transfer, peer.message("m"));

        peer.expectDetached("amqp:not-allowed");
    }

    @Test
    @Spec(section = "4.5.8", says = "unknown-id: the txn-id does not exist")
    void isUnknownAfterItsDischarge() {
        var peer = controlled(new ScriptedPeer().begun());
        Binary id = declare(peer);
        discharge(peer, id, false);
        expectAccepted(peer);

        discharge(peer, id, false);
        expectRejected(peer, "amqp:transaction:unknown-id");
        peer.send(0, request(false), peer.message("neither declare nor discharge"));
        expectRejected(peer, "amqp:decode-error");
    }

    @Test
    @Spec(section = "4.1", says = "what was not discharged is rolled back when the control link ends")
    void isRolledBackWithItsControlLink() {
        var peer = controlled(new ScriptedPeer().begun());
        declare(peer);
        declare(peer);

        peer.send(0, ScriptedPeer.detach(CONTROL, true));
        peer.expect(Detach.class);

        assertThat(peer.router.transactions)
                .hasSize(2)
                .allMatch(transaction -> transaction.ended && !transaction.committed);
    }

    @Test
    @Spec(section = "4.1", says = "the end of the session ends the control link")
    void isRolledBackWithItsSession() {
        var peer = controlled(new ScriptedPeer().begun());
        declare(peer);

        peer.send(0, new End());
        peer.expect(End.class);

        assertThat(peer.router.transactions.get(0).ended).isTrue();
    }

    @Test
    void isRolledBackWithItsConnection() {
        var peer = controlled(new ScriptedPeer().begun());
        declare(peer);

        peer.lost();

        assertThat(peer.router.transactions.get(0).ended).isTrue();
    }

    @Test
    @Spec(section = "4.5.8", says = "timeout: the work took too long")
    void saysThatItTookTooLong() {
        var peer = controlled(new ScriptedPeer().sending("q"));
        Binary id = declare(peer);
        peer.loop.within(() -> peer.router.transactions.get(0).expire(TOO_LATE));

        discharge(peer, id, false);
        expectRejected(peer, "amqp:transaction:timeout");
        discharge(peer, id, true);
        expectRejected(peer, "amqp:transaction:unknown-id");
    }

    // ---- Posting

    @Test
    @Spec(section = "4.4.1", says = "a post is available when its transaction is discharged, its outcome told before")
    @Spec(section = "4.4.4.1", says = "sent unsettled, settled by the resource")
    @Spec(section = "2.7.5", says = "its state names the transaction it belongs to")
    @Spec(section = "4.2", says = "a declare is answered with the id of the transaction")
    void makesPostsAvailableWhenItIsDischarged() {
        var peer = controlled(new ScriptedPeer().sending("q"));
        Binary id = declare(peer);

        post(peer, id, false);
        assertThat(expectPosted(peer, id)).isInstanceOf(Accepted.class);
        post(peer, id, true);
        assertThat(stored(peer, "q")).isZero();

        discharge(peer, id, false);
        expectAccepted(peer);
        assertThat(stored(peer, "q")).isEqualTo(2);
    }

    @Test
    @Spec(section = "4.3", says = "a discharge with fail rolls back, and always succeeds")
    void forgetsPostsWhenItFails() {
        var peer = controlled(new ScriptedPeer().sending("q"));
        Binary id = declare(peer);
        post(peer, id, false);
        expectPosted(peer, id);

        discharge(peer, id, true);
        expectAccepted(peer);
        assertThat(stored(peer, "q")).isZero();
    }

    @Test
    @Spec(section = "4.4.4.1", says = "a settled post that cannot be processed: the discharge is rejected")
    @Spec(section = "4.5.8", says = "rollback: the transaction was rolled back")
    void isNotCommittedWithoutAPostThatWasRefused() {
        var peer = controlled(new ScriptedPeer().sending("full"));
        Binary first = declare(peer);
        Binary second = declare(peer);
        post(peer, first, false);
        assertThat(expectPosted(peer, first)).isInstanceOf(Rejected.class);
        post(peer, second, true);

        discharge(peer, first, false);
        expectRejected(peer, "amqp:transaction:rollback");
        discharge(peer, second, false);
        expectRejected(peer, "amqp:transaction:rollback");
    }

    @Test
    @Spec(section = "4.5.7", says = "multi-txns-per-ssn")
    void isOneOfSeveralInASession() {
        var peer = controlled(new ScriptedPeer().sending("q"));
        Binary first = declare(peer);
        Binary second = declare(peer);
        post(peer, first, true);
        post(peer, second, true);
        post(peer, second, true);

        discharge(peer, second, false);
        expectAccepted(peer);
        assertThat(stored(peer, "q")).isEqualTo(2);
        discharge(peer, first, true);
        expectAccepted(peer);
        assertThat(stored(peer, "q")).isEqualTo(2);
    }

    @Test
    @Spec(section = "4.5.7", says = "multi-ssns-per-txn")
    void spansSessions() {
        var peer = controlled(new ScriptedPeer().sending("q"));
        Binary id = declare(peer);
        post(peer, id, true);
        peer.send(1, peer.begin());
        peer.send(1, peer.attach("other", 0, Role.SENDER, "q"));
        Transfer transfer = ScriptedPeer.transfer(0, true);
        transfer.setState(in(id, null));
        peer.send(1, transfer, peer.message("m"));
        peer.forgetAll();
        assertThat(stored(peer, "q")).isZero();

        discharge(peer, id, false);

        expectAccepted(peer);
        assertThat(stored(peer, "q")).isEqualTo(2);
    }

    @Test
    @Spec(section = "4.5.8", says = "unknown-id on a post")
    void detachesALinkThatPostsInAnUnknownOne() {
        var peer = new ScriptedPeer().sending("q");

        post(peer, new Binary(new byte[] {1}), false);

        peer.expectDetached("amqp:transaction:unknown-id");
    }

    @Test
    @Spec(section = "4.4.1", says = "discharged while a delivery is partly posted: the control link ends with rollback")
    void endsItsControlLinkWhenAPostIsPartial() {
        var peer = controlled(new ScriptedPeer().sending("q"));
        Binary id = declare(peer);
        Transfer transfer = ScriptedPeer.transfer(nextId++, false);
        transfer.setMore(true);
        transfer.setState(in(id, null));
        peer.send(0, transfer, peer.message("begun"));

        discharge(peer, id, false);

        peer.expectDetached("amqp:transaction:rollback");
        assertThat(peer.router.transactions.get(0).committed).isFalse();
    }

    // ---- Retiring

    private ScriptedPeer delivered(int count) {
        var peer = controlled(new ScriptedPeer().receiving("q"));
        peer.stored("q", count);
        peer.send(0, peer.flow(0, count));
        for (int i = 0; i < count; i++) {
            peer.expect(Transfer.class);
        }
        return peer;
    }

    private static java.util.List<Outcome> outcomes(ScriptedPeer peer) {
        return peer.router.consumers.get(0).outcomes;
    }

    @Test
    @Spec(section = "4.4.2", says = "an outcome is applied when its transaction is discharged; ranges too")
    @Spec(section = "4.4.4.2", says = "unsettled by the resource, settled by the controller")
    void appliesOutcomesWhenItIsDischarged() {
        var peer = delivered(3);
        Binary id = declare(peer);
        peer.send(0, ScriptedPeer.disposition(0, 1, true, in(id, Accepted.getInstance())));
        assertThat(outcomes(peer)).isEmpty();

        discharge(peer, id, false);
        expectAccepted(peer);
        assertThat(outcomes(peer)).containsExactly(Outcome.ACCEPTED, Outcome.ACCEPTED);
    }

    @Test
    @Spec(section = "4.4.4.2", says = "after a rollback the default outcome is applied to what the controller settled")
    void appliesTheDefaultOutcomeToWhatWasSettledWhenItFails() {
        var peer = controlled(new ScriptedPeer().begun());
        Attach attach = peer.attach("in", 0, Role.RECEIVER, "q");
        var modified = new Modified();
        modified.setDeliveryFailed(true);
        ((Source) attach.getSource()).setDefaultOutcome(modified);
        peer.send(0, attach);
        peer.expect(Attach.class);
        peer.stored("q", 1);
        peer.send(0, peer.flow(0, 1));
        peer.expect(Transfer.class);
        Binary id = declare(peer);
        peer.send(0, ScriptedPeer.disposition(0, 0, true, in(id, Accepted.getInstance())));

        discharge(peer, id, true);
        expectAccepted(peer);
        assertThat(outcomes(peer)).containsExactly(new Outcome.Modified(true, false, Map.of()));
    }

    @Test
    @Spec(section = "4.4.4.2", says = "not settled by the controller: settled by the resource after the discharge")
    void settlesWhatTheControllerDidNot() {
        var peer = delivered(1);
        Binary id = declare(peer);
        peer.send(0, ScriptedPeer.disposition(0, 0, false, in(id, Accepted.getInstance())));
        peer.expectNothing();

        peer.together(() -> discharge(peer, id, false));
        var first = peer.expect(Disposition.class);
        var second = peer.expect(Disposition.class);
        assertThat(java.util.List.of(first.getRole(), second.getRole())).contains(Role.SENDER, Role.RECEIVER);
        assertThat(first.getSettled() && second.getSettled()).isTrue();
        assertThat(outcomes(peer)).containsExactly(Outcome.ACCEPTED);
    }

    @Test
    @Spec(section = "4.4.4.2", says = "after a rollback the delivery is as before; the controller may update it")
    void leavesDeliveriesWithTheControllerWhenItFails() {
        var peer = delivered(1);
        Binary id = declare(peer);
        peer.send(0, ScriptedPeer.disposition(0, 0, false, in(id, Accepted.getInstance())));
        discharge(peer, id, true);
        expectAccepted(peer);
        assertThat(outcomes(peer)).isEmpty();

        peer.send(0, ScriptedPeer.disposition(0, 0, true, Released.getInstance()));
        assertThat(outcomes(peer)).containsExactly(Outcome.RELEASED);
    }

    @Test
    @Spec(section = "4.4.2", says = "an outcome in another live transaction: the control link ends with rollback")
    void endsItsControlLinkWhenADeliveryIsInAnother() {
        var peer = delivered(1);
        Binary first = declare(peer);
        Binary second = declare(peer);
        peer.send(0, ScriptedPeer.disposition(0, 0, false, in(first, Accepted.getInstance())));

        peer.send(0, ScriptedPeer.disposition(0, 0, true, in(second, Accepted.getInstance())));

        peer.expectDetached("amqp:transaction:rollback");
    }

    @Test
    @Spec(section = "4.5.8", says = "unknown-id on a disposition")
    void detachesALinkThatSettlesInAnUnknownOne() {
        var peer = delivered(1);

        peer.send(0, ScriptedPeer.disposition(0, 0, true, in(new Binary(new byte[] {1}), Accepted.getInstance())));

        peer.expectDetached("amqp:transaction:unknown-id");
    }

    @Test
    void looksAtEachDeliveryOnceWhenRangesGrow() {
        var peer = delivered(50);
        Binary id = declare(peer);
        for (int last = 0; last < 50; last++) {
            peer.send(0, ScriptedPeer.disposition(0, last, false, in(id, Accepted.getInstance())));
        }
        MemoryTransaction transaction = peer.router.transactions.get(0);
        assertThat(transaction.onCommit).hasSize(50);

        peer.send(0, ScriptedPeer.disposition(10, 19, false, in(id, Released.getInstance())));
        assertThat(transaction.onCommit).as("another outcome").hasSize(60);
        peer.send(0, ScriptedPeer.disposition(0, 49, false, in(id, Accepted.getInstance())));
        assertThat(transaction.onCommit).as("the former one again, for those").hasSize(70);
        peer.send(0, ScriptedPeer.disposition(0, 9, true, in(id, null)));
        assertThat(transaction.onCommit).as("settled").hasSize(80);
    }

    @Test
    void leavesDeliveriesOfAnotherTransactionAlone() {
        var peer = delivered(4);
        Binary first = declare(peer);
        Binary second = declare(peer);
        peer.send(0, ScriptedPeer.disposition(0, 1, false, in(first, Accepted.getInstance())));
        peer.send(0, ScriptedPeer.disposition(2, 3, false, in(second, Accepted.getInstance())));

        discharge(peer, first, true);
        expectAccepted(peer);
        peer.send(0, ScriptedPeer.disposition(0, 1, true, Released.getInstance()));
        assertThat(outcomes(peer)).containsExactly(Outcome.RELEASED, Outcome.RELEASED);
        discharge(peer, second, false);
        assertThat(outcomes(peer))
                .containsExactly(Outcome.RELEASED, Outcome.RELEASED, Outcome.ACCEPTED, Outcome.ACCEPTED);
    }

    // ---- Acquiring

    private Binary acquire(ScriptedPeer peer, int count) {
        Binary id = declare(peer);
        Flow flow = peer.flow(0, count);
        flow.setProperties(Map.of(Symbol.valueOf("txn-id"), id));
        peer.send(0, flow);
        for (int i = 0; i < count; i++) {
            Transfer transfer = peer.expect(Transfer.class);
            assertThat(((TransactionalState) transfer.getState()).getTxnId()).isEqualTo(id);
        }
        return id;
    }

    @Test
    @Spec(section = "4.4.3", says = "txn-id in the properties of a flow: what is sent then is acquired in it")
    void acquiresWhatAFlowAsksFor() {
        var peer = controlled(new ScriptedPeer().receiving("q"));
        peer.stored("q", 3);
        Binary id = acquire(peer, 2);
        peer.send(0, ScriptedPeer.disposition(0, 0, true, in(id, Accepted.getInstance())));

        discharge(peer, id, false);
        expectAccepted(peer);
        assertThat(outcomes(peer)).containsExactly(Outcome.ACCEPTED);
        peer.send(0, peer.flow(2, 1));
        assertThat(peer.expect(Transfer.class).getState())
                .as("cleared by the discharge")
                .isNull();
        peer.send(0, ScriptedPeer.disposition(1, 1, true, Accepted.getInstance()));
        assertThat(outcomes(peer)).hasSize(2);
    }

    @Test
    @Spec(section = "4.4.4.3", says = "after a rollback acquisition and outcome are undone")
    void takesBackWhatItAcquiredWhenItFails() {
        var peer = controlled(new ScriptedPeer().receiving("q"));
        peer.stored("q", 2);
        Binary id = acquire(peer, 2);
        peer.send(0, ScriptedPeer.disposition(0, 0, true, in(id, Accepted.getInstance())));

        discharge(peer, id, true);
        assertThat(outcomes(peer)).containsExactlyInAnyOrder(Outcome.RELEASED, Outcome.RELEASED);
    }

    @Test
    @Spec(section = "4.4.4.3", says = "an outcome must be in the transaction in which the delivery was acquired")
    void endsItsControlLinkWhenAnAcquiredDeliveryIsSettledOutside() {
        var peer = controlled(new ScriptedPeer().receiving("q"));
        peer.stored("q", 1);
        acquire(peer, 1);

        peer.send(0, ScriptedPeer.disposition(0, 0, true, Accepted.getInstance()));

        peer.forgetUntilDetach("amqp:transaction:rollback");
    }

    @Test
    @Spec(section = "4.4.3", says = "a link that does not acquire in transactions ends with not-implemented")
    @Spec(section = "2.8.15", says = "not-implemented: the broker does not do that")
    void isNotForLinksWithoutOutcomes() {
        var peer = controlled(new ScriptedPeer().begun());
        Attach attach = peer.attach("in", 0, Role.RECEIVER, "q");
        attach.setSndSettleMode(org.apache.qpid.proton.amqp.transport.SenderSettleMode.SETTLED);
        peer.send(0, attach);
        peer.expect(Attach.class);
        Binary id = declare(peer);
        Flow flow = peer.flow(0, 1);
        flow.setProperties(Map.of(Symbol.valueOf("txn-id"), id));

        peer.send(0, flow);

        peer.expectDetached("amqp:not-implemented");
    }

    @Test
    void saysNothingAfterACloseThatEndsIt() {
        var peer = controlled(new ScriptedPeer().receiving("q"));
        peer.stored("q", 2);
        acquire(peer, 2);

        peer.send(0, new Close());

        peer.forgetUntil(Close.class);
        peer.expectNothing();
    }

    @Test
    void saysNothingAfterACloseOfTheBroker() {
        var peer = controlled(new ScriptedPeer().receiving("q"));
        peer.stored("q", 2);
        acquire(peer, 2);

        peer.send(0, peer.open("again"));

        peer.forgetUntil(Close.class);
        peer.expectNothing();
    }
}
