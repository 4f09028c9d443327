package io.turnstone.amqp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.turnstone.amqp.message.AmqpFormat;
import io.turnstone.api.Body;
import io.turnstone.api.Condition;
import io.turnstone.api.Outcome;
import io.turnstone.api.Refusal;
import java.io.ByteArrayOutputStream;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.Data;
import org.apache.qpid.proton.amqp.messaging.Modified;
import org.apache.qpid.proton.amqp.messaging.Received;
import org.apache.qpid.proton.amqp.messaging.Rejected;
import org.apache.qpid.proton.amqp.messaging.Released;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Begin;
import org.apache.qpid.proton.amqp.transport.Disposition;
import org.apache.qpid.proton.amqp.transport.ErrorCondition;
import org.apache.qpid.proton.amqp.transport.Flow;
import org.apache.qpid.proton.amqp.transport.Open;
import org.apache.qpid.proton.amqp.transport.Role;
import org.apache.qpid.proton.amqp.transport.SenderSettleMode;
import org.apache.qpid.proton.amqp.transport.Transfer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("An outgoing link")
class ConsumingTest {

    @Test
    @Spec(section = "2.6.7", says = "nothing is sent without credit")
    @Spec(section = "2.6.12", says = "a delivery-tag is unique while its delivery is unsettled")
    void sendsAsMuchAsThereIsCredit() {
        var peer = new ScriptedPeer().receiving("q");
        peer.stored("q", 5);
        peer.expectNothing();

        peer.send(0, peer.flow(0, 2));

        Transfer first = peer.expect(Transfer.class);
        Transfer second = peer.expect(Transfer.class);
        peer.expectNothing();
        assertEquals(UnsignedInteger.ZERO, first.getDeliveryId());
        assertEquals(UnsignedInteger.ONE, second.getDeliveryId());
        assertFalse(first.getSettled());
        assertEquals(8, first.getDeliveryTag().getLength());
        assertNotEquals(first.getDeliveryTag(), second.getDeliveryTag());
    }

    @Test
    @Spec(section = "2.6.7", says = "credit counts from the receiver's delivery-count")
    @Spec(section = "2.6.9", says = "credit may be topped up while messages come")
    void countsWhatIsOnTheWayAgainstNewCredit() {
        var peer = new ScriptedPeer().receiving("q");
        peer.stored("q", 10);
        peer.send(0, peer.flow(0, 3));
        peer.forgetAll();

        // The peer had seen only one of the three: two of the four are used already.
        peer.send(0, peer.flow(1, 4));

        peer.expect(Transfer.class);
        peer.expect(Transfer.class);
        peer.expectNothing();
    }

    @Test
    @Spec(section = "2.6.10", says = "credit can be taken back")
    void stopsWhenCreditIsTakenBack() {
        var peer = new ScriptedPeer().receiving("q");
        peer.send(0, peer.flow(0, 10));
        Flow stop = peer.flow(0, 0);
        stop.setEcho(true);

        peer.send(0, stop);

        Flow answer = peer.expect(Flow.class);
        assertEquals(UnsignedInteger.ZERO, answer.getLinkCredit());
        assertEquals(UnsignedInteger.ZERO, answer.getDeliveryCount());
        peer.stored("q", 1);
        peer.expectNothing();
    }

    @Test
    void takesCreditAsTheWholeNumberItIs() {
        var peer = new ScriptedPeer().receiving("q");
        peer.stored("q", 3);

        peer.send(0, peer.flow(0, -1));

        peer.expect(Transfer.class);
        peer.expect(Transfer.class);
        peer.expect(Transfer.class);
    }

