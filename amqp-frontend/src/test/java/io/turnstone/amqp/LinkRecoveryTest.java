package io.turnstone.amqp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.turnstone.api.Condition;
import io.turnstone.api.FakeLoop;
import io.turnstone.api.Outcome;
import io.turnstone.api.Refusal;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.UnsignedLong;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.Received;
import org.apache.qpid.proton.amqp.messaging.Rejected;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.messaging.Target;
import org.apache.qpid.proton.amqp.messaging.TerminusDurability;
import org.apache.qpid.proton.amqp.messaging.TerminusExpiryPolicy;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Begin;
import org.apache.qpid.proton.amqp.transport.DeliveryState;
import org.apache.qpid.proton.amqp.transport.Detach;
import org.apache.qpid.proton.amqp.transport.Disposition;
import org.apache.qpid.proton.amqp.transport.Flow;
import org.apache.qpid.proton.amqp.transport.ReceiverSettleMode;
import org.apache.qpid.proton.amqp.transport.Role;
import org.apache.qpid.proton.amqp.transport.Transfer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("A suspended link")
class LinkRecoveryTest {

    private final FakeLoop loop = new FakeLoop();
    private final AmqpProtocol protocol = new AmqpProtocol(ScriptedPeer.SETTINGS);
    private final MemoryHost host = new MemoryHost(new MemoryRouter());

    private ScriptedPeer peer() {
        return new ScriptedPeer(protocol, host, loop).begun();
    }

    private static Attach attach(ScriptedPeer peer, Role role, Map<Binary, DeliveryState> unsettled) {
        Attach attach = peer.attach("link", 0, role, "q");
        attach.setRcvSettleMode(ReceiverSettleMode.SECOND);
        attach.setUnsettled(unsettled);
        expiry(attach, TerminusExpiryPolicy.CONNECTION_CLOSE, 30);
        return attach;
    }

    private static void expiry(Attach attach, TerminusExpiryPolicy policy, int seconds) {
        ((Source) attach.getSource()).setExpiryPolicy(policy);
        ((Source) attach.getSource()).setTimeout(UnsignedInteger.valueOf(seconds));
        ((Target) attach.getTarget()).setExpiryPolicy(policy);
        ((Target) attach.getTarget()).setTimeout(UnsignedInteger.valueOf(seconds));
    }

    private static Map<Binary, DeliveryState> map(Binary tag, DeliveryState state) {
        var map = new HashMap<Binary, DeliveryState>();
        map.put(tag, state);
        return map;
    }

    /** Received one message, unsettled, over a link that is cut then. */
    private Binary tagOfCutReceiver() {
        ScriptedPeer peer = peer();
        host.router.queue("q").returnsReleased = true;
        peer.stored("q", 1);
        peer.send(0, attach(peer, Role.RECEIVER, Map.of()));
        peer.expect(Attach.class);
        peer.send(0, peer.flow(0, 1));
        Binary tag = peer.expect(Transfer.class).getDeliveryTag();
        peer.lost();
        return tag;
    }

    private Transfer resumed(Binary tag, DeliveryState state) {
        ScriptedPeer peer = peer();
        peer.send(0, attach(peer, Role.RECEIVER, map(tag, state)));
        assertTrue(peer.expect(Attach.class).getUnsettled().containsKey(tag), "both consider it unsettled");
        peer.send(0, peer.flow(0, 5));
        Transfer transfer = peer.expect(Transfer.class);
        assertTrue(transfer.getResume());
        assertEquals(tag, transfer.getDeliveryTag());
        return transfer;
    }

    // ---- Outgoing

    @Test
    @Spec(section = "2.6.13", says = "a delivery both sides know is resumed, with its state")
    @Spec(section = "2.6.13", says = "a partial delivery goes on where it stopped, or is aborted")
    @Spec(section = "3.4.6", says = "after received only the rest is sent")
    void sendsOnceMoreWhatTheReceiverHasNotFinished() {
        Binary tag = tagOfCutReceiver();
        assertEquals(0, host.router.queue("q").entries.size(), "it stays with the link");

        Transfer transfer = resumed(tag, received(0, 0));
        assertFalse(transfer.getSettled());
        assertNull(transfer.getState());
    }

