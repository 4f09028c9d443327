package io.turnstone.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.amqp.message.AmqpFormat;
import io.turnstone.api.Body;
import io.turnstone.api.Outcome;
import java.util.Map;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.UnsignedLong;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.Data;
import org.apache.qpid.proton.amqp.messaging.Modified;
import org.apache.qpid.proton.amqp.messaging.Rejected;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Disposition;
import org.apache.qpid.proton.amqp.transport.End;
import org.apache.qpid.proton.amqp.transport.Flow;
import org.apache.qpid.proton.amqp.transport.Role;
import org.apache.qpid.proton.amqp.transport.Transfer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A receiver")
class ReceiverTermsTest {

    private static final Outcome LEFT_TO_OTHERS = new Outcome.Modified(false, true, Map.of());

    private final ScriptedPeer peer = new ScriptedPeer().begun();

    private void taking(int maxMessageSize, String mode) {
        Attach attach = peer.attach("in", 0, Role.RECEIVER, "q");
        attach.setMaxMessageSize(UnsignedLong.valueOf(maxMessageSize));
        ((Source) attach.getSource()).setDistributionMode(Symbol.valueOf(mode));
        peer.send(0, attach);
        peer.expect(Attach.class);
    }

    private void stored(int... sizes) {
        peer.loop.within(() -> {
            for (int size : sizes) {
                byte[] message = peer.section(new Data(new Binary(new byte[size])));
                peer.router.queue("q").add(AmqpFormat.INSTANCE.read(Body.Inline.of(message)));
            }
        });
        peer.loop.settle();
    }

    private MemoryConsumer consumer() {
        return peer.router.consumers.get(0);
    }

    private Flow drain(int count, int credit) {
        Flow drain = peer.flow(count, credit);
        drain.setDrain(true);
        return drain;
    }

    @Test
    @Spec(section = "2.7.3", says = "nothing larger than the receiver's max-message-size is sent to it")
    void getsNothingThatIsTooLargeForIt() {
        taking(100, "move");
        stored(200, 50, 200, 60, 70);

        peer.send(0, peer.flow(0, 2));

        assertThat(peer.next().payload()).hasSizeLessThan(100);
        assertThat(peer.next().payload()).hasSizeLessThan(100);
        peer.expectNothing();
        assertThat(consumer().outcomes).containsExactly(LEFT_TO_OTHERS, LEFT_TO_OTHERS);
        peer.send(0, peer.flow(2, 1));
        assertThat(peer.expect(Transfer.class).getDeliveryId()).isEqualTo(UnsignedInteger.valueOf(2));
    }

    @Test
    @Spec(section = "2.7.3", says = "nothing larger than the receiver's max-message-size is sent to it")
    void thatDrainsGetsWhatStandsBehindWhatIsTooLarge() {
        taking(100, "move");
        stored(200, 50, 200, 60);

        peer.send(0, drain(0, 3));

        peer.expect(Transfer.class);
        peer.expect(Transfer.class);
        assertThat(peer.expect(Flow.class).getDeliveryCount()).isEqualTo(UnsignedInteger.valueOf(3));
        peer.expectNothing();
    }

    @Test
    void isNotHeldUpByTheBytesOfWhatIsTooLargeForIt() {
        var settings = ScriptedPeer.SETTINGS.withWindows(1000, 10, 1000, 400);
        var small = new ScriptedPeer(settings).begun();
        Attach attach = small.attach("in", 0, Role.RECEIVER, "q");
        attach.setMaxMessageSize(UnsignedLong.valueOf(100));
        small.send(0, attach);
        small.expect(Attach.class);
        small.loop.within(() -> {
            for (int i = 0; i < 20; i++) {
                byte[] message = small.section(new Data(new Binary(new byte[i == 19 ? 50 : 200])));
                small.router.queue("q").add(AmqpFormat.INSTANCE.read(Body.Inline.of(message)));
            }
        });

        small.send(0, small.flow(0, 1));

        small.expect(Transfer.class);
        small.expectNothing();
    }

    @Test
    void looksPastWhatIsTooLargeForIt() {
        taking(100, "copy");
        stored(200, 50);

        peer.send(0, peer.flow(0, 1));

        assertThat(peer.next().payload()).hasSizeLessThan(100);
        peer.expectNothing();
        assertThat(consumer().outcomes).isEmpty();
    }

    @Test
    void withoutLimitGetsEverything() {
        taking(0, "move");
        stored(200);

        peer.send(0, peer.flow(0, 1));

        peer.expect(Transfer.class);
        peer.expectNothing();
    }