    @Test
    @Spec(section = "2.6.7", says = "drain uses up the credit and tells it in a flow")
    void answersADrainAfterWhatThereIs() {
        var peer = new ScriptedPeer().receiving("q");
        peer.stored("q", 2);

        peer.send(0, drain(peer, 0, 10));

        peer.expect(Transfer.class);
        peer.expect(Transfer.class);
        Flow flow = peer.expect(Flow.class);
        assertTrue(flow.getDrain());
        assertEquals(UnsignedInteger.ZERO, flow.getLinkCredit());
        assertEquals(UnsignedInteger.valueOf(10), flow.getDeliveryCount());
        assertEquals(UnsignedInteger.ZERO, flow.getAvailable());
        peer.stored("q", 1);
        peer.expectNothing();
        peer.send(0, peer.flow(10, 1));
        peer.expect(Transfer.class);
    }

    @Test
    @Spec(section = "2.6.7", says = "a drain is answered even if there is nothing")
    void answersADrainOfNothing() {
        var peer = new ScriptedPeer().receiving("q");

        peer.send(0, drain(peer, 0, 0));

        assertEquals(UnsignedInteger.ZERO, peer.expect(Flow.class).getLinkCredit());
        peer.expectNothing();
    }

    @Test
    @Spec(section = "2.6.8", says = "synchronous get: credit and drain, again and again")
    void answersTheLastOfSeveralDrains() {
        var peer = new ScriptedPeer().receiving("q");
        MemoryConsumer consumer = peer.router.consumers.get(0);
        consumer.holdDrains = true;
        peer.send(0, drain(peer, 0, 1));
        peer.send(0, peer.flow(0, 5));
        peer.send(0, drain(peer, 0, 5));

        peer.loop.within(consumer::drained);
        peer.expectNothing();
        peer.loop.within(consumer::drained);

        assertEquals(UnsignedInteger.valueOf(5), peer.expect(Flow.class).getDeliveryCount());
        peer.expectNothing();
    }

    @Test
    void answersADrainOnlyAfterWhatWaitsForTheWindow() {
        var peer = new ScriptedPeer().receiving("q");
        peer.stored("q", 2);
        Flow drain = drain(peer, 0, 10);
        drain.setIncomingWindow(UnsignedInteger.ONE);

        peer.send(0, drain);
        peer.expect(Transfer.class);
        peer.expectNothing();
        peer.send(0, peer.sessionFlow(1, 10));

        peer.expect(Transfer.class);
        assertEquals(UnsignedInteger.valueOf(10), peer.expect(Flow.class).getDeliveryCount());
    }

    private static Flow drain(ScriptedPeer peer, int count, int credit) {
        Flow flow = peer.flow(count, credit);
        flow.setDrain(true);
        return flow;
    }

    @Test
    @Spec(section = "2.7.4", says = "echo is answered with the state of the link")
    void answersAnEcho() {
        var peer = new ScriptedPeer().receiving("q");
        Flow flow = peer.flow(0, 7);
        flow.setEcho(true);

        peer.send(0, flow);

        Flow answer = peer.expect(Flow.class);
        assertEquals(UnsignedInteger.ZERO, answer.getHandle());
        assertEquals(UnsignedInteger.valueOf(7), answer.getLinkCredit());
        peer.expectNothing();
    }

    @Test
    @Spec(section = "3.4", says = "accepted, rejected, released and modified")
    void tellsTheQueueEachOutcome() {
        var peer = new ScriptedPeer().receiving("q");
        peer.stored("q", 4);
        peer.send(0, peer.flow(0, 4));
        var rejected = new Rejected();
        var error = new ErrorCondition(Symbol.valueOf("x:bad"), "no good");
        rejected.setError(error);
        var modified = new Modified();
        modified.setDeliveryFailed(true);
        modified.setUndeliverableHere(true);
        modified.setMessageAnnotations(Map.of(Symbol.valueOf("x-why"), UnsignedInteger.ONE));
        peer.forgetAll();

        peer.send(0, ScriptedPeer.disposition(0, 0, true, Accepted.getInstance()));
        peer.send(0, ScriptedPeer.disposition(1, 1, true, rejected));
        peer.send(0, ScriptedPeer.disposition(2, 2, true, Released.getInstance()));
        peer.send(0, ScriptedPeer.disposition(3, 3, true, modified));

        List<Outcome> outcomes = peer.router.consumers.get(0).outcomes;
        assertEquals(Outcome.ACCEPTED, outcomes.get(0));
        assertEquals(new Outcome.Rejected("x:bad", "no good"), outcomes.get(1));
        assertEquals(Outcome.RELEASED, outcomes.get(2));
        var third = (Outcome.Modified) outcomes.get(3);
        assertTrue(third.deliveryFailed() && third.undeliverableHere());
        assertEquals(1L, ((Number) third.annotations().get("x-why")).longValue());
        peer.expectNothing();
    }