    private static Received received(int section, long offset) {
        var received = new Received();
        received.setSectionNumber(UnsignedInteger.valueOf(section));
        received.setSectionOffset(UnsignedLong.valueOf(offset));
        return received;
    }

    @Test
    @Spec(section = "3.4.6", says = "a state that ends a delivery is told again after a resume")
    void settlesWhatTheReceiverHasFinished() {
        Binary tag = tagOfCutReceiver();

        Transfer transfer = resumed(tag, Accepted.getInstance());
        assertTrue(transfer.getSettled());
        assertInstanceOf(Accepted.class, transfer.getState());
        assertEquals(List.of(Outcome.ACCEPTED), last().outcomes);
    }

    private MemoryConsumer last() {
        return host.router.consumers.get(host.router.consumers.size() - 1);
    }

    @Test
    @Spec(section = "2.6.13", says = "a delivery only the sender knows is sent again, once")
    void givesBackWhatTheReceiverDoesNotKnow() {
        Binary tag = tagOfCutReceiver();

        ScriptedPeer peer = peer();
        peer.send(0, attach(peer, Role.RECEIVER, Map.of()));
        assertTrue(peer.expect(Attach.class).getUnsettled().isEmpty());
        peer.send(0, peer.flow(0, 5));
        Transfer transfer = peer.expect(Transfer.class);
        assertFalse(transfer.getResume());
        assertFalse(transfer.getDeliveryTag().equals(tag), "it is another delivery");
    }

    @Test
    @Spec(section = "2.6.13", says = "a delivery only the receiver knows is settled")
    void ignoresWhatItDoesNotKnow() {
        ScriptedPeer peer = peer();
        peer.send(0, attach(peer, Role.RECEIVER, map(new Binary(new byte[] {9}), Accepted.getInstance())));
        assertTrue(peer.expect(Attach.class).getUnsettled().isEmpty());
        peer.send(0, peer.flow(0, 5));
        peer.expectNothing();
    }

    @Test
    @Spec(section = "2.6.13", says = "while an unsettled map is incomplete only resumed deliveries are sent and taken")
    void resumesOnlyWhileTheReceiverCannotShowAll() {
        Binary tag = tagOfCutReceiver();
        ScriptedPeer peer = peer();
        peer.stored("q", 1);
        Attach incomplete = attach(peer, Role.RECEIVER, Map.of());
        incomplete.setIncompleteUnsettled(true);
        peer.send(0, incomplete);
        assertTrue(peer.expect(Attach.class).getUnsettled().containsKey(tag), "it is no sign of settlement");
        peer.send(0, peer.flow(0, 5));
        peer.expectNothing();
        peer.send(0, ScriptedPeer.detach(0, false));
        peer.expect(Detach.class);

        peer.send(0, attach(peer, Role.RECEIVER, map(tag, Accepted.getInstance())));
        peer.expect(Attach.class);
        peer.send(0, peer.flow(0, 5));
        assertTrue(peer.expect(Transfer.class).getSettled());
        assertFalse(peer.expect(Transfer.class).getResume(), "and now what is new");
    }

    @Test
    void expires() {
        tagOfCutReceiver();
        assertEquals(0, host.router.queue("q").entries.size());

        loop.advance(30_001);
        loop.settle();
        assertEquals(1, host.router.queue("q").entries.size());
        assertTrue(last().lost, "its link went without a word");
    }

