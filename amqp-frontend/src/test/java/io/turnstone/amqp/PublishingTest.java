package io.turnstone.amqp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.turnstone.api.Body;
import java.util.Arrays;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedByte;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.AmqpValue;
import org.apache.qpid.proton.amqp.messaging.Data;
import org.apache.qpid.proton.amqp.messaging.Properties;
import org.apache.qpid.proton.amqp.messaging.Rejected;
import org.apache.qpid.proton.amqp.messaging.Released;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.messaging.Target;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Detach;
import org.apache.qpid.proton.amqp.transport.Disposition;
import org.apache.qpid.proton.amqp.transport.Flow;
import org.apache.qpid.proton.amqp.transport.ReceiverSettleMode;
import org.apache.qpid.proton.amqp.transport.Role;
import org.apache.qpid.proton.amqp.transport.Transfer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("An incoming link")
class PublishingTest {

    private static final AmqpSettings SMALL =
            ScriptedPeer.SETTINGS.withWindows(1000, 10, 20, 1024 * 1024).withMaxMessageBytes(1000);

    @Test
    @Spec(section = "2.6.12", says = "the outcome is told in a settled disposition")
    @Spec(section = "3.4.2", says = "accepted")
    void acceptsAMessage() {
        var peer = new ScriptedPeer().sending("q");
        byte[] message = peer.message("hello");

        peer.send(0, ScriptedPeer.transfer(5, false), message);

        Disposition disposition = peer.expect(Disposition.class);
        assertEquals(Role.RECEIVER, disposition.getRole());
        assertEquals(UnsignedInteger.valueOf(5), disposition.getFirst());
        assertTrue(disposition.getSettled());
        assertInstanceOf(Accepted.class, disposition.getState());
        assertArrayEquals(message, stored(peer, "q"));
        peer.expectNothing();
    }

    @Test
    @Spec(section = "2.6.12", says = "a pre-settled delivery has no disposition")
    void saysNothingOnSettledMessages() {
        var peer = new ScriptedPeer().sending("q");

        peer.send(0, ScriptedPeer.transfer(0, true), peer.message("hello"));

        peer.expectNothing();
        assertEquals(1, peer.router.queue("q").entries.size());
    }

    @Test
    @Spec(section = "2.7.6", says = "a disposition names a range")
    void tellsOutcomesOfOneTurnInRanges() {
        var peer = new ScriptedPeer().sending("q");

        peer.together(() -> {
            for (int i = 0; i < 60; i++) {
                peer.send(0, ScriptedPeer.transfer(i, i == 50), peer.message("m"));
            }
        });

        assertRange(0, 49, peer.expect(Disposition.class));
        assertRange(51, 59, peer.expect(Disposition.class));
        peer.expectNothing();
    }

    @Test
    void tellsOutcomesThatComeOutOfOrderInRanges() {
        var peer = new ScriptedPeer().sending("q");
        peer.router.holdOutcomes = true;
        for (int i = 0; i < 4; i++) {
            peer.send(0, ScriptedPeer.transfer(i, false), peer.message("m"));
        }
        peer.expectNothing();

        peer.loop.within(() -> {
            Runnable first = peer.router.held.remove();
            peer.router.commit();
            first.run();
        });

        assertRange(0, 3, peer.expect(Disposition.class));
        peer.expectNothing();
    }

    private static void assertRange(int first, int last, Disposition disposition) {
        assertEquals(first, disposition.getFirst().intValue());
        assertEquals(
                last,
                disposition.getLast() == null ? first : disposition.getLast().intValue());
    }

    @Test
    @Spec(section = "3.4.4", says = "released: not processed")
    void releasesWhatIsUnroutable() {
        var peer = new ScriptedPeer().sending("nowhere");

        peer.send(0, ScriptedPeer.transfer(0, false), peer.message("m"));

        assertInstanceOf(Released.class, peer.expect(Disposition.class).getState());
    }

