package io.turnstone.amqp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.turnstone.api.Address;
import io.turnstone.api.Condition;
import io.turnstone.api.ConsumerRequest;
import io.turnstone.api.Refusal;
import io.turnstone.api.Subscription;
import java.util.Map;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.messaging.DeleteOnClose;
import org.apache.qpid.proton.amqp.messaging.Modified;
import org.apache.qpid.proton.amqp.messaging.Released;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.messaging.Target;
import org.apache.qpid.proton.amqp.messaging.TerminusExpiryPolicy;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Begin;
import org.apache.qpid.proton.amqp.transport.Detach;
import org.apache.qpid.proton.amqp.transport.Disposition;
import org.apache.qpid.proton.amqp.transport.End;
import org.apache.qpid.proton.amqp.transport.Flow;
import org.apache.qpid.proton.amqp.transport.Open;
import org.apache.qpid.proton.amqp.transport.ReceiverSettleMode;
import org.apache.qpid.proton.amqp.transport.Role;
import org.apache.qpid.proton.amqp.transport.SenderSettleMode;
import org.apache.qpid.proton.amqp.transport.Transfer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("An attach")
class AttachTest {

    @Test
    @Spec(section = "2.7.3", says = "the answer carries the actual values of the terminus")
    void isAnsweredForAPublisher() {
        var peer = new ScriptedPeer().begun();
        Attach asked = peer.attach("out", 0, Role.SENDER, "/queues/q");
        asked.setSndSettleMode(SenderSettleMode.UNSETTLED);
        asked.setRcvSettleMode(ReceiverSettleMode.SECOND);

        peer.send(0, asked);

        Attach attach = peer.expect(Attach.class);
        assertEquals("out", attach.getName());
        assertEquals(Role.RECEIVER, attach.getRole());
        assertEquals(SenderSettleMode.UNSETTLED, attach.getSndSettleMode());
        assertEquals(ReceiverSettleMode.SECOND, attach.getRcvSettleMode());
        assertEquals("/queues/q", ((Target) attach.getTarget()).getAddress());
        assertEquals(1L << 30, attach.getMaxMessageSize().longValue());
        Flow flow = peer.expect(Flow.class);
        assertEquals(UnsignedInteger.valueOf(128), flow.getLinkCredit(), "more when messages prove small");
        assertEquals(UnsignedInteger.ZERO, flow.getDeliveryCount());
    }

    @Test
    @Spec(section = "2.7.3", says = "desired capabilities that are supported are offered in the answer")
    void offersWhatThePeerWantsIfItIsThere() {
        var peer = new ScriptedPeer().begun();
        Attach asked = peer.attach("out", 0, Role.SENDER, "q");
        asked.setDesiredCapabilities(Symbol.valueOf("DELAYED_DELIVERY"), Symbol.valueOf("unheard-of"));

        peer.send(0, asked);

        assertArrayEquals(
                new Symbol[] {Symbol.valueOf("DELAYED_DELIVERY")},
                peer.expect(Attach.class).getOfferedCapabilities());
    }

    @Test
    @Spec(section = "2.7.3", says = "snd-settle-mode and rcv-settle-mode are honoured")
    @Spec(section = "3.5.3", says = "source: outcomes, default-outcome and distribution-mode as they are")
    void isAnsweredForAConsumer() {
        var peer = new ScriptedPeer().begun();
        Attach asked = peer.attach("in", 3, Role.RECEIVER, "q");
        asked.setSndSettleMode(SenderSettleMode.UNSETTLED);
        asked.setRcvSettleMode(ReceiverSettleMode.SECOND);
        ((Source) asked.getSource()).setFilter(Map.of(Symbol.valueOf("unknown"), "x"));

        peer.send(0, asked);

        Attach attach = peer.expect(Attach.class);
        assertEquals(Role.SENDER, attach.getRole());
        assertEquals(UnsignedInteger.ZERO, attach.getInitialDeliveryCount());
        assertEquals(SenderSettleMode.UNSETTLED, attach.getSndSettleMode());
        assertEquals(ReceiverSettleMode.SECOND, attach.getRcvSettleMode());
        Source source = (Source) attach.getSource();
        assertEquals("q", source.getAddress());
        assertEquals(Symbol.valueOf("move"), source.getDistributionMode());
        assertInstanceOf(Released.class, source.getDefaultOutcome());
        assertEquals(4, source.getOutcomes().length);
        assertNull(source.getFilter(), "an unknown filter is not in the answer");
        peer.expectNothing();
        assertFalse(peer.router.requests.get(0).mode().settled());
    }