    @Test
    @Spec(section = "2.6.4", says = "a terminus that outlives its link is found again by the next attach")
    @Spec(section = "2.6.6", says = "a closed link forgets its terminus")
    void endsWhenItIsClosedButNotWhenItIsDetached() {
        ScriptedPeer peer = peer();
        peer.stored("q", 1);
        peer.send(0, attach(peer, Role.RECEIVER, Map.of()));
        peer.expect(Attach.class);
        peer.send(0, peer.flow(0, 1));
        Binary tag = peer.expect(Transfer.class).getDeliveryTag();
        peer.send(0, ScriptedPeer.detach(0, false));
        peer.expect(Detach.class);
        assertEquals(0, host.router.queue("q").entries.size());

        peer.send(0, attach(peer, Role.RECEIVER, map(tag, null)));
        peer.expect(Attach.class);
        peer.send(0, ScriptedPeer.detach(0, true));
        peer.expect(Detach.class);
        assertEquals(1, host.router.queue("q").entries.size());
    }

    @Test
    @Spec(section = "2.6.1", says = "a link is stolen from another connection of the same container")
    void isTakenOverFromAConnectionThatHangs() {
        ScriptedPeer old = peer();
        old.stored("q", 1);
        old.send(0, attach(old, Role.RECEIVER, Map.of()));
        old.expect(Attach.class);
        old.send(0, old.flow(0, 1));
        Binary tag = old.expect(Transfer.class).getDeliveryTag();

        resumed(tag, null);
        old.expectDetached("amqp:link:stolen");
    }

    @Test
    @Spec(section = "2.6.3", says = "a link whose peer knows no more than its name gets its terminus back")
    void isRecoveredByItsNameAlone() {
        Binary tag = tagOfCutReceiver();
        ScriptedPeer peer = peer();
        Attach attach = attach(peer, Role.RECEIVER, map(tag, null));
        attach.setSource(null);
        peer.send(0, attach);
        assertEquals("q", ((Source) peer.expect(Attach.class).getSource()).getAddress());
    }

    @Test
    void belongsToAPeerThatKeepsTrack() {
        tagOfCutReceiver();
        ScriptedPeer peer = peer();
        peer.send(0, peer.attach("link", 0, Role.RECEIVER, "q"));
        assertNull(peer.expect(Attach.class).getUnsettled());
        peer.send(0, peer.flow(0, 5));
        assertFalse(peer.expect(Transfer.class).getResume(), "what another left is back in the queue");
    }

    // ---- Incoming

    private ScriptedPeer sending(Map<Binary, DeliveryState> unsettled) {
        ScriptedPeer peer = peer();
        peer.send(0, attach(peer, Role.SENDER, unsettled));
        return peer;
    }

    private static Disposition settling(int id) {
        Disposition settling = ScriptedPeer.disposition(id, id, true, Accepted.getInstance());
        settling.setRole(Role.SENDER);
        return settling;
    }

    @Test
    @Spec(section = "2.7.3", says = "rcv-settle-mode second: the sender settles first, when the outcome is safe")
    void settlesLastIfItsSenderAsksForThat() {
        ScriptedPeer peer = sending(Map.of());
        assertEquals(ReceiverSettleMode.SECOND, peer.expect(Attach.class).getRcvSettleMode());
        peer.expect(Flow.class);
        peer.send(0, ScriptedPeer.transfer(0, false), peer.message("m"));
        Disposition provisional = peer.expect(Disposition.class);
        assertFalse(provisional.getSettled());
        assertInstanceOf(Accepted.class, provisional.getState());

        peer.send(0, settling(0));
        peer.expectNothing();
        peer.send(0, ScriptedPeer.transfer(1, false), peer.message("m"));
        peer.expect(Disposition.class);
        assertEquals(2, host.router.queue("q").entries.size());
    }

