package io.turnstone.amqp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.transport.Open;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The idle timeout")
class IdleTimeoutTest {

    private static final byte[] HEARTBEAT = {0, 0, 0, 8, 2, 0, 0, 0};

    @Test
    @Spec(section = "2.4.5", says = "on expiry the connection is closed with an error that says why")
    @Spec(section = "Robustness", says = "a socket that is half open ends by its idle time")
    void closesASilentPeer() {
        var peer = new ScriptedPeer(ScriptedPeer.SETTINGS.withIdleTimeoutMs(1_000)).receiving("q");

        peer.loop.advance(900);
        peer.expectNothing();
        peer.loop.advance(600);

        peer.expectClosed("amqp:resource-limit-exceeded");
        assertTrue(peer.router.consumers.get(0).lost, "a silent peer went without a word");
    }

    @Test
    @Spec(section = "2.4.5", says = "on expiry the connection is closed with an error that says why")
    void isNotMisledByAClockThatIsSet() {
        var peer = new ScriptedPeer(ScriptedPeer.SETTINGS.withIdleTimeoutMs(1_000)).receiving("q");

        peer.loop.clock().set(86_400_000);
        peer.loop.advance(900);
        peer.expectNothing();
        peer.loop.clock().set(-2 * 86_400_000);
        peer.loop.advance(600);

        peer.expectClosed("amqp:resource-limit-exceeded");
    }

    @Test
    @Spec(section = "2.4.5", says = "half of the real limit is advertised")
    void advertisesHalfOfIt() {
        var peer = new ScriptedPeer(ScriptedPeer.SETTINGS.withIdleTimeoutMs(1_000)).headers();

        peer.send(0, peer.open("peer"));

        assertEquals(500, peer.expect(Open.class).getIdleTimeOut().intValue());
    }

    @Test
    @Spec(section = "2.4.5", says = "an empty frame on any channel keeps the connection")
    void isKeptOffByEmptyFrames() {
        var peer = new ScriptedPeer(ScriptedPeer.SETTINGS.withIdleTimeoutMs(1_000)).opened();

        for (int i = 0; i < 10; i++) {
            peer.loop.advance(500);
            byte[] frame = HEARTBEAT.clone();
            frame[7] = (byte) i;
            peer.raw(frame);
        }

        peer.expectNothing();
        assertFalse(peer.channel.closed());
    }

    @Test
    void canBeSwitchedOff() {
        var peer = new ScriptedPeer(ScriptedPeer.SETTINGS.withIdleTimeoutMs(0)).headers();
        peer.send(0, peer.open("peer"));
        assertNull(peer.expect(Open.class).getIdleTimeOut());

        peer.loop.advance(1_000_000);

        peer.expectNothing();
    }

    @Test
    @Spec(section = "2.4.5", says = "empty frames are sent often enough for the peer")
    void sendsEmptyFramesAtHalfOfThePeersLimit() {
        var peer = new ScriptedPeer(ScriptedPeer.SETTINGS.withIdleTimeoutMs(0)).headers();
        Open open = peer.open("peer");
        open.setIdleTimeOut(UnsignedInteger.valueOf(100));
        peer.send(0, open);
        peer.expect(Open.class);

        for (int i = 0; i < 20; i++) {
            peer.loop.advance(50);
            assertNull(peer.next().body(), "an empty frame within half of the limit");
            peer.forgetAll();
        }
    }

    @Test
    @Spec(section = "2.4.5", says = "a limit that cannot be kept is refused")
    void refusesALimitTooShortToKeep() {
        var peer = new ScriptedPeer().headers();
        Open open = peer.open("peer");
        open.setIdleTimeOut(UnsignedInteger.valueOf(99));

        peer.send(0, open);

        peer.expect(Open.class);
        peer.expectClosed("amqp:not-allowed");
    }

    @Test
    void saysNothingAfterTheClose() {
        var peer = new ScriptedPeer().headers();
        Open open = peer.open("peer");
        open.setIdleTimeOut(UnsignedInteger.valueOf(100));
        peer.send(0, open);
        peer.send(0, open);
        peer.expect(Open.class);
        peer.expectClosed("amqp:not-allowed");

        peer.loop.advance(1_000);

        peer.expectNothing();
    }
}