    @Test
    @Spec(section = "2.6.3", says = "a refusal is an attach with a null terminus and an immediate detach")
    @Spec(section = "2.8.15", says = "not-found: there is no such node")
    void isRefusedForAPublisher() {
        var peer = new ScriptedPeer().begun();

        peer.send(0, peer.attach("out", 0, Role.SENDER, "/queues/missing"));

        Attach attach = peer.expect(Attach.class);
        assertNull(attach.getTarget());
        assertNotNull(attach.getSource());
        peer.expectDetached("amqp:not-found");
        peer.send(0, ScriptedPeer.detach(0, true));
        peer.expectNothing();
    }

    @Test
    @Spec(section = "2.6.3", says = "a refusal is an attach with a null terminus and an immediate detach")
    @Spec(section = "2.8.15", says = "resource-locked: somebody else has it")
    void isRefusedForAConsumer() {
        var peer = new ScriptedPeer().begun();

        peer.send(0, peer.attach("in", 0, Role.RECEIVER, "/queues/locked"));

        assertNull(peer.expect(Attach.class).getSource());
        Detach detach = peer.expect(Detach.class);
        assertEquals(Symbol.valueOf("amqp:resource-locked"), detach.getError().getCondition());
        assertTrue(detach.getError().getDescription().contains("cannot obtain exclusive access to locked queue"));
    }

    @Test
    void isRefusedForABadAddress() {
        var peer = new ScriptedPeer().begun();

        peer.send(0, peer.attach("out", 0, Role.SENDER, "/nonsense"));

        assertNull(peer.expect(Attach.class).getTarget());
        peer.expectDetached("amqp:invalid-field");
    }

    @Test
    @Spec(section = "2.6.3", says = "a source that does not exist")
    void isRefusedForAConsumerWithoutSource() {
        var peer = new ScriptedPeer().begun();
        Attach attach = peer.attach("in", 0, Role.RECEIVER, null);
        attach.setSource(null);

        peer.send(0, attach);

        assertNull(peer.expect(Attach.class).getSource());
        peer.expectDetached("amqp:not-found");
    }

    @Test
    void waitsForTheCoreWithoutHoldingUpOthers() {
        var peer = new ScriptedPeer().begun();
        peer.router.slow = true;

        peer.send(0, peer.attach("a", 0, Role.SENDER, "q"));
        peer.expectNothing();
        peer.router.slow = false;
        peer.send(0, peer.attach("b", 1, Role.SENDER, "q"));

        assertEquals("b", peer.expect(Attach.class).getName());
        peer.expect(Flow.class);
        peer.loop.advance(10);
        assertEquals("a", peer.expect(Attach.class).getName());
    }

    @Test
    @Spec(section = "2.6.11", says = "frames may be pipelined behind an attach")
    void remembersCreditThatComesBeforeTheCoreAnswers() {
        var peer = new ScriptedPeer().begun();
        peer.stored("q", 3);
        peer.router.slow = true;
        peer.send(0, peer.attach("in", 0, Role.RECEIVER, "q"));

        peer.send(0, peer.flow(0, 1));
        peer.send(0, peer.flow(0, 2));
        peer.expectNothing();
        peer.loop.advance(10);

        peer.expect(Attach.class);
        peer.expect(Transfer.class);
        peer.expect(Transfer.class);
        peer.expectNothing();
    }

    @Test
    void isAnsweredWithADetachWhenThePeerGaveUpMeanwhile() {
        var peer = new ScriptedPeer().begun();
        peer.router.slow = true;
        peer.send(0, peer.attach("a", 0, Role.SENDER, "q"));

        peer.send(0, ScriptedPeer.detach(0, true));
        peer.send(0, peer.attach("b", 0, Role.SENDER, "q"));
        peer.loop.advance(10);

        assertEquals("a", peer.expect(Attach.class).getName());
        peer.expect(Detach.class);
        Attach second = peer.expect(Attach.class);
        assertEquals("b", second.getName());
        assertTrue(peer.router.publishers.get(0).closed);
        assertFalse(peer.router.publishers.get(1).closed);
    }

    @Test
    void isAnsweredWithAnErrorWhenThePeerSendsWithoutCreditMeanwhile() {
        var peer = new ScriptedPeer().begun();
        peer.router.slow = true;
        peer.send(0, peer.attach("a", 0, Role.SENDER, "q"));

        peer.send(0, ScriptedPeer.transfer(0, true), peer.message("m"));
        peer.expectNothing();
        peer.loop.advance(10);

        peer.expect(Attach.class);
        peer.expectDetached("amqp:link:transfer-limit-exceeded");
    }

