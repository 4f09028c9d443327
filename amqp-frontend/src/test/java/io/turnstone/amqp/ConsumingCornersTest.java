package io.turnstone.amqp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.turnstone.amqp.message.AmqpFormat;
import io.turnstone.amqp.message.Messages;
import io.turnstone.api.Body;
import io.turnstone.api.Outcome;
import java.util.List;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Close;
import org.apache.qpid.proton.amqp.transport.Detach;
import org.apache.qpid.proton.amqp.transport.Disposition;
import org.apache.qpid.proton.amqp.transport.End;
import org.apache.qpid.proton.amqp.transport.Flow;
import org.apache.qpid.proton.amqp.transport.Role;
import org.apache.qpid.proton.amqp.transport.Transfer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("An outgoing link whose peer is in a hurry")
class ConsumingCornersTest {

    private static final AmqpSettings FEW = ScriptedPeer.SETTINGS.withWindows(1000, 10, 20, 1024 * 1024);

    private final ScriptedPeer peer = new ScriptedPeer(FEW);

    @Test
    @Spec(section = "2.6.7", says = "a drain is answered")
    void answersDrainsThatOverlap() {
        MemoryConsumer consumer = receiving();
        consumer.holdDrains = true;

        peer.together(() -> {
            peer.send(0, drain(0, 5));
            peer.send(0, drain(0, 5));
        });
        answerDrains(consumer);
        assertEquals(UnsignedInteger.valueOf(5), peer.expect(Flow.class).getDeliveryCount());
        peer.expectNothing();

        peer.send(0, drain(5, 2));
        answerDrains(consumer);
        assertEquals(UnsignedInteger.valueOf(7), peer.expect(Flow.class).getDeliveryCount());
    }

    @Test
    void asksTheQueueNothingWhileItDrains() {
        MemoryConsumer consumer = receiving();
        consumer.holdDrains = true;

        peer.send(0, drain(0, 5));
        peer.send(0, peer.flow(0, 8));
        assertEquals(0, consumer.flowsWhileDraining);
        answerDrains(consumer);

        peer.expectNothing();
        assertEquals(8, consumer.limit);
        peer.send(0, drain(0, 8));
        answerDrains(consumer);
        assertEquals(UnsignedInteger.valueOf(8), peer.expect(Flow.class).getDeliveryCount());
    }

    @Test
    void keepsADrainThroughTheLimitOfUnsettledDeliveries() {
        MemoryConsumer consumer = receiving();
        consumer.holdDrains = true;
        peer.stored("q", 30);

        peer.send(0, drain(0, 50));
        peer.send(0, ScriptedPeer.disposition(0, 19, true, Accepted.getInstance()));
        assertEquals(0, consumer.flowsWhileDraining);
        answerDrains(consumer);

        for (int i = 0; i < 30; i++) {
            peer.expect(Transfer.class);
        }
        assertEquals(UnsignedInteger.valueOf(50), peer.expect(Flow.class).getDeliveryCount());
    }

    private void answerDrains(MemoryConsumer consumer) {
        while (consumer.drainsHeld > 0) {
            peer.loop.within(consumer::drained);
            peer.loop.settle();
        }
    }

    private Flow drain(int count, int credit) {
        Flow flow = peer.flow(count, credit);
        flow.setDrain(true);
        return flow;
    }

    private MemoryConsumer receiving() {
        peer.receiving("q");
        return peer.router.consumers.get(0);
    }

    @Test
    @Spec(section = "2.7.6", says = "the sender settles what the receiver did not")
    void settlesWhatABrowserHasSeen() {
        peer.begun();
        Attach attach = peer.attach("in", 0, Role.RECEIVER, "q");
        ((Source) attach.getSource()).setDistributionMode(Symbol.valueOf("copy"));
        peer.send(0, attach);
        peer.forgetAll();
        peer.stored("q", 60);

        for (int i = 0; i < 60; i++) {
            peer.send(0, peer.flow(i, 1));
            peer.expect(Transfer.class);
            peer.send(0, ScriptedPeer.disposition(i, i, i % 2 == 0, Accepted.getInstance()));
            if (i % 2 != 0) {
                Disposition settled = peer.expect(Disposition.class);
                assertTrue(settled.getSettled());
                assertEquals(UnsignedInteger.valueOf(i), settled.getFirst());
            }
        }
        peer.expectNothing();
    }

    @Test
    @Spec(section = "2.6.6", says = "dispositions come before the detach")
    void settlesBeforeItDetaches() {
        receiving();
        peer.stored("q", 2);
        peer.send(0, peer.flow(0, 2));
        peer.forgetAll();

        peer.together(() -> {
            peer.send(0, ScriptedPeer.disposition(0, 1, false, Accepted.getInstance()));
            peer.send(0, ScriptedPeer.detach(0, true));
        });

        assertInstanceOf(Accepted.class, peer.expect(Disposition.class).getState());
        peer.expect(Detach.class);
    }

    @Test
    void settlesBeforeItEndsASessionThatMadeAMistake() {
        receiving();
        peer.stored("q", 2);
        peer.send(0, peer.flow(0, 2));
        peer.forgetAll();

        peer.together(() -> {
            peer.send(0, ScriptedPeer.disposition(0, 1, false, Accepted.getInstance()));
            peer.send(0, ScriptedPeer.detach(7, true));
        });

        peer.expect(Disposition.class);
        peer.expect(End.class);
    }

    @Test
    void settlesBeforeItClosesAConnectionThatMadeAMistake() {
        receiving();
        peer.stored("q", 2);
        peer.send(0, peer.flow(0, 2));
        peer.forgetAll();

        peer.together(() -> {
            peer.send(0, ScriptedPeer.disposition(0, 1, false, Accepted.getInstance()));
            peer.send(0, peer.open("again"));
        });

        peer.expect(Disposition.class);
        peer.expect(Close.class);
    }

    @Test
    void chargesNothingThatHasNotLeftWhenTheSocketIsLost() {
        MemoryConsumer consumer = receiving();
        peer.stored("q", 5);
        Flow flow = peer.flow(0, 5);
        flow.setIncomingWindow(UnsignedInteger.ONE);
        peer.send(0, flow);
        peer.expect(Transfer.class);
        peer.expectNothing();

        peer.lost();

        assertEquals(
                List.of(Outcome.RELEASED, Outcome.RELEASED, Outcome.RELEASED, Outcome.RELEASED), consumer.outcomes);
        assertTrue(consumer.lost, "only what was sent is charged");
    }

    @Test
    void releasesWhatHasLeftInPartOnly() {
        MemoryConsumer consumer = receiving();
        stored(300_000);
        Flow flow = peer.flow(0, 1);
        flow.setIncomingWindow(UnsignedInteger.ONE);
        peer.send(0, flow);
        assertTrue(peer.expect(Transfer.class).getMore());

        peer.lost();

        assertEquals(List.of(Outcome.RELEASED), consumer.outcomes);
    }

    @Test
    void writesFramesOfModestSizeWhateverThePeerTakes() {
        receiving();
        stored(1_000_000);

        peer.send(0, peer.flow(0, 1));

        int frames = 0;
        for (boolean more = true; more; frames++) {
            ScriptedPeer.Frame frame = peer.next();
            more = ((Transfer) frame.body()).getMore();
            assertTrue(frame.payload().length <= 128 * 1024, frame.payload().length + " bytes");
        }
        assertEquals(8, frames);
    }

    private void stored(int bytes) {
        byte[] message = Messages.data(bytes);
        peer.loop.within(() -> peer.router.queue("q").add(AmqpFormat.INSTANCE.read(Body.Inline.of(message))));
    }
}