    @Test
    @Spec(section = "2.6.13", says = "the answer to an attach has our unsettled map")
    @Spec(section = "2.6.13", says = "a delivery only the receiver knows is settled")
    void tellsTheOutcomeOfADeliveryThatIsResumed() {
        ScriptedPeer peer = sending(Map.of());
        peer.expect(Attach.class);
        peer.expect(Flow.class);
        Transfer transfer = ScriptedPeer.transfer(0, false);
        peer.send(0, transfer, peer.message("m"));
        peer.lost();

        ScriptedPeer again = sending(map(transfer.getDeliveryTag(), null));
        assertInstanceOf(
                Accepted.class, again.expect(Attach.class).getUnsettled().get(transfer.getDeliveryTag()));
        again.expect(Flow.class);
        Transfer resumed = ScriptedPeer.transfer(7, false);
        resumed.setDeliveryTag(transfer.getDeliveryTag());
        resumed.setResume(true);
        again.send(0, resumed, again.message("m"));
        Disposition told = again.expect(Disposition.class);
        assertEquals(UnsignedInteger.valueOf(7), told.getFirst());
        assertInstanceOf(Accepted.class, told.getState());
        again.send(0, settling(7));
        assertEquals(1, host.router.queue("q").entries.size());

        again.lost();
        ScriptedPeer third = sending(map(transfer.getDeliveryTag(), null));
        assertTrue(third.expect(Attach.class).getUnsettled().isEmpty(), "it was settled");
        third.lost();
    }

    @Test
    @Spec(section = "2.6.13", says = "resumed deliveries that are not known are ignored")
    void ignoresADeliveryThatIsResumedAndNotKnown() {
        ScriptedPeer peer = sending(Map.of());
        peer.expect(Attach.class);
        peer.expect(Flow.class);
        Transfer resumed = ScriptedPeer.transfer(0, false);
        resumed.setResume(true);
        resumed.setMore(true);
        peer.send(0, resumed, peer.message("m"));
        var rest = new Transfer();
        rest.setHandle(UnsignedInteger.ZERO);
        peer.send(0, rest, peer.message("m"));
        peer.expectNothing();
        assertEquals(0, host.router.queue("q").entries.size());
    }

    @Test
    @Spec(section = "2.6.13", says = "an aborted resumption ends what is known of the delivery")
    void forgetsADeliveryWhoseResumptionIsAborted() {
        ScriptedPeer peer = sending(Map.of());
        peer.expect(Attach.class);
        peer.expect(Flow.class);
        Transfer transfer = ScriptedPeer.transfer(0, false);
        peer.send(0, transfer, peer.message("m"));
        peer.lost();
        ScriptedPeer again = sending(map(transfer.getDeliveryTag(), null));
        again.expect(Attach.class);
        again.expect(Flow.class);
        transfer.setResume(true);
        transfer.setAborted(true);
        again.send(0, transfer);
        again.expectNothing();
        again.lost();

        assertTrue(sending(map(transfer.getDeliveryTag(), null))
                .expect(Attach.class)
                .getUnsettled()
                .isEmpty());
    }

    @Test
    @Spec(section = "2.6.12", says = "a delivery-tag is unique while its delivery is unsettled")
    void refusesTheTagOfAnUnsettledDelivery() {
        ScriptedPeer peer = sending(Map.of());
        peer.expect(Attach.class);
        peer.expect(Flow.class);
        peer.send(0, ScriptedPeer.transfer(0, false), peer.message("m"));
        peer.expect(Disposition.class);
        Transfer same = ScriptedPeer.transfer(1, false);
        same.setDeliveryTag(ScriptedPeer.transfer(0, false).getDeliveryTag());
        peer.send(0, same, peer.message("m"));
        peer.expectDetached("amqp:not-allowed");
    }

