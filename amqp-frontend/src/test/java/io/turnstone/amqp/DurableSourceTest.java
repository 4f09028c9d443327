package io.turnstone.amqp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.turnstone.api.FakeLoop;
import io.turnstone.api.Outcome;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.messaging.TerminusDurability;
import org.apache.qpid.proton.amqp.messaging.TerminusExpiryPolicy;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.DeliveryState;
import org.apache.qpid.proton.amqp.transport.ReceiverSettleMode;
import org.apache.qpid.proton.amqp.transport.Role;
import org.apache.qpid.proton.amqp.transport.Transfer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A source whose unsettled state is durable")
class DurableSourceTest {

    private final FakeLoop loop = new FakeLoop();
    private MemoryHost host = new MemoryHost(new MemoryRouter());
    private AmqpProtocol protocol = new AmqpProtocol(ScriptedPeer.SETTINGS);

    private ScriptedPeer peer() {
        return new ScriptedPeer(protocol, host, loop).begun();
    }

    private static Attach attach(ScriptedPeer peer, String queue, Map<Binary, DeliveryState> unsettled) {
        Attach attach = peer.attach("link", 0, Role.RECEIVER, queue);
        attach.setRcvSettleMode(ReceiverSettleMode.SECOND);
        attach.setUnsettled(unsettled);
        expiry(attach, TerminusExpiryPolicy.CONNECTION_CLOSE, 30);
        ((Source) attach.getSource()).setDurable(TerminusDurability.UNSETTLED_STATE);
        return attach;
    }

    private static void expiry(Attach attach, TerminusExpiryPolicy policy, int seconds) {
        ((Source) attach.getSource()).setExpiryPolicy(policy);
        ((Source) attach.getSource()).setTimeout(UnsignedInteger.valueOf(seconds));
    }

    private static Map<Binary, DeliveryState> map(Binary tag, DeliveryState state) {
        var map = new HashMap<Binary, DeliveryState>();
        map.put(tag, state);
        return map;
    }

    private static TerminusDurability durability(Attach attach) {
        return ((Source) attach.getSource()).getDurable();
    }

    /** Received one message, unsettled, when the broker is killed and started again. */
    private Binary tagOfKilledReceiver() {
        ScriptedPeer peer = peer();
        peer.stored("q", 1);
        peer.send(0, attach(peer, "q", Map.of()));
        assertEquals(TerminusDurability.UNSETTLED_STATE, durability(peer.expect(Attach.class)));
        peer.send(0, peer.flow(0, 1));
        Binary tag = peer.expect(Transfer.class).getDeliveryTag();
        host = new MemoryHost(host.router.afterCrash());
        host.router.queue("q").returnsReleased = true;
        protocol = new AmqpProtocol(ScriptedPeer.SETTINGS);
        return tag;
    }

    /** Comes back with this and has credit. */
    private ScriptedPeer back(Map<Binary, DeliveryState> unsettled, boolean known) {
        ScriptedPeer peer = peer();
        peer.send(0, attach(peer, "q", unsettled));
        Attach reply = peer.expect(Attach.class);
        assertEquals(TerminusDurability.UNSETTLED_STATE, durability(reply));
        assertEquals(
                known ? unsettled.keySet() : Map.of().keySet(),
                reply.getUnsettled().keySet());
        peer.send(0, peer.flow(0, 5));
        return peer;
    }

    private MemoryConsumer last() {
        return host.router.consumers.get(host.router.consumers.size() - 1);
    }

    @Test
    void sendsOnceMoreUnderTheSameTagWhatTheReceiverHasNotFinished() {
        Binary tag = tagOfKilledReceiver();
        Transfer transfer = back(map(tag, null), true).expect(Transfer.class);
        assertTrue(transfer.getResume());
        assertFalse(transfer.getSettled());
        assertEquals(tag, transfer.getDeliveryTag());
        assertNull(transfer.getState());
    }

    @Test
    void settlesWhatTheReceiverHasFinished() {
        Binary tag = tagOfKilledReceiver();
        Transfer transfer = back(map(tag, Accepted.getInstance()), true).expect(Transfer.class);
        assertTrue(transfer.getSettled());
        assertEquals(tag, transfer.getDeliveryTag());
        assertInstanceOf(Accepted.class, transfer.getState());
        assertEquals(List.of(Outcome.ACCEPTED), last().outcomes);
    }

    @Test
    void givesBackWhatTheReceiverDoesNotKnow() {
        tagOfKilledReceiver();
        Transfer transfer = back(Map.of(), false).expect(Transfer.class);
        assertFalse(transfer.getResume());
        assertEquals(List.of(Outcome.RELEASED), last().outcomes);
    }

    @Test
    void holdsNothingAnyMoreWhenItsTimeIsUp() {
        Binary tag = tagOfKilledReceiver();
        ScriptedPeer other = peer();
        assertEquals(0, host.router.queue("q").entries.size());
        loop.advance(30_001);
        loop.settle();
        assertEquals(1, host.router.queue("q").entries.size());
        other.lost();
        assertFalse(back(map(tag, null), false).expect(Transfer.class).getResume());
    }

    @Test
    void holdsNothingAnyMoreForALinkThatDoesNotWantIt() {
        Binary tag = tagOfKilledReceiver();
        ScriptedPeer peer = peer();
        Attach attach = attach(peer, "q", map(tag, null));
        ((Source) attach.getSource()).setDurable(TerminusDurability.NONE);
        peer.send(0, attach);
        assertTrue(peer.expect(Attach.class).getUnsettled().isEmpty());
        assertEquals(1, host.router.queue("q").entries.size());
    }

    @Test
    void holdsNothingAnyMoreInAQueueThatTheLinkHasLeft() {
        tagOfKilledReceiver();
        ScriptedPeer peer = peer();
        peer.send(0, attach(peer, "volatile", Map.of()));
        peer.expect(Attach.class);
        assertEquals(1, host.router.queue("q").entries.size());
    }

    @Test
    void isSaidToBeSoOnlyWhereItIs() {
        ScriptedPeer peer = peer();
        peer.send(0, attach(peer, "volatile", Map.of()));
        assertEquals(TerminusDurability.CONFIGURATION, durability(peer.expect(Attach.class)), "messages go");
        peer.lost();

        ScriptedPeer forgetful = peer();
        Attach shortLived = attach(forgetful, "q", Map.of());
        expiry(shortLived, TerminusExpiryPolicy.SESSION_END, 0);
        forgetful.send(0, shortLived);
        assertEquals(TerminusDurability.CONFIGURATION, durability(forgetful.expect(Attach.class)), "it goes at once");
        forgetful.lost();

        ScriptedPeer plain = peer();
        Attach untracked = attach(plain, "q", null);
        untracked.setRcvSettleMode(ReceiverSettleMode.FIRST);
        plain.send(0, untracked);
        assertEquals(TerminusDurability.CONFIGURATION, durability(plain.expect(Attach.class)), "nobody keeps track");
    }
}
