package io.turnstone.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.Released;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.messaging.Target;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.DeliveryState;
import org.apache.qpid.proton.amqp.transport.Detach;
import org.apache.qpid.proton.amqp.transport.Disposition;
import org.apache.qpid.proton.amqp.transport.ErrorCondition;
import org.apache.qpid.proton.amqp.transport.Flow;
import org.apache.qpid.proton.amqp.transport.Role;
import org.apache.qpid.proton.amqp.transport.Transfer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Speaks for the broker, frame by frame; its handles are ours plus 10. */
@DisplayName("A session")
class SessionTest {

    private static final int PRODUCER = 12;
    private static final int LIMIT = 100_000;

    private final Performatives proton = new Performatives();
    private final ByteBuffer out = ByteBuffer.allocate(2 * LIMIT);
    private final SessionState state = new SessionState();
    private final Tally tally = new Tally();
    private Session session = session(100);

    private Session session(int bytes) {
        var plan = new Plan(
                BrokerUrl.parse("amqp://localhost"),
                new Plan.Links("q", "q", 1, 1, 2, 1, 1, 10, false),
                Plan.Messages.plain(bytes, false, false, 5, false),
                new Plan.Pace(null, Plan.Amount.messages(8), 0, 1000));
        var log = new SequenceLog();
        var consumers = List.of(new Consumer(0, 0, plan, 99, tally, log), new Consumer(1, 1, plan, 99, tally, log));
        var producer = new Producer(0, 2, plan, 99, 512, tally);
        return new Session(state, proton, plan, List.of(producer), consumers, tally);
    }

    @BeforeEach
    void attached() throws BrokerFailure {
        state.begun(0, 1000);
        attachAll();
        assertThat(session.allAttached()).isTrue();
        assertThat(written()).as("credit for both consumers").hasSize(2).allMatch(Flow.class::isInstance);
    }

    private void attachAll() throws BrokerFailure {
        receive(attach("consumer-0", 10, Role.SENDER));
        receive(attach("consumer-1", 11, Role.SENDER));
        receive(attach("producer-0", PRODUCER, Role.RECEIVER));
        session.begin(new Phase(1, true, Plan.Amount.messages(8), 0, 0, 1));
    }

    @Test
    void sendsAsMuchAsCreditWindowAndPhaseAllow() throws BrokerFailure {
        assertThat(turn()).as("no credit yet").isEmpty();

        receive(flow(0, 3, false));
        assertThat(turn()).hasSize(3);

        receive(flow(3, 100, false));
        assertThat(turn()).as("the window of 5").hasSize(2);

        receive(disposition(0, 3, true, Accepted.getInstance()));
        assertThat(turn()).as("8 in all").hasSize(3);
        assertThat(session.done(0)).isTrue();
    }

    @Test
    void keepsToTheBrokersWindowInsideAMessage() throws BrokerFailure {
        session = session(1000);
        attachAll();
        written();
        state.flow(0, 2, 0);
        receive(flow(0, 100, false, 2));

        assertThat(turn()).as("two of three frames").hasSize(2);
        assertThat(session.done(0)).isFalse();
        receive(flow(0, 100, false, 3));
        List<Object> last = turn();
        assertThat(last).hasSize(1);
        assertThat(((Transfer) last.get(0)).getMore()).isFalse();
    }

    @Test
    void answersDrainWithCreditUsedUp() throws BrokerFailure {
        session.begin(Phase.NONE);
        receive(flow(0, 50, true));

        var answer = (Flow) written().get(0);
        assertThat(answer.getDeliveryCount().intValue()).isEqualTo(50);
        assertThat(answer.getLinkCredit().intValue()).isZero();
        assertThat(answer.getDrain()).isTrue();
    }

    @Test
    void settlesWhatTheBrokerLeavesToItAndCountsItOnce() throws BrokerFailure {
        receive(flow(0, 4, false));
        turn();

        receive(disposition(0, 2, false, Accepted.getInstance()));
        var answer = (Disposition) written().get(0);
        assertThat(answer.getRole()).isEqualTo(Role.SENDER);
        assertThat(answer.getLast().intValue()).isEqualTo(2);
        assertThat(answer.getSettled()).isTrue();

        receive(disposition(0, 3, true, Released.getInstance()));
        assertThat(tally.settled).isEqualTo(4);
        assertThat(tally.refused).isEqualTo(1);
        assertThat(tally.firstRefusal).contains("Released");
    }

    @Test
    void putsInterleavedDeliveriesTogetherAndAcceptsEachRangeOnce() throws BrokerFailure {
        byte[] first = message(0);
        byte[] second = message(1);
        receive(transfer(10, 0, true, false), first, 0, 50);
        receive(transfer(11, 1, true, false), second, 0, 60);
        receive(transfer(10, null, false, false), first, 50, first.length);
        receive(transfer(11, null, false, false), second, 60, second.length);
        receive(transfer(10, 2, false, false), message(2), 0, first.length);

        List<Object> answers = turn();
        assertThat(tally.received).isEqualTo(3);
        assertThat(tally.reordered).isZero();
        assertThat(answers).hasSize(1);
        assertThat(((Disposition) answers.get(0)).getFirst().intValue()).isZero();
        assertThat(((Disposition) answers.get(0)).getLast().intValue()).isEqualTo(2);
    }