    @Test
    void honoursThePeersWishForUnroutableMessages() {
        assertInstanceOf(Rejected.class, outcomeWith("REJECT_UNROUTABLE"));
        assertInstanceOf(Accepted.class, outcomeWith("DISCARD_UNROUTABLE"));
    }

    private static Object outcomeWith(String capability) {
        var peer = new ScriptedPeer().begun();
        Attach attach = peer.attach("out", 0, Role.SENDER, "nowhere");
        ((Target) attach.getTarget()).setCapabilities(Symbol.valueOf(capability));
        peer.send(0, attach);
        peer.expect(Attach.class);
        peer.expect(Flow.class);
        peer.send(0, ScriptedPeer.transfer(0, false), peer.message("m"));
        return peer.expect(Disposition.class).getState();
    }

    @Test
    @Spec(section = "3.4.3", says = "rejected carries an error")
    void rejectsWhatIsRefused() {
        var peer = new ScriptedPeer().sending("full");

        peer.send(0, ScriptedPeer.transfer(0, false), peer.message("m"));

        Disposition disposition = peer.expect(Disposition.class);
        assertTrue(disposition.getSettled());
        var rejected = assertInstanceOf(Rejected.class, disposition.getState());
        assertEquals(
                Symbol.valueOf("amqp:resource-limit-exceeded"),
                rejected.getError().getCondition());
        assertEquals(Symbol.valueOf("maxlen"), rejected.getError().getInfo().get(Symbol.valueOf("reason")));
    }

    @Test
    @Spec(section = "3.4.3", says = "a source that does not know rejected is detached instead")
    void detachesASenderThatDoesNotKnowRejected() {
        var peer = new ScriptedPeer().begun();
        Attach attach = peer.attach("out", 0, Role.SENDER, "full");
        ((Source) attach.getSource()).setOutcomes(Accepted.DESCRIPTOR_SYMBOL);
        peer.send(0, attach);
        peer.forgetAll();

        peer.send(0, ScriptedPeer.transfer(0, false), peer.message("m"));

        peer.expectDetached("amqp:resource-limit-exceeded");
    }

    @Test
    @Spec(section = "2.6.7", says = "a transfer beyond the credit detaches the link")
    @Spec(section = "2.8.18", says = "transfer-limit-exceeded: more than the credit")
    void detachesASenderWithoutCredit() {
        var peer = new ScriptedPeer(SMALL).sending("q");

        peer.together(() -> {
            for (int i = 0; i < 11; i++) {
                peer.send(0, ScriptedPeer.transfer(i, true), peer.message("m"));
            }
        });

        peer.expectDetached("amqp:link:transfer-limit-exceeded");
        assertEquals(10, peer.router.queue("q").entries.size());
    }

    @Test
    @Spec(section = "2.6.10", says = "credit is given again as it is used")
    void givesCreditInBatches() {
        var peer = new ScriptedPeer(SMALL).sending("q");

        for (int i = 0; i < 4; i++) {
            peer.send(0, ScriptedPeer.transfer(i, true), peer.message("m"));
            peer.expectNothing();
        }
        peer.send(0, ScriptedPeer.transfer(4, true), peer.message("m"));

        Flow flow = peer.expect(Flow.class);
        assertEquals(UnsignedInteger.ZERO, flow.getHandle());
        assertEquals(UnsignedInteger.valueOf(5), flow.getDeliveryCount());
        assertEquals(UnsignedInteger.valueOf(10), flow.getLinkCredit());
        peer.expectNothing();
    }

    @Test
    void givesNoCreditWhileItsQueueIsBlocked() {
        var peer = new ScriptedPeer(SMALL).sending("q");
        MemoryPublisher publisher = peer.router.publishers.get(0);
        peer.loop.within(() -> publisher.open(false));

        assertEquals(UnsignedInteger.ZERO, peer.expect(Flow.class).getLinkCredit());
        // Under way when the credit was taken back.
        for (int i = 0; i < 10; i++) {
            peer.send(0, ScriptedPeer.transfer(i, true), peer.message("m"));
        }
        peer.expectNothing();
        peer.loop.within(() -> publisher.open(true));

        assertEquals(UnsignedInteger.valueOf(10), peer.expect(Flow.class).getLinkCredit());
    }