    @Test
    void tellsTheQueueWhyAClientOfAzureBuriesAMessage() {
        var peer = new ScriptedPeer().receiving("q");
        peer.stored("q", 2);
        peer.send(0, peer.flow(0, 2));
        var rejected = new Rejected();
        var error = new ErrorCondition(Symbol.valueOf("com.microsoft:dead-letter"), null);
        error.setInfo(Map.of(
                Symbol.valueOf("DeadLetterReason"), "too old",
                Symbol.valueOf("DeadLetterErrorDescription"), "price of last year"));
        rejected.setError(error);
        var bare = new Rejected();
        bare.setError(new ErrorCondition(Symbol.valueOf("com.microsoft:dead-letter"), "no good"));

        peer.send(0, ScriptedPeer.disposition(0, 0, true, rejected));
        peer.send(0, ScriptedPeer.disposition(1, 1, true, bare));

        assertEquals(
                List.of(
                        new Outcome.Rejected("too old", "price of last year"),
                        new Outcome.Rejected("com.microsoft:dead-letter", "no good")),
                peer.router.consumers.get(0).outcomes);
    }

    @Test
    @Spec(section = "2.6.12", says = "a delivery settled without outcome has the default outcome")
    void releasesWhatIsSettledWithoutOutcome() {
        var peer = new ScriptedPeer().receiving("q");
        peer.stored("q", 2);
        peer.send(0, peer.flow(0, 2));
        var received = new Received();
        received.setSectionNumber(UnsignedInteger.ZERO);
        received.setSectionOffset(org.apache.qpid.proton.amqp.UnsignedLong.ZERO);

        peer.send(0, ScriptedPeer.disposition(0, 0, true, null));
        peer.send(0, ScriptedPeer.disposition(1, 1, true, received));

        assertEquals(List.of(Outcome.RELEASED, Outcome.RELEASED), peer.router.consumers.get(0).outcomes);
    }

    @Test
    @Spec(section = "2.6.12", says = "received is not terminal")
    void leavesADeliveryAloneThatIsOnlyReceived() {
        var peer = new ScriptedPeer().receiving("q");
        peer.stored("q", 1);
        peer.send(0, peer.flow(0, 1));
        peer.forgetAll();
        var received = new Received();
        received.setSectionNumber(UnsignedInteger.ZERO);
        received.setSectionOffset(org.apache.qpid.proton.amqp.UnsignedLong.ZERO);

        peer.send(0, ScriptedPeer.disposition(0, 0, false, received));
        peer.expectNothing();
        assertTrue(peer.router.consumers.get(0).outcomes.isEmpty());
        peer.send(0, ScriptedPeer.disposition(0, 0, true, Accepted.getInstance()));

        assertEquals(List.of(Outcome.ACCEPTED), peer.router.consumers.get(0).outcomes);
    }

    @Test
    @Spec(section = "2.7.3", says = "rcv-settle-mode second: the sender settles first, when the outcome is safe")
    void settlesWhatIsNotSettledByThePeer() {
        var peer = new ScriptedPeer().receiving("q");
        peer.stored("q", 3);
        peer.send(0, peer.flow(0, 3));
        peer.forgetAll();
        MemoryConsumer consumer = peer.router.consumers.get(0);
        consumer.holdConfirmations = true;

        peer.send(0, ScriptedPeer.disposition(0, 1, false, Accepted.getInstance()));
        peer.send(0, ScriptedPeer.disposition(2, 2, false, Released.getInstance()));
        peer.expectNothing();
        peer.loop.within(() -> consumer.unconfirmed.forEach(Runnable::run));

        Disposition released = peer.expect(Disposition.class);
        assertInstanceOf(Released.class, released.getState());
        Disposition accepted = peer.expect(Disposition.class);
        assertEquals(Role.SENDER, accepted.getRole());
        assertTrue(accepted.getSettled());
        assertEquals(0, accepted.getFirst().intValue());
        assertEquals(1, accepted.getLast().intValue());
        assertInstanceOf(Accepted.class, accepted.getState());
        peer.expectNothing();
    }