    @Test
    void givesBackWhatComesAfterTheSessionIsGone() {
        var peer = new ScriptedPeer().begun();
        peer.router.slow = true;
        peer.send(0, peer.attach("a", 0, Role.SENDER, "q"));
        peer.send(0, peer.attach("b", 1, Role.RECEIVER, "q"));

        peer.send(0, new End());
        peer.expect(End.class);
        peer.loop.advance(10);

        peer.expectNothing();
        assertTrue(peer.router.publishers.get(0).closed);
        assertTrue(peer.router.consumers.get(0).closed);
        assertFalse(peer.router.consumers.get(0).lost);
    }

    @Test
    @Spec(section = "2.6.1", says = "a second attach of the same name steals the link")
    @Spec(section = "2.8.18", says = "stolen: another link took its name")
    void stealsALinkOfTheSameName() {
        var peer = new ScriptedPeer().sending("q");

        peer.send(0, peer.attach("out", 1, Role.SENDER, "q"));

        Detach detach = peer.expect(Detach.class);
        assertEquals(UnsignedInteger.ZERO, detach.getHandle());
        assertEquals(Symbol.valueOf("amqp:link:stolen"), detach.getError().getCondition());
        assertEquals("out", peer.expect(Attach.class).getName());
        assertTrue(peer.router.publishers.get(0).closed);
        assertFalse(peer.router.publishers.get(1).closed);
    }

    @Test
    @Spec(section = "2.6.1", says = "names are unique per direction")
    void mayShareItsNameWithALinkTheOtherWay() {
        var peer = new ScriptedPeer().sending("q");

        peer.send(0, peer.attach("out", 1, Role.RECEIVER, "q"));

        peer.expect(Attach.class);
        peer.expectNothing();
    }

    @Test
    @Spec(section = "3.5.3", says = "a dynamic source is named by the broker, with container and link")
    @Spec(section = "3.5.10", says = "lifetime-policy delete-on-close")
    void makesADynamicSource() {
        var peer = new ScriptedPeer().begun();
        Attach asked = peer.attach("reply/1", 0, Role.RECEIVER, null);
        ((Source) asked.getSource()).setDynamic(true);

        peer.send(0, asked);
        peer.send(0, second(asked));

        Source source = (Source) peer.expect(Attach.class).getSource();
        assertTrue(source.getDynamic());
        assertTrue(source.getAddress().contains("peer-reply_1-"), source.getAddress());
        assertEquals(TerminusExpiryPolicy.LINK_DETACH, source.getExpiryPolicy());
        assertInstanceOf(DeleteOnClose.class, source.getDynamicNodeProperties().get(Symbol.valueOf("lifetime-policy")));
        assertInstanceOf(Address.Dynamic.class, peer.router.requests.get(0).source());
        assertNotEquals(source.getAddress(), ((Source) peer.expect(Attach.class).getSource()).getAddress());
    }

    @Test
    void makesASourceForDirectReplies() {
        var peer = new ScriptedPeer().begun();
        Attach asked = peer.attach("replies", 0, Role.RECEIVER, null);
        var source = (Source) asked.getSource();
        source.setDynamic(true);
        source.setCapabilities(Symbol.valueOf("rabbitmq:volatile-queue"));
        asked.setSndSettleMode(SenderSettleMode.SETTLED);

        peer.send(0, asked);

        var made = (Source) peer.expect(Attach.class).getSource();
        assertTrue(
                made.getAddress().matches("/queues/amq\\.rabbitmq\\.reply-to\\.[A-Za-z0-9_-]{24}"), made.getAddress());
        assertEquals(TerminusExpiryPolicy.LINK_DETACH, made.getExpiryPolicy());
        assertInstanceOf(Address.Volatile.class, peer.router.requests.get(0).source());
    }

    private static Subscription subscription(MemoryRouter router) {
        return ((Address.Subscribed) router.requests.get(0).source()).to();
    }

    private static Attach second(Attach attach) {
        Attach second = new Attach(attach);
        second.setName("reply/2");
        second.setHandle(UnsignedInteger.ONE);
        return second;
    }

    @Test
    @Spec(section = "3.5.4", says = "a dynamic target is named by the broker")
    void makesADynamicTarget() {
        var peer = new ScriptedPeer().begun();
        Attach asked = peer.attach("out", 0, Role.SENDER, null);
        var target = new Target();
        target.setDynamic(true);
        asked.setTarget(target);

        peer.send(0, asked);

        Target made = (Target) peer.expect(Attach.class).getTarget();
        assertTrue(made.getDynamic());
        assertTrue(made.getAddress().contains("amq.dyn-peer-out-"), made.getAddress());
    }