    @Test
    void givesNoCreditBeyondTheLimitOfUnsettledMessages() {
        var peer = new ScriptedPeer(SMALL).sending("q");
        peer.router.holdOutcomes = true;

        for (int i = 0; i < 20; i++) {
            peer.send(0, ScriptedPeer.transfer(i, false), peer.message("m"));
        }
        peer.forgetAll();
        peer.loop.settle();
        peer.expectNothing();
        peer.loop.within(() -> peer.router.held.remove().run());

        assertRange(0, 0, peer.expect(Disposition.class));
        assertEquals(UnsignedInteger.ONE, peer.expect(Flow.class).getLinkCredit());
    }

    @Test
    @Spec(section = "2.6.7", says = "the sender's delivery-count may start anywhere and wraps")
    void countsFromTheInitialDeliveryCount() {
        var peer = new ScriptedPeer(SMALL).begun();
        Attach attach = peer.attach("out", 0, Role.SENDER, "q");
        attach.setInitialDeliveryCount(UnsignedInteger.valueOf(-2));
        peer.send(0, attach);
        peer.expect(Attach.class);
        assertEquals(UnsignedInteger.valueOf(-2), peer.expect(Flow.class).getDeliveryCount());

        for (int i = 0; i < 5; i++) {
            peer.send(0, ScriptedPeer.transfer(i, true), peer.message("m"));
        }

        assertEquals(UnsignedInteger.valueOf(3), peer.expect(Flow.class).getDeliveryCount());
    }

    @Test
    @Spec(section = "2.7.4", says = "echo asks for the state of the link")
    void answersAnEcho() {
        var peer = new ScriptedPeer(SMALL).sending("q");
        Flow flow = peer.flow(0, 10);
        flow.setEcho(true);

        peer.send(0, flow);

        assertEquals(UnsignedInteger.valueOf(10), peer.expect(Flow.class).getLinkCredit());
        peer.expectNothing();
    }

    @Test
    @Spec(section = "2.6.14", says = "a message may take several transfers")
    void putsTransfersTogether() {
        var peer = new ScriptedPeer().sending("q");
        byte[] message = peer.message("x".repeat(100));

        peer.send(0, more(ScriptedPeer.transfer(0, false)), Arrays.copyOfRange(message, 0, 40));
        peer.send(0, more(continuation()), Arrays.copyOfRange(message, 40, 41));
        peer.expectNothing();
        peer.send(0, continuation(), Arrays.copyOfRange(message, 41, message.length));

        assertInstanceOf(Accepted.class, peer.expect(Disposition.class).getState());
        assertArrayEquals(message, stored(peer, "q"));
    }

    @Test
    @Spec(section = "2.7.5", says = "settled on any transfer settles the delivery")
    void takesTheSettledFlagFromAnyTransfer() {
        var peer = new ScriptedPeer().sending("q");
        byte[] message = peer.message("hello");
        Transfer last = continuation();
        last.setSettled(true);

        peer.send(0, more(ScriptedPeer.transfer(0, false)), Arrays.copyOfRange(message, 0, 4));
        peer.send(0, last, Arrays.copyOfRange(message, 4, message.length));

        peer.expectNothing();
        assertEquals(1, peer.router.queue("q").entries.size());
    }

    @Test
    @Spec(section = "2.6.14", says = "an aborted message is discarded")
    void forgetsAnAbortedMessage() {
        var peer = new ScriptedPeer().sending("q");
        Transfer abort = continuation();
        abort.setAborted(true);
        peer.send(0, more(ScriptedPeer.transfer(0, false)), (byte) 1, (byte) 2);

        peer.send(0, abort);
        peer.send(0, ScriptedPeer.transfer(1, false), peer.message("next"));

        assertRange(1, 1, peer.expect(Disposition.class));
        assertEquals(1, peer.router.queue("q").entries.size());
    }