    @Test
    @Spec(section = "2.7.6", says = "a range may be wider than what is unsettled, and wrap")
    @Spec(section = "Robustness", says = "a disposition of the whole range costs what is unsettled")
    void settlesASparseHugeRangeAtOnce() {
        var peer = new ScriptedPeer().receiving("q");
        peer.stored("q", 3);
        peer.send(0, peer.flow(0, 3));
        peer.send(0, ScriptedPeer.disposition(1, 1, true, Accepted.getInstance()));

        peer.send(0, ScriptedPeer.disposition(-1000, Integer.MAX_VALUE - 1001, true, Accepted.getInstance()));

        assertEquals(3, peer.router.consumers.get(0).outcomes.size());
    }

    @Test
    @Spec(section = "2.7.6", says = "unknown delivery-ids are ignored")
    void ignoresDispositionsForWhatItDoesNotKnow() {
        var peer = new ScriptedPeer().receiving("q");

        peer.send(0, ScriptedPeer.disposition(0, -1, true, Accepted.getInstance()));
        peer.send(0, ScriptedPeer.disposition(77, 78, false, Accepted.getInstance()));

        peer.expectNothing();
    }

    @Test
    @Spec(section = "2.7.3", says = "snd-settle-mode settled: everything is sent settled")
    void sendsSettledWhenItIsAskedTo() {
        var peer = new ScriptedPeer().begun();
        Attach attach = peer.attach("in", 0, Role.RECEIVER, "q");
        attach.setSndSettleMode(SenderSettleMode.SETTLED);
        peer.send(0, attach);
        assertEquals(SenderSettleMode.SETTLED, peer.expect(Attach.class).getSndSettleMode());
        assertTrue(peer.router.requests.get(0).mode().settled());
        peer.stored("q", 1);

        peer.send(0, peer.flow(0, 1));

        assertTrue(peer.expect(Transfer.class).getSettled());
    }

    @Test
    @Spec(section = "2.6.14", says = "messages larger than a frame take several")
    @Spec(section = "2.7.1", says = "no frame is larger than the peer takes")
    void cutsLargeMessagesIntoFrames() {
        var peer = new ScriptedPeer().headers();
        Open open = peer.open("peer");
        open.setMaxFrameSize(UnsignedInteger.valueOf(512));
        peer.send(0, open);
        peer.expect(Open.class);
        peer.send(0, peer.begin());
        peer.send(0, peer.attach("in", 0, Role.RECEIVER, "q"));
        peer.forgetAll();
        byte[] message = peer.section(new Data(new Binary(new byte[3000])));
        peer.loop.within(() -> peer.router.queue("q").add(AmqpFormat.INSTANCE.read(Body.Inline.of(message))));

        Flow flow = peer.flow(0, 1);
        flow.setIncomingWindow(UnsignedInteger.valueOf(3));
        peer.send(0, flow);
        var payload = new ByteArrayOutputStream();
        for (int i = 0; i < 3; i++) {
            ScriptedPeer.Frame frame = peer.next();
            assertTrue(((Transfer) frame.body()).getMore());
            payload.writeBytes(frame.payload());
        }
        peer.expectNothing();
        peer.send(0, peer.sessionFlow(3, 100));
        boolean more = true;
        while (more) {
            ScriptedPeer.Frame frame = peer.next();
            payload.writeBytes(frame.payload());
            more = ((Transfer) frame.body()).getMore();
        }

        byte[] sent = payload.toByteArray();
        assertArrayEquals(message, java.util.Arrays.copyOfRange(sent, sent.length - message.length, sent.length));
        peer.send(0, ScriptedPeer.disposition(0, 0, true, Accepted.getInstance()));
        assertEquals(1, peer.router.consumers.get(0).outcomes.size());
    }