    @Test
    @Spec(section = "2.6.13", says = "an unsettled map that does not fit is told to be incomplete")
    @Spec(section = "2.6.13", says = "while an unsettled map is incomplete only resumed deliveries are sent and taken")
    void showsAsMuchAsFitsIntoAFrame() {
        var all = new HashMap<Binary, DeliveryState>();
        ScriptedPeer peer = sending(Map.of());
        peer.expect(Attach.class);
        for (int i = 0; i < 60; i++) {
            Transfer transfer = ScriptedPeer.transfer(i, false);
            peer.send(0, transfer, peer.message("m"));
            all.put(transfer.getDeliveryTag(), null);
        }
        peer.lost();

        ScriptedPeer small = new ScriptedPeer(protocol, host, loop).headers();
        var open = small.open("peer");
        open.setMaxFrameSize(UnsignedInteger.valueOf(512));
        small.send(0, open);
        small.forgetAll();
        small.send(0, small.begin());
        small.expect(Begin.class);
        small.send(0, attach(small, Role.SENDER, all));
        Attach shown = small.expect(Attach.class);
        assertTrue(shown.getIncompleteUnsettled());
        assertTrue(shown.getUnsettled().size() > 10 && shown.getUnsettled().size() < 60);
        small.expect(Flow.class);
        small.send(0, ScriptedPeer.transfer(99, false), small.message("m"));
        small.expectDetached("amqp:not-allowed");
    }

    @Test
    void tellsARejectionOnceMore() {
        host.router.refusal = new Refusal(Condition.LIMIT_EXCEEDED, "queue q is full");
        ScriptedPeer peer = sending(Map.of());
        peer.expect(Attach.class);
        peer.expect(Flow.class);
        Transfer transfer = ScriptedPeer.transfer(0, false);
        peer.send(0, transfer, peer.message("m"));
        peer.lost();

        assertInstanceOf(
                Rejected.class,
                sending(map(transfer.getDeliveryTag(), null))
                        .expect(Attach.class)
                        .getUnsettled()
                        .get(transfer.getDeliveryTag()));
    }

    @Test
    void remembersOnlyWhatItsSenderMayNotHaveSeen() {
        var few = new AmqpProtocol(ScriptedPeer.SETTINGS.withWindows(4_096, 100, 200, 1 << 20));
        ScriptedPeer peer = new ScriptedPeer(few, host, loop).begun();
        peer.send(0, settledFirst(attach(peer, Role.SENDER, Map.of())));
        var all = new HashMap<Binary, DeliveryState>();
        for (int i = 0; i < 600; i++) {
            Transfer transfer = ScriptedPeer.transfer(i, false);
            transfer.setDeliveryTag(tag(i));
            all.put(tag(i), null);
            peer.send(0, transfer, peer.message("m"));
        }
        peer.lost();

        ScriptedPeer again = new ScriptedPeer(few, host, loop).begun();
        again.send(0, settledFirst(attach(again, Role.SENDER, all)));
        Map<?, ?> shown = again.expect(Attach.class).getUnsettled();
        assertTrue(shown.size() <= 200, "what two grants allow at most, not " + shown.size());
        assertTrue(shown.containsKey(tag(599)));
        assertEquals(Set.of(Accepted.getInstance()), new HashSet<>(shown.values()));
    }

    private static Attach durable(Attach attach) {
        ((Target) attach.getTarget()).setDurable(TerminusDurability.UNSETTLED_STATE);
        return attach;
    }

    @Test
    void survivesTheBrokerWithADurableTarget() {
        ScriptedPeer peer = peer();
        peer.send(0, durable(attach(peer, Role.SENDER, Map.of())));
        peer.expect(Attach.class);
        peer.expect(Flow.class);
        Transfer transfer = ScriptedPeer.transfer(0, false);
        peer.send(0, transfer, peer.message("m"));
        assertFalse(peer.expect(Disposition.class).getSettled());
        assertEquals(1, host.router.kept.size());

        var restarted = new MemoryHost(new MemoryRouter());
        restarted.router.kept = host.router.kept;
        ScriptedPeer again = new ScriptedPeer(new AmqpProtocol(ScriptedPeer.SETTINGS), restarted, loop).begun();
        again.send(0, durable(attach(again, Role.SENDER, map(transfer.getDeliveryTag(), null))));
        assertInstanceOf(
                Accepted.class, again.expect(Attach.class).getUnsettled().get(transfer.getDeliveryTag()));
        again.expect(Flow.class);
        transfer.setResume(true);
        again.send(0, transfer, again.message("m"));
        assertInstanceOf(Accepted.class, again.expect(Disposition.class).getState());
        again.send(0, settling(0));

        assertEquals(0, restarted.router.queue("q").entries.size(), "it is not published again");
        assertEquals(Map.of(), restarted.router.kept, "it is settled");
    }