    @Test
    @Spec(section = "2.6.14", says = "an aborted message gives its credit back")
    void survivesAnyNumberOfAbortedMessages() {
        var peer = new ScriptedPeer(SMALL).sending("q");

        for (int i = 0; i < 50; i++) {
            Transfer abort = ScriptedPeer.transfer(i, false);
            abort.setAborted(true);
            peer.send(0, abort);
        }
        peer.forgetAll();
        peer.send(0, ScriptedPeer.transfer(50, false), peer.message("next"));

        assertRange(50, 50, peer.expect(Disposition.class));
    }

    @Test
    @Spec(section = "2.6.14", says = "messages of one link are not interleaved")
    void detachesASenderThatInterleaves() {
        var peer = new ScriptedPeer().sending("q");
        peer.send(0, more(ScriptedPeer.transfer(0, false)), (byte) 1);

        peer.send(0, ScriptedPeer.transfer(1, false), peer.message("m"));

        peer.expectDetached("amqp:not-allowed");
    }

    @Test
    @Spec(section = "2.6.14", says = "messages of different links may be interleaved")
    void mayBeInterleavedWithAnother() {
        var peer = new ScriptedPeer().sending("q");
        peer.send(0, peer.attach("other", 1, Role.SENDER, "q"));
        peer.forgetAll();
        byte[] message = peer.message("hello");
        peer.send(0, more(ScriptedPeer.transfer(0, false)), Arrays.copyOfRange(message, 0, 5));
        Transfer between = ScriptedPeer.transfer(1, false);
        between.setHandle(UnsignedInteger.ONE);

        peer.send(0, between, message);
        peer.send(0, continuation(), Arrays.copyOfRange(message, 5, message.length));

        assertRange(1, 1, peer.expect(Disposition.class));
        assertRange(0, 0, peer.expect(Disposition.class));
    }

    @Test
    @Spec(section = "2.6.6", says = "dispositions come before the detach")
    void tellsWhatItAcceptedBeforeItDetaches() {
        var peer = new ScriptedPeer().sending("q");
        Transfer withoutId = ScriptedPeer.transfer(1, false);
        withoutId.setDeliveryId(null);

        peer.together(() -> {
            peer.send(0, ScriptedPeer.transfer(0, false), peer.message("m"));
            peer.send(0, withoutId, peer.message("m"));
        });

        assertRange(0, 0, peer.expect(Disposition.class));
        peer.expectDetached("amqp:invalid-field");
    }

    @Test
    @Spec(section = "2.7.5", says = "the first transfer has a delivery-id")
    @Spec(section = "2.8.15", says = "invalid-field: a field has a value that cannot be")
    void detachesASenderWithoutDeliveryId() {
        var peer = new ScriptedPeer().sending("q");
        Transfer transfer = ScriptedPeer.transfer(0, false);
        transfer.setDeliveryId(null);

        peer.send(0, transfer, peer.message("m"));

        peer.expectDetached("amqp:invalid-field");
    }

    @Test
    @Spec(section = "2.7.5", says = "the first transfer has a delivery-tag")
    void detachesASenderWithoutDeliveryTag() {
        var peer = new ScriptedPeer().sending("q");
        Transfer transfer = ScriptedPeer.transfer(0, false);
        transfer.setDeliveryTag(null);

        peer.send(0, transfer, peer.message("m"));

        peer.expectDetached("amqp:invalid-field");
    }

    @Test
    @Spec(section = "2.8.7", says = "a delivery-tag has at most 32 bytes")
    void refusesALongDeliveryTag() {
        var peer = new ScriptedPeer().sending("q");
        Transfer transfer = ScriptedPeer.transfer(0, false);
        transfer.setDeliveryTag(new Binary(new byte[33]));

        peer.send(0, transfer, peer.message("m"));

        peer.expectClosed("amqp:decode-error");
    }