    @Test
    @Spec(section = "2.6.14", says = "a message that cannot be finished is aborted")
    void abortsAMessageInTheMiddleWhenTheLinkEnds() {
        var peer = new ScriptedPeer().headers();
        Open open = peer.open("peer");
        open.setMaxFrameSize(UnsignedInteger.valueOf(512));
        peer.send(0, open);
        peer.send(0, peer.begin());
        peer.send(0, peer.attach("in", 0, Role.RECEIVER, "q"));
        peer.forgetAll();
        byte[] message = peer.section(new Data(new Binary(new byte[3000])));
        peer.loop.within(() -> peer.router.queue("q").add(AmqpFormat.INSTANCE.read(Body.Inline.of(message))));
        Flow flow = peer.flow(0, 1);
        flow.setIncomingWindow(UnsignedInteger.ONE);
        peer.send(0, flow);
        peer.expect(Transfer.class);

        peer.loop.within(() -> peer.router
                .consumers
                .get(0)
                .listener
                .closed(new Refusal(Condition.RESOURCE_DELETED, "queue 'q' was deleted")));

        assertTrue(peer.expect(Transfer.class).getAborted());
        peer.expectDetached("amqp:resource-deleted");
    }

    @Test
    void tellsTheQueueWhatTheSocketHasTaken() {
        var peer = new ScriptedPeer(ScriptedPeer.SETTINGS.withWindows(1000, 10, 1000, 400)).receiving("q");
        peer.stored("q", 200);

        peer.send(0, peer.flow(0, 150));

        for (int i = 0; i < 150; i++) {
            peer.expect(Transfer.class);
        }
        MemoryConsumer consumer = peer.router.consumers.get(0);
        assertTrue(consumer.written > 0);
        assertTrue(consumer.outstanding < 400, "counted as the queue counts");
    }

    @Test
    void waitsForASocketThatDoesNotTakeAnything() {
        var peer =
                new ScriptedPeer(ScriptedPeer.SETTINGS.withWindows(1000, 10, 10_000, 64L * 1024 * 1024)).receiving("q");
        byte[] message = peer.section(new Data(new Binary(new byte[60_000])));
        peer.loop.within(() -> {
            for (int i = 0; i < 100; i++) {
                peer.router.queue("q").add(AmqpFormat.INSTANCE.read(Body.Inline.of(message)));
            }
        });
        peer.channel.stuck(true);

        peer.send(0, peer.flow(0, 100));
        int sent = 0;
        while (peer.hasNext()) {
            peer.expect(Transfer.class);
            sent++;
        }
        assertTrue(sent > 10 && sent < 25, sent + " messages of 60,000 bytes fill one MiB");
        peer.channel.stuck(false);
        peer.loop.within(peer.connection::drained);
        peer.loop.settle();

        for (; sent < 100; sent++) {
            peer.expect(Transfer.class);
        }
    }

    @Test
    void limitsUnsettledDeliveries() {
        var peer = new ScriptedPeer(ScriptedPeer.SETTINGS.withWindows(1000, 10, 20, 1024 * 1024)).receiving("q");
        peer.stored("q", 50);

        peer.send(0, peer.flow(0, 50));
        for (int i = 0; i < 20; i++) {
            peer.expect(Transfer.class);
        }
        peer.expectNothing();
        peer.send(0, ScriptedPeer.disposition(0, 8, true, Accepted.getInstance()));
        peer.expectNothing();
        peer.send(0, ScriptedPeer.disposition(9, 9, true, Accepted.getInstance()));

        for (int i = 0; i < 10; i++) {
            peer.expect(Transfer.class);
        }
        peer.expectNothing();
    }