    @Test
    void doesNotOutliveItsTimeAcrossRestarts() {
        ScriptedPeer peer = peer();
        peer.send(0, durable(attach(peer, Role.SENDER, Map.of())));
        peer.send(0, ScriptedPeer.transfer(0, false), peer.message("m"));
        var restarted = new MemoryHost(new MemoryRouter());
        restarted.router.kept = host.router.kept;
        new ScriptedPeer(new AmqpProtocol(ScriptedPeer.SETTINGS), restarted, loop).begun();
        assertEquals(1, restarted.router.kept.size());

        loop.advance(30_001);
        loop.settle();
        assertEquals(0, restarted.router.kept.size());
    }

    @Test
    void keepsNothingOfWhatItRefused() {
        host.router.refusal = new Refusal(Condition.LIMIT_EXCEEDED, "queue q is full");
        ScriptedPeer peer = peer();
        peer.send(0, durable(attach(peer, Role.SENDER, Map.of())));
        peer.expect(Attach.class);
        peer.expect(Flow.class);
        peer.send(0, ScriptedPeer.transfer(0, false), peer.message("m"));
        assertInstanceOf(Rejected.class, peer.expect(Disposition.class).getState());
        assertEquals(Map.of(), host.router.kept);
        assertEquals(0, host.router.queue("q").entries.size());
    }

    private static Attach settledFirst(Attach attach) {
        attach.setRcvSettleMode(ReceiverSettleMode.FIRST);
        return attach;
    }

    private static Binary tag(int number) {
        return new Binary(ByteBuffer.allocate(Integer.BYTES).putInt(number).array());
    }

    // ---- Gone while it came back

    @Test
    void isForgottenInTimeWhenItsNextConnectionIsLostBeforeItWasAttached() {
        Binary tag = tagOfCutReceiver();
        host.router.slow = true;
        ScriptedPeer next = peer();
        next.send(0, attach(next, Role.RECEIVER, map(tag, null)));
        next.lost();
        loop.advance(10);

        loop.advance(29_000);
        assertEquals(0, host.router.queue("q").entries.size());
        loop.advance(1_000);

        assertEquals(1, host.router.queue("q").entries.size());
        assertEquals(0, protocol.suspendedLinks());
    }

    @Test
    void isForgottenInTimeWhenItsNextConnectionIsLostWhileAnotherLoopHandsItOver() {
        Binary tag = tagOfCutReceiver();
        var other = new FakeLoop(1, loop.clock());
        ScriptedPeer next = new ScriptedPeer(protocol, host, other).begun();
        next.send(0, attach(next, Role.RECEIVER, map(tag, null)));
        next.lost();
        FakeLoop.settle(loop, other);

        FakeLoop.advance(30_000, loop, other);

        assertEquals(1, host.router.queue("q").entries.size());
        assertEquals(0, protocol.suspendedLinks());
    }

    // ---- What makes no sense

    @ParameterizedTest(name = "as {0}, opened later: {1}")
    @CsvSource({"RECEIVER, false", "RECEIVER, true", "SENDER, false", "SENDER, true"})
    void refusesAMapOfWhatIsNoDeliveryTag(Role role, boolean later) {
        ScriptedPeer peer = peer();
        host.router.slow = later;
        Attach attach = attach(peer, role, Map.of());
        attach.setUnsettled(Map.of("no tag", Accepted.getInstance()));

        peer.send(0, attach);
        loop.advance(10);

        peer.expect(Attach.class);
        peer.expectDetached("amqp:decode-error");
        peer.send(0, ScriptedPeer.detach(0, true));
        host.router.slow = false;
        peer.send(0, attach(peer, role, Map.of()));
        assertEquals(role == Role.SENDER, peer.expect(Attach.class).getRole() == Role.RECEIVER);
    }
}