    @Test
    @Spec(section = "2.7.5", says = "rcv-settle-mode second is illegal on a link with first")
    void detachesASenderThatAsksForSecond() {
        var peer = new ScriptedPeer().sending("q");
        Transfer transfer = ScriptedPeer.transfer(0, false);
        transfer.setRcvSettleMode(ReceiverSettleMode.SECOND);

        peer.send(0, transfer, peer.message("m"));

        peer.expectDetached("amqp:not-allowed");
    }

    @Test
    @Spec(section = "2.7.3", says = "a message beyond max-message-size detaches the link")
    @Spec(section = "2.8.18", says = "message-size-exceeded: larger than max-message-size")
    void detachesASenderOfALargeMessage() {
        var one = new ScriptedPeer(SMALL).sending("q");
        one.send(0, ScriptedPeer.transfer(0, false), new byte[1001]);
        one.expectDetached("amqp:link:message-size-exceeded");

        var many = new ScriptedPeer(SMALL).sending("q");
        many.send(0, more(ScriptedPeer.transfer(0, false)), new byte[600]);
        many.send(0, more(continuation()), new byte[600]);
        many.expectDetached("amqp:link:message-size-exceeded");
    }

    @Test
    @Spec(section = "2.8.15", says = "resource-limit-exceeded: too much of something")
    @Spec(section = "Robustness", says = "what a peer leaves unfinished is limited")
    void limitsUnfinishedMessagesPerConnection() {
        var peer = new ScriptedPeer(SMALL).begun();
        for (int i = 0; i < 5; i++) {
            peer.send(0, peer.attach("l" + i, i, Role.SENDER, "q"));
        }
        peer.forgetAll();

        for (int i = 0; i < 5; i++) {
            Transfer transfer = more(ScriptedPeer.transfer(i, false));
            transfer.setHandle(UnsignedInteger.valueOf(i));
            peer.send(0, transfer, new byte[900]);
        }

        peer.expectClosed("amqp:resource-limit-exceeded");
    }

    @Test
    @Spec(section = "3.2", says = "what is no message is a decode error")
    void detachesASenderOfNonsense() {
        var peer = new ScriptedPeer().sending("q");

        peer.send(0, ScriptedPeer.transfer(0, false), (byte) 1, (byte) 2, (byte) 3);

        peer.expectDetached("amqp:decode-error");
    }

    @Test
    @Spec(section = "2.6.13", says = "resumed deliveries that are not known are ignored")
    void ignoresResumedDeliveries() {
        var peer = new ScriptedPeer().sending("q");
        Transfer transfer = ScriptedPeer.transfer(0, false);
        transfer.setResume(true);

        peer.send(0, transfer, peer.message("m"));

        peer.expectNothing();
        assertTrue(peer.router.queues.isEmpty());
    }

    @Test
    @Spec(section = "2.7.5", says = "transfers flow from sender to receiver only")
    void maySendNothingWhenItIsAReceiver() {
        var peer = new ScriptedPeer().receiving("q");

        peer.send(0, ScriptedPeer.transfer(0, false), peer.message("m"));

        peer.expectDetached("amqp:not-allowed");
    }

    @Test
    @Spec(section = "Anonymous 2.2", says = "each message goes where its to says")
    void routesByToOnTheAnonymousTerminus() {
        var peer = new ScriptedPeer().sending(null);

        peer.send(0, ScriptedPeer.transfer(0, false), to(peer, "/queues/a"));
        peer.send(0, ScriptedPeer.transfer(1, true), to(peer, "/queues/a"));
        peer.send(0, ScriptedPeer.transfer(2, false), to(peer, "/queues/b"));

        assertRange(0, 0, peer.expect(Disposition.class));
        assertRange(2, 2, peer.expect(Disposition.class));
        assertEquals(2, peer.router.queue("a").entries.size());
        assertEquals(1, peer.router.queue("b").entries.size());
    }