    @Test
    @Spec(section = "2.6.7", says = "available tells what waits to be sent, and is left out when that is not known")
    void isToldWhatWaitsForItIfThatIsKnown() {
        taking(0, "move");
        Flow asking = peer.flow(0, 10);
        asking.setEcho(true);
        peer.send(0, asking);
        assertThat(peer.expect(Flow.class).getAvailable())
                .as("the queue would have handed over what it has")
                .isEqualTo(UnsignedInteger.ZERO);
        stored(1, 1, 1);
        peer.forgetAll();

        Flow stopping = peer.flow(3, 0);
        stopping.setEcho(true);
        peer.send(0, stopping);
        assertThat(peer.expect(Flow.class).getAvailable())
                .as("there may be any number behind the credit")
                .isNull();

        Flow closedWindow = drain(3, 5);
        closedWindow.setIncomingWindow(UnsignedInteger.ZERO);
        closedWindow.setNextIncomingId(UnsignedInteger.valueOf(3));
        stored(1, 1);
        peer.send(0, closedWindow);
        peer.expectNothing();
        Flow again = peer.flow(3, 5);
        again.setNextIncomingId(UnsignedInteger.valueOf(3));
        again.setIncomingWindow(UnsignedInteger.ZERO);
        again.setEcho(true);
        peer.send(0, again);
        assertThat(peer.expect(Flow.class).getAvailable()).isEqualTo(UnsignedInteger.valueOf(2));
    }

    @Test
    @Spec(section = "2.6.7", says = "a flow that says nothing of credit leaves it as it is")
    void keepsItsCreditWhenAFlowSaysNothingOfIt() {
        taking(0, "move");
        peer.send(0, peer.flow(0, 5));
        stored(1, 1, 1);
        peer.forgetAll();
        Flow asking = peer.flow(1, 0);
        asking.setLinkCredit(null);
        asking.setEcho(true);

        peer.send(0, asking);

        assertThat(peer.expect(Flow.class).getLinkCredit()).isEqualTo(UnsignedInteger.valueOf(2));
        stored(1, 1, 1);
        peer.expect(Transfer.class);
        peer.expect(Transfer.class);
        peer.expectNothing();
    }

    @Test
    @Spec(section = "2.7.6", says = "without last it is about one delivery, and batchable is a hint")
    void settlesOneDeliveryWithoutNamingTheLast() {
        taking(0, "move");
        stored(1, 1, 1);
        peer.send(0, peer.flow(0, 3));
        peer.forgetAll();
        Disposition one = ScriptedPeer.disposition(1, 1, true, Accepted.getInstance());
        one.setLast(null);
        one.setBatchable(true);

        peer.send(0, one);

        assertThat(consumer().outcomes).containsExactly(Outcome.ACCEPTED);
        assertThat(consumer().unsettled).hasSize(2);
    }

    private void leaving(org.apache.qpid.proton.amqp.messaging.Outcome byDefault) {
        Attach attach = peer.attach("in", 0, Role.RECEIVER, "q");
        ((Source) attach.getSource()).setDefaultOutcome(byDefault);
        peer.send(0, attach);
        peer.expect(Attach.class);
        stored(1, 1, 1);
        peer.send(0, peer.flow(0, 2));
        peer.expect(Transfer.class);
        peer.expect(Transfer.class);
        peer.send(0, ScriptedPeer.disposition(0, 0, true, Accepted.getInstance()));
    }

    @Test
    @Spec(section = "3.5.3", says = "the default outcome is applied to what is unsettled when a link is lost")
    void leavesWhatItHoldsAsItsDefaultOutcomeSays() {
        var noted = new Modified();
        noted.setDeliveryFailed(true);
        noted.setMessageAnnotations(Map.of(Symbol.valueOf("x-opt-left"), "here"));
        leaving(noted);

        peer.lost();

        assertThat(consumer().outcomes)
                .containsExactly(Outcome.ACCEPTED, new Outcome.Modified(true, false, Map.of("x-opt-left", "here")));
        assertThat(consumer().lost).isTrue();
    }

    @Test
    @Spec(section = "3.5.3", says = "the default outcome is applied to what is unsettled when a link is lost")
    void thatEndsItsSessionLeavesWhatItHoldsAsItsDefaultOutcomeSays() {
        leaving(new Rejected());

        peer.send(0, new End());

        assertThat(consumer().outcomes).containsExactly(Outcome.ACCEPTED, new Outcome.Rejected(null, null));
    }

    @Test
    void isChargedWithAttemptsByTheQueueAlone() {
        var failed = new Modified();
        failed.setDeliveryFailed(true);
        leaving(failed);

        peer.lost();

        assertThat(consumer().outcomes).containsExactly(Outcome.ACCEPTED);
        assertThat(consumer().lost).isTrue();
    }
}