    @Test
    @Spec(section = "3.5.7", says = "distribution-mode copy leaves the messages where they are")
    void browsesWithDistributionModeCopy() {
        var peer = new ScriptedPeer().begun();
        Attach asked = peer.attach("in", 0, Role.RECEIVER, "q");
        ((Source) asked.getSource()).setDistributionMode(Symbol.valueOf("copy"));
        asked.setSndSettleMode(SenderSettleMode.SETTLED);

        peer.send(0, asked);

        Source source = (Source) peer.expect(Attach.class).getSource();
        assertEquals(Symbol.valueOf("copy"), source.getDistributionMode());
        ConsumerRequest request = peer.router.requests.get(0);
        assertTrue(request.mode().browse());
        assertTrue(request.mode().settled());
    }

    @Test
    void subscribesToAnExchangeEvenIfItIsAskedToCopy() {
        var peer = new ScriptedPeer().begun();
        Attach asked = peer.attach("in", 0, Role.RECEIVER, "/exchanges/x/key");
        ((Source) asked.getSource()).setDistributionMode(Symbol.valueOf("copy"));

        peer.send(0, asked);

        peer.expect(Attach.class);
        assertEquals(new Address.Exchange("x", "key"), subscription(peer.router).source());
        assertFalse(peer.router.requests.get(0).mode().browse());
    }

    @Test
    void asksForThePriorityOfTheLinkOrTheAddress() {
        var peer = new ScriptedPeer().begun();
        Attach first = peer.attach("a", 0, Role.RECEIVER, "q");
        first.setProperties(Map.of(Symbol.valueOf("rabbitmq:priority"), 7));
        peer.send(0, first);
        Attach second = peer.attach("b", 1, Role.RECEIVER, "q");
        second.setProperties(Map.of(Symbol.valueOf("priority"), -2));
        peer.send(0, second);
        peer.send(0, peer.attach("c", 2, Role.RECEIVER, "q?consumer-priority=50"));

        assertEquals(7, peer.router.requests.get(0).priority());
        assertEquals(-2, peer.router.requests.get(1).priority());
        assertEquals(50, peer.router.requests.get(2).priority());
    }

    @Test
    @Spec(section = "3.5.3", says = "default-outcome of the peer is kept")
    void keepsTheDefaultOutcomeThePeerAsksFor() {
        var peer = new ScriptedPeer().begun();
        Attach asked = peer.attach("in", 0, Role.RECEIVER, "q");
        var failed = new Modified();
        failed.setDeliveryFailed(true);
        ((Source) asked.getSource()).setDefaultOutcome(failed);
        peer.send(0, asked);
        Source source = (Source) peer.expect(Attach.class).getSource();
        assertInstanceOf(Modified.class, source.getDefaultOutcome());
        peer.stored("q", 1);
        peer.send(0, peer.flow(0, 1));
        peer.expect(Transfer.class);

        peer.send(0, ScriptedPeer.disposition(0, 0, true, null));

        var outcome = (io.turnstone.api.Outcome.Modified)
                peer.router.consumers.get(0).outcomes.get(0);
        assertTrue(outcome.deliveryFailed());
    }

    @Test
    @Spec(section = "2.6.4", says = "detach is answered with detach, closed or not as the peer said")
    @Spec(section = "2.7.6", says = "a disposition for a link that is detached is ignored")
    void isUndoneByADetach() {
        var peer = new ScriptedPeer().receiving("q");
        peer.stored("q", 1);
        peer.send(0, peer.flow(0, 1));
        peer.expect(Transfer.class);

        peer.send(0, ScriptedPeer.detach(0, false));

        Detach detach = peer.expect(Detach.class);
        assertFalse(detach.getClosed());
        assertNull(detach.getError());
        assertEquals(1, peer.router.queue("q").entries.size(), "unsettled goes back");
        assertFalse(peer.router.consumers.get(0).lost);
        peer.send(0, ScriptedPeer.disposition(0, 0, true, null));
        peer.expectNothing();
    }

    @Test
    @Spec(section = "2.6.5", says = "a link error detaches only the link")
    @Spec(section = "2.8.15", says = "resource-deleted: the node is gone")
    void isUndoneByTheCoreWithoutHurtingOthers() {
        var peer = new ScriptedPeer().receiving("q");
        peer.send(0, peer.attach("out", 1, Role.SENDER, "q"));
        peer.forgetAll();
        MemoryConsumer consumer = peer.router.consumers.get(0);

        peer.loop.within(
                () -> consumer.listener.closed(new Refusal(Condition.RESOURCE_DELETED, "queue 'q' was deleted")));

        peer.expectDetached("amqp:resource-deleted");
        peer.send(0, ScriptedPeer.detach(0, true));
        peer.expectNothing();
        peer.send(0, transferOn(1), peer.message("m"));
        peer.expect(Disposition.class);
    }