    @Test
    @Spec(section = "Anonymous 2.2.2", says = "an unsettled message to nowhere is rejected")
    void rejectsUnsettledMessagesToNowhereOnTheAnonymousTerminus() {
        var peer = new ScriptedPeer().sending(null);

        peer.send(0, ScriptedPeer.transfer(0, false), to(peer, "/queues/missing"));
        peer.send(0, ScriptedPeer.transfer(1, false), peer.message("without to"));

        assertRejected("amqp:not-found", peer.expect(Disposition.class));
        assertRejected("amqp:precondition-failed", peer.expect(Disposition.class));
        peer.expectNothing();
    }

    private static void assertRejected(String condition, Disposition disposition) {
        var rejected = assertInstanceOf(Rejected.class, disposition.getState());
        assertEquals(Symbol.valueOf(condition), rejected.getError().getCondition());
    }

    @Test
    @Spec(section = "Anonymous 2.2.2", says = "a settled message to nowhere detaches the link, with its delivery-tag")
    void detachesASenderOfSettledMessagesToNowhereOnTheAnonymousTerminus() {
        var peer = new ScriptedPeer().sending(null);

        peer.send(0, ScriptedPeer.transfer(7, true), to(peer, "/queues/missing"));

        assertDetachedWithTag(peer.expect(Detach.class));
        var other = new ScriptedPeer().sending(null);
        other.send(0, ScriptedPeer.transfer(7, true), other.message("without to"));
        assertDetachedWithTag(other.expect(Detach.class));
    }

    @Test
    void dropsSettledMessagesToAFullQueueOnTheAnonymousTerminus() {
        var peer = new ScriptedPeer().sending(null);

        peer.send(0, ScriptedPeer.transfer(7, true), to(peer, "/queues/full"));

        peer.expectNothing();
    }

    private static void assertDetachedWithTag(Detach detach) {
        assertEquals(new Binary(new byte[] {7}), detach.getError().getInfo().get(Symbol.valueOf("delivery-tag")));
    }

    @Test
    @Spec(section = "2.7.6", says = "the sender's own dispositions need no answer")
    void ignoresDispositionsOfTheSender() {
        var peer = new ScriptedPeer().sending("q");
        Disposition disposition = ScriptedPeer.disposition(0, -1, true, Accepted.getInstance());
        disposition.setRole(Role.SENDER);

        peer.send(0, disposition);

        peer.expectNothing();
    }

    @Test
    @Spec(section = "3.2", says = "several data or sequence sections are one body")
    void keepsMessagesOfManyDataSectionsByteForByte() {
        var peer = new ScriptedPeer().sending("q");
        byte[] message = peer.section(new Data(new Binary(new byte[300])), new Data(new Binary(new byte[] {1})));

        peer.send(0, ScriptedPeer.transfer(0, false), message);

        peer.expect(Disposition.class);
        assertArrayEquals(message, stored(peer, "q"));
    }

    private static byte[] to(ScriptedPeer peer, String address) {
        var properties = new Properties();
        properties.setTo(address);
        return peer.section(properties, new AmqpValue(UnsignedByte.valueOf((byte) 1)));
    }

    private static Transfer more(Transfer transfer) {
        transfer.setMore(true);
        return transfer;
    }

    private static Transfer continuation() {
        var transfer = new Transfer();
        transfer.setHandle(UnsignedInteger.ZERO);
        return transfer;
    }

    private static byte[] stored(ScriptedPeer peer, String queue) {
        var entry = peer.router.queue(queue).entries.peek();
        assertNull(entry.overlay().annotations().get("x"));
        var body = (Body.Inline) entry.message().body();
        return Arrays.copyOfRange(body.array(), body.offset(), body.offset() + body.size());
    }
}