    @Test
    void answersADrainOnlyAfterWhatWaitsForSettlement() {
        var peer = new ScriptedPeer(ScriptedPeer.SETTINGS.withWindows(1000, 10, 20, 1024 * 1024)).receiving("q");
        peer.stored("q", 30);

        peer.send(0, drain(peer, 0, 50));
        for (int i = 0; i < 20; i++) {
            peer.expect(Transfer.class);
        }
        peer.expectNothing();
        peer.send(0, ScriptedPeer.disposition(0, 9, true, Accepted.getInstance()));

        for (int i = 0; i < 10; i++) {
            peer.expect(Transfer.class);
        }
        peer.expectNothing();
        peer.send(0, ScriptedPeer.disposition(10, 19, true, Accepted.getInstance()));

        assertEquals(UnsignedInteger.valueOf(50), peer.expect(Flow.class).getDeliveryCount());
        peer.expectNothing();
    }

    @Test
    void sharesTheWindowBetweenLinks() {
        var peer = new ScriptedPeer().begun();
        peer.send(0, peer.attach("a", 0, Role.RECEIVER, "a"));
        peer.send(0, peer.attach("b", 1, Role.RECEIVER, "b"));
        peer.stored("a", 100);
        peer.stored("b", 100);
        Flow first = peer.flow(0, 100);
        first.setIncomingWindow(UnsignedInteger.ZERO);
        Flow second = peer.flow(0, 100);
        second.setHandle(UnsignedInteger.ONE);
        second.setIncomingWindow(UnsignedInteger.ZERO);
        peer.send(0, first);
        peer.send(0, second);
        peer.forgetAll();

        peer.send(0, peer.sessionFlow(0, 10));

        var handles = new HashSet<UnsignedInteger>();
        for (int i = 0; i < 10; i++) {
            handles.add(peer.expect(Transfer.class).getHandle());
        }
        peer.expectNothing();
        assertEquals(2, handles.size());
    }

    @Test
    void numbersDeliveriesOfAllLinksOfASessionTogether() {
        var peer = new ScriptedPeer().begun();
        peer.send(0, peer.attach("a", 0, Role.RECEIVER, "a"));
        peer.send(0, peer.attach("b", 1, Role.RECEIVER, "b"));
        peer.stored("a", 1);
        peer.stored("b", 1);
        Flow second = peer.flow(0, 1);
        second.setHandle(UnsignedInteger.ONE);
        peer.forgetAll();
        peer.send(0, peer.flow(0, 1));
        Flow both = second;
        both.setNextIncomingId(UnsignedInteger.ONE);
        peer.send(0, both);

        assertEquals(UnsignedInteger.ZERO, peer.expect(Transfer.class).getDeliveryId());
        assertEquals(UnsignedInteger.ONE, peer.expect(Transfer.class).getDeliveryId());
        peer.send(0, ScriptedPeer.disposition(0, 1, true, Accepted.getInstance()));

        assertEquals(1, peer.router.consumers.get(0).outcomes.size());
        assertEquals(1, peer.router.consumers.get(1).outcomes.size());
    }

    @Test
    void givesBackWhatIsUnsettledWhenTheSocketIsLost() {
        var peer = new ScriptedPeer().receiving("q");
        peer.stored("q", 3);
        peer.send(0, peer.flow(0, 2));

        peer.lost();

        assertEquals(3, peer.router.queue("q").entries.size());
        assertTrue(peer.router.consumers.get(0).lost);
    }

    @Test
    void startsASessionWithTheWindowOfItsBegin() {
        var peer = new ScriptedPeer().opened();
        Begin begin = peer.begin();
        begin.setIncomingWindow(UnsignedInteger.ZERO);
        peer.send(0, begin);
        peer.send(0, peer.attach("in", 0, Role.RECEIVER, "q"));
        peer.forgetAll();
        peer.stored("q", 1);
        Flow flow = peer.flow(0, 1);
        flow.setIncomingWindow(UnsignedInteger.ZERO);

        peer.send(0, flow);
        peer.expectNothing();
        peer.send(0, peer.flow(0, 1));

        peer.expect(Transfer.class);
        peer.expectNothing();
    }
}