    @Test
    void forgetsAnAbortedDelivery() throws BrokerFailure {
        receive(transfer(10, 0, true, false), message(0), 0, 50);
        receive(transfer(10, null, false, true), new byte[0], 0, 0);
        receive(transfer(10, 1, false, false), message(1), 0, message(1).length);

        assertThat(tally.received).isEqualTo(1);
        assertThat(((Disposition) turn().get(0)).getFirst().intValue()).isEqualTo(1);
    }

    @Test
    void renewsCreditWhenHalfIsUsed() throws BrokerFailure {
        for (int i = 0; i < 5; i++) {
            receive(transfer(10, i, false, false), message(i), 0, message(i).length);
        }

        var flow = (Flow) turn().get(1);
        assertThat(flow.getHandle().intValue()).isZero();
        assertThat(flow.getDeliveryCount().intValue()).isEqualTo(5);
        assertThat(flow.getLinkCredit().intValue()).isEqualTo(10);
        assertThat(flow.getNextIncomingId().intValue()).isEqualTo(5);
    }

    @Test
    void tellsWhyTheBrokerRefusedALink() throws BrokerFailure {
        session = session(100);
        Attach refusal = attach("producer-0", PRODUCER, Role.RECEIVER);
        refusal.setTarget(null);
        receive(refusal);
        assertThat(session.allAttached()).isFalse();

        var detach = new Detach();
        detach.setHandle(UnsignedInteger.valueOf(PRODUCER));
        detach.setError(new ErrorCondition(Symbol.valueOf("amqp:not-found"), "no queue 'q'"));
        assertThatThrownBy(() -> receive(detach))
                .isInstanceOf(BrokerFailure.class)
                .hasMessageContaining("amqp:not-found")
                .hasMessageContaining("no queue 'q'");
    }

    @Test
    void refusesFramesOfLinksThatAreNotThere() {
        assertThatThrownBy(() -> receive(transfer(40, 0, false, false)))
                .isInstanceOf(MalformedFrame.class)
                .hasMessageContaining("handle 40");
    }

    private static Attach attach(String name, int handle, Role role) {
        var attach = new Attach();
        attach.setName(name);
        attach.setHandle(UnsignedInteger.valueOf(handle));
        attach.setRole(role);
        attach.setSource(new Source());
        attach.setTarget(new Target());
        return attach;
    }

    private Flow flow(int deliveryCount, int credit, boolean drain) {
        return flow(deliveryCount, credit, drain, 1000);
    }

    private Flow flow(int deliveryCount, int credit, boolean drain, int window) {
        var flow = new Flow();
        flow.setNextIncomingId(UnsignedInteger.ZERO);
        flow.setIncomingWindow(UnsignedInteger.valueOf(window));
        flow.setNextOutgoingId(UnsignedInteger.ZERO);
        flow.setOutgoingWindow(UnsignedInteger.valueOf(1000));
        flow.setHandle(UnsignedInteger.valueOf(PRODUCER));
        flow.setDeliveryCount(UnsignedInteger.valueOf(deliveryCount));
        flow.setLinkCredit(UnsignedInteger.valueOf(credit));
        flow.setDrain(drain);
        return flow;
    }

    private static Disposition disposition(int first, int last, boolean settled, DeliveryState outcome) {
        var disposition = new Disposition();
        disposition.setRole(Role.RECEIVER);
        disposition.setFirst(UnsignedInteger.valueOf(first));
        disposition.setLast(UnsignedInteger.valueOf(last));
        disposition.setSettled(settled);
        disposition.setState(outcome);
        return disposition;
    }

    private static Transfer transfer(int handle, Integer deliveryId, boolean more, boolean aborted) {
        var transfer = new Transfer();
        transfer.setHandle(UnsignedInteger.valueOf(handle));
        if (deliveryId != null) {
            transfer.setDeliveryId(UnsignedInteger.valueOf(deliveryId));
            transfer.setDeliveryTag(new Binary(new byte[] {1}));
        }
        transfer.setMore(more);
        transfer.setAborted(aborted);
        return transfer;
    }

    /** A message of this run, as the generator writes it, without its transfer. */
    private byte[] message(int sequence) {
        var template = new MessageTemplate(Plan.Messages.plain(100, false, false, 1, false), 0, 2, 512);
        template.stamp(0, 99, 0, 1, sequence, System.nanoTime());
        ByteBuffer frame = ByteBuffer.allocate(template.frameBytes(0));
        template.copy(0, frame);
        proton.read(frame.position(8));
        var payload = new byte[frame.remaining()];
        frame.get(payload);
        return payload;
    }

    private void receive(Object performative) throws BrokerFailure {
        receive(performative, new byte[0], 0, 0);
    }

    private void receive(Object performative, byte[] payload, int from, int to) throws BrokerFailure {
        byte[] frame = proton.frame(0, performative);
        ByteBuffer in = ByteBuffer.allocate(frame.length + to - from).put(frame).put(payload, from, to - from);
        session.frame(in, 8, in.capacity(), System.nanoTime(), out);
    }

    private List<Object> turn() {
        session.write(out, LIMIT, System.nanoTime());
        return written();
    }

    /** The performatives of all frames written since the last call. */
    private List<Object> written() {
        out.flip();
        var performatives = new ArrayList<Object>();
        for (int at = 0; at < out.limit(); at += out.getInt(at)) {
            performatives.add(proton.read(out.duplicate().position(at + 8)));
        }
        out.clear();
        return performatives;
    }
}