    @Test
    @Spec(section = "2.6.5", says = "what was on its way to a link that failed is discarded, more is errant-link")
    @Spec(section = "2.8.17", says = "errant-link: transfers after an error")
    void isUndoneForAPublisherByTheCore() {
        var peer = new ScriptedPeer().sending("q");

        peer.loop.within(() -> peer.router
                .publishers
                .get(0)
                .listener
                .closed(new Refusal(Condition.RESOURCE_DELETED, "exchange 'x' was deleted")));

        peer.expectDetached("amqp:resource-deleted");
        // What was on the way is discarded, more than there was credit for is not.
        peer.together(() -> {
            for (int i = 1; i <= 129; i++) {
                peer.send(0, ScriptedPeer.transfer(i, true), peer.message("m"));
            }
        });
        peer.expectNothing();
        peer.send(0, ScriptedPeer.transfer(130, true), peer.message("m"));
        peer.expectEnded("amqp:session:errant-link");
    }

    @Test
    @Spec(section = "2.7.1", says = "no frame is larger than the peer takes")
    void leavesOutWhatAPeerOfSmallFramesCannotTake() {
        var peer = new ScriptedPeer().headers();
        Open open = peer.open("peer");
        open.setMaxFrameSize(UnsignedInteger.valueOf(512));
        peer.send(0, open);
        peer.send(0, peer.begin());
        peer.send(0, peer.attach("out", 0, Role.SENDER, "q"));
        peer.forgetAll();

        peer.loop.within(() -> peer.router
                .publishers
                .get(0)
                .listener
                .closed(new Refusal(Condition.RESOURCE_DELETED, "x".repeat(600))));

        Detach detach = peer.expect(Detach.class);
        assertEquals(Symbol.valueOf("amqp:resource-deleted"), detach.getError().getCondition());
        assertTrue(detach.getError().getDescription().startsWith("xxxx"), "what fits");
    }

    @Test
    void endsAStormOfHandlesForThisConnectionOnly() {
        var peer = new ScriptedPeer().begun();

        for (int i = 0; i < 300 && !peer.channel.closed(); i++) {
            peer.send(0, peer.attach("l" + i, i, Role.RECEIVER, "q"));
        }

        for (int i = 0; i < 256; i++) {
            peer.expect(Attach.class);
        }
        peer.expectClosed("amqp:connection:framing-error");
        assertEquals(0, peer.router.queue("q").consumers.size());
    }

    @Test
    @Spec(section = "Robustness", says = "a storm of attaches ends with an error")
    void endsAStormOfAttachAndDetach() {
        var peer = new ScriptedPeer().begun();

        for (int i = 0; i < 20_001; i++) {
            peer.send(0, peer.attach("l", 0, Role.RECEIVER, "q"));
            peer.send(0, ScriptedPeer.detach(0, true));
        }

        Object last = null;
        while (peer.hasNext()) {
            last = peer.next().body();
        }
        var close = assertInstanceOf(org.apache.qpid.proton.amqp.transport.Close.class, last);
        assertEquals(
                Symbol.valueOf("amqp:resource-limit-exceeded"), close.getError().getCondition());
    }

    @Test
    void isRefusedWhenTooManyWaitForTheCore() {
        var peer = new ScriptedPeer(ScriptedPeer.SETTINGS.withLinks(10, 3, 100)).begun();
        peer.router.slow = true;

        for (int i = 0; i < 5; i++) {
            peer.send(0, peer.attach("l" + i, 0, Role.RECEIVER, "q"));
            peer.send(0, ScriptedPeer.detach(0, true));
        }

        peer.expectEnded("amqp:resource-limit-exceeded");
        peer.loop.advance(10);
        assertEquals(0, peer.router.queue("q").consumers.size());
    }

    @Test
    void leavesTheAnswersOfOtherSessionsAlone() {
        var peer = new ScriptedPeer().begun();
        peer.send(1, peer.begin());
        peer.expect(Begin.class);
        peer.send(1, ScriptedPeer.detach(5, true));
        assertArrayEquals(new int[] {1}, new int[] {peer.next().channel()});

        peer.send(0, peer.attach("out", 0, Role.SENDER, "q"));

        assertEquals(0, peer.next().channel());
    }

    private static Transfer transferOn(int handle) {
        Transfer transfer = ScriptedPeer.transfer(0, false);
        transfer.setHandle(UnsignedInteger.valueOf(handle));
        return transfer;
    }
}
