package io.turnstone.amqp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.turnstone.amqp.codec.ProtocolHeader;
import io.turnstone.api.FakeLoop;
import io.turnstone.api.plugin.BrokerEvent;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Begin;
import org.apache.qpid.proton.amqp.transport.Close;
import org.apache.qpid.proton.amqp.transport.Flow;
import org.apache.qpid.proton.amqp.transport.Open;
import org.apache.qpid.proton.amqp.transport.Role;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A connection, while it opens and closes,")
class OpeningTest {

    private static final byte[] SASL_HEADER = {'A', 'M', 'Q', 'P', 3, 1, 0, 0};
    private static final byte[] AMQP_HEADER = {'A', 'M', 'Q', 'P', 0, 1, 0, 0};

    @Test
    @Spec(section = "2.2", says = "answer an unknown header with a supported one and close the socket")
    void answersAnUnknownHeaderAndCloses() {
        var peer = new ScriptedPeer();

        peer.raw(ScriptedPeer.ascii("GET / HTTP/1.1\r\n\r\n"));

        assertArrayEquals(SASL_HEADER, peer.expectHeader());
        assertTrue(peer.channel.closed());
    }

    @Test
    @Spec(section = "2.2", says = "another version is answered with 1.0.0")
    void answersAnotherVersionAndCloses() {
        var peer = new ScriptedPeer();

        peer.raw((byte) 'A', (byte) 'M', (byte) 'Q', (byte) 'P', (byte) 0, (byte) 0, (byte) 9, (byte) 1);

        peer.expectHeader();
        assertTrue(peer.channel.closed());
    }

    @Test
    @Spec(section = "2.2", says = "a header may come in pieces")
    void readsEverythingByteByByte() {
        var peer = new ScriptedPeer();

        for (byte b : AMQP_HEADER) {
            peer.raw(b);
        }
        assertArrayEquals(AMQP_HEADER, peer.expectHeader());
        var open = peer.frame(0, 0, peer.open("peer"));
        while (open.hasRemaining()) {
            peer.raw(open.get());
        }

        assertEquals("node-1", peer.expect(Open.class).getContainerId());
    }

    @Test
    @Spec(section = "2.4.2", says = "header, open and later frames may be pipelined")
    void acceptsPipelinedFrames() {
        var peer = new ScriptedPeer();

        peer.together(() -> {
            peer.header(ProtocolHeader.AMQP);
            peer.send(0, peer.open("peer"));
            peer.send(0, peer.begin());
            peer.send(0, peer.attach("out", 0, Role.SENDER, "q"));
        });

        assertArrayEquals(AMQP_HEADER, peer.expectHeader());
        peer.expect(Open.class);
        peer.expect(Begin.class);
        peer.expect(Attach.class);
        peer.expect(Flow.class);
    }

    @Test
    @Spec(section = "2.7.1", says = "open carries the capabilities and limits of the peer")
    void introducesTheBroker() {
        var peer = new ScriptedPeer();
        peer.headers();

        peer.send(0, peer.open("peer"));

        Open open = peer.expect(Open.class);
        assertEquals(UnsignedInteger.valueOf(128 * 1024), open.getMaxFrameSize());
        assertEquals(255, open.getChannelMax().intValue());
        assertEquals(30_000, open.getIdleTimeOut().intValue());
        assertEquals(
                List.of(
                        Symbol.valueOf("ANONYMOUS-RELAY"),
                        Symbol.valueOf("SHARED-SUBS"),
                        Symbol.valueOf("DELAYED_DELIVERY"),
                        Symbol.valueOf("sole-connection-for-container"),
                        Symbol.valueOf("LINK_PAIR_V1_0"),
                        Symbol.valueOf("AMQP_FILTEX_PROP_V1_0"),
                        Symbol.valueOf("AMQP_FILTEX_SQL_V1_0"),
                        Symbol.valueOf("APACHE.ORG:SELECTOR"),
                        Symbol.valueOf("APACHE.ORG:NO_LOCAL"),
                        Symbol.valueOf("APACHE.ORG:LEGACY_AMQP_EXCHANGE_FILTERS")),
                Arrays.asList(open.getOfferedCapabilities()));
        assertEquals("Turnstone", open.getProperties().get(Symbol.valueOf("product")));
        assertEquals("4.3.0+turnstone.0.1.0", open.getProperties().get(Symbol.valueOf("version")));
        assertEquals("node-1", open.getProperties().get(Symbol.valueOf("node")));
        assertEquals(
                "peer", ((BrokerEvent.Connected) peer.host.events.get(0)).peer().containerId());
        assertEquals("peer", peer.connection.status().orElseThrow().peer().containerId());
    }

    @Test
    @Spec(section = "2.4.1", says = "open comes first")
    void refusesFramesBeforeOpen() {
        var peer = new ScriptedPeer().headers();

        peer.send(0, peer.begin());

        peer.expect(Open.class);
        peer.expectClosed("amqp:not-allowed");
    }

    @Test
    @Spec(section = "2.4.1", says = "open comes on channel 0")
    void refusesAnOpenOnAnotherChannel() {
        var peer = new ScriptedPeer().headers();

        peer.send(1, peer.open("peer"));

        peer.expect(Open.class);
        peer.expectClosed("amqp:not-allowed");
    }

    @Test
    @Spec(section = "2.4.1", says = "open comes once")
    @Spec(section = "2.8.15", says = "not-allowed: not in this state")
    void refusesASecondOpen() {
        var peer = new ScriptedPeer().opened();

        peer.send(0, peer.open("peer"));

        peer.expectClosed("amqp:not-allowed");
    }

    @Test
    @Spec(section = "1.3.4", says = "a missing mandatory field is a decode error")
    @Spec(section = "2.8.15", says = "decode-error: what came is not AMQP")
    void refusesAnOpenWithoutContainerId() {
        var peer = new ScriptedPeer().headers();

        // open with an empty list of fields
        peer.raw(
                (byte) 0,
                (byte) 0,
                (byte) 0,
                (byte) 12,
                (byte) 2,
                (byte) 0,
                (byte) 0,
                (byte) 0,
                (byte) 0,
                (byte) 0x53,
                (byte) 0x10,
                (byte) 0x45);

        assertEquals(
                true,
                peer.expect(Open.class).getProperties().get(Symbol.valueOf("amqp:connection-establishment-failed")));
        peer.expectClosed("amqp:decode-error");
    }

    @Test
    @Spec(section = "2.7.1", says = "max-frame-size is at least 512")
    void refusesATinyFrameSize() {
        var peer = new ScriptedPeer().headers();
        Open open = peer.open("peer");
        open.setMaxFrameSize(UnsignedInteger.valueOf(511));

        peer.send(0, open);

        assertEquals(
                true,
                peer.expect(Open.class).getProperties().get(Symbol.valueOf("amqp:connection-establishment-failed")));
        peer.expectClosed("amqp:invalid-field");
    }

    @Test
    @Spec(section = "2.7.1", says = "hostname names the host the peer means")
    void refusesAnUnknownVirtualHost() {
        var peer = new ScriptedPeer().headers();
        Open open = peer.open("peer");
        open.setHostname("vhost:other");

        peer.send(0, open);

        peer.expect(Open.class);
        peer.expectClosed("amqp:not-found");
    }

    @Test
    @Spec(section = "2.3.1", says = "a frame larger than agreed is a framing error")
    @Spec(section = "2.8.16", says = "framing-error: a frame that cannot be")
    void refusesAFrameBeyondTheLimit() {
        var peer = new ScriptedPeer().opened();

        peer.raw((byte) 0x7f, (byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 2, (byte) 0, (byte) 0, (byte) 0);

        peer.expectClosed("amqp:connection:framing-error");
    }

    @Test
    @Spec(section = "2.4.3", says = "close is answered with close, then the socket goes")
    void answersAClose() {
        var peer = new ScriptedPeer().sending("q");

        peer.send(0, new Close());

        assertNull(peer.expect(Close.class).getError());
        assertTrue(peer.channel.closed());
        assertTrue(peer.router.publishers.get(0).closed);
        assertEquals(1, peer.router.disconnected.size());
        assertEquals("", ((BrokerEvent.Disconnected) peer.host.events.get(1)).reason());
        assertTrue(peer.connection.status().isEmpty());
    }

    @Test
    @Spec(section = "2.4.4", says = "after an error was sent everything is discarded until the peer's close")
    @Spec(section = "2.4.4", says = "two closes that cross end the connection")
    void discardsAfterItsOwnClose() {
        var peer = new ScriptedPeer().begun();
        peer.send(0, peer.open("peer"));
        peer.expectClosed("amqp:not-allowed");

        peer.send(0, peer.attach("out", 0, Role.SENDER, "q"));
        peer.expectNothing();
        peer.send(0, new Close());

        peer.expectNothing();
        assertTrue(peer.channel.closed());
        assertEquals(1, peer.router.disconnected.size());
    }

    @Test
    @Spec(section = "2.4.4", says = "after an error was sent everything is discarded until the peer's close")
    void discardsWhatCameTogetherWithAMistakeFrameByFrame() {
        var peer = new ScriptedPeer().begun();
        ByteBuffer attach = peer.frame(0, 0, peer.attach("out", 0, Role.SENDER, "q"));
        int half = attach.limit() / 2;
        peer.together(() -> {
            peer.send(0, peer.open("peer"));
            peer.raw(attach.duplicate());
            peer.raw(attach.duplicate().limit(half));
        });
        peer.expectClosed("amqp:not-allowed");

        peer.raw(attach.duplicate().position(half));
        peer.raw(new byte[] {0, 0, 0, 9, 2, 0, 0, 0, 77});
        assertFalse(peer.channel.closed());
        peer.send(0, new Close());

        peer.expectNothing();
        assertTrue(peer.channel.closed());
    }

    @Test
    @Spec(section = "2.4.4", says = "two closes that cross end the connection")
    void seesACloseThatCameTogetherWithAMistake() {
        var peer = new ScriptedPeer().begun();

        peer.together(() -> {
            peer.send(0, peer.open("peer"));
            peer.send(0, new Close());
        });

        peer.expectClosed("amqp:not-allowed");
        assertTrue(peer.channel.closed());
    }

    @Test
    @Spec(section = "2.4.3", says = "a peer that does not answer a close is not waited for")
    void waitsAWhileForAPeerWhoseFramesHaveNoEnd() {
        var peer = new ScriptedPeer().opened();
        peer.raw(new byte[] {0x7f, 0, 0, 0, 2, 0, 0, 0, 1, 2, 3});
        peer.expectClosed("amqp:connection:framing-error");

        peer.raw(new byte[] {4, 5, 6, 7, 8, 9, 10, 11, 12});
        peer.expectNothing();
        assertFalse(peer.channel.closed());

        peer.loop.advance(2_000);
        assertTrue(peer.channel.closed());
    }

    @Test
    @Spec(section = "2.4.3", says = "a peer that does not answer a close is not waited for")
    void doesNotWaitForEverForAClose() {
        var peer = new ScriptedPeer().opened();
        peer.send(0, peer.open("peer"));
        peer.expectClosed("amqp:not-allowed");

        peer.loop.advance(2_000);

        assertTrue(peer.channel.closed());
    }

    @Test
    @Spec(section = "Robustness", says = "a peer that never opens is not waited for")
    void closesConnectionsThatDoNotOpenInTime() {
        var peer = new ScriptedPeer().headers();

        peer.loop.advance(10_000);

        assertTrue(peer.channel.closed());
    }

    @Test
    @Spec(section = "Robustness", says = "a peer that opens byte by byte is not waited for")
    void closesConnectionsThatOpenByteByByte() {
        var peer = new ScriptedPeer();
        peer.raw(AMQP_HEADER);
        var open = peer.frame(0, 0, peer.open("a peer that takes its time"));

        for (int second = 0; second < 10; second++) {
            peer.raw(open.get());
            peer.loop.advance(1_000);
        }

        assertTrue(peer.channel.closed());
        assertTrue(open.hasRemaining());
    }

    @Test
    @Spec(section = "2.3.1", says = "an extended header is ignored")
    void ignoresWhatStandsBetweenAHeaderAndItsBody() {
        var peer = new ScriptedPeer().headers();
        var plain = peer.frame(0, 0, peer.open("peer"));
        var extended = ByteBuffer.allocate(plain.remaining() + 4);
        extended.putInt(plain.getInt() + 4).put((byte) 3).put(plain.get(5)).putShort((short) 0);
        extended.putInt(0xdeadbeef).put(plain.position(8)).flip();

        peer.raw(extended);

        peer.expect(Open.class);
        peer.expectNothing();
    }

    @Test
    @Spec(section = "2.7.1", says = "locales, capabilities and properties of the peer are read")
    void readsAllThatAPeerMaySay() {
        var peer = new ScriptedPeer().headers();
        Open open = peer.open("peer");
        open.setHostname("broker.example");
        open.setIdleTimeOut(UnsignedInteger.valueOf(60_000));
        open.setOutgoingLocales(Symbol.valueOf("de-DE"));
        open.setIncomingLocales(Symbol.valueOf("de-DE"), Symbol.valueOf("en-US"));
        open.setOfferedCapabilities(Symbol.valueOf("anything"));
        open.setDesiredCapabilities(Symbol.valueOf("something"), Symbol.valueOf("else"));
        open.setProperties(Map.of(Symbol.valueOf("product"), "p", Symbol.valueOf("deep"), List.of(Map.of("a", 1))));

        peer.send(0, open);

        peer.expect(Open.class);
        peer.expectNothing();
    }

    @Test
    void tellsTheCoreWhenTheSocketIsLost() {
        var peer = new ScriptedPeer().receiving("q");

        peer.lost();

        assertTrue(peer.router.consumers.get(0).lost);
        assertEquals("peer", peer.router.disconnected.get(0).containerId());
        var gone = assertInstanceOf(BrokerEvent.Disconnected.class, peer.host.events.get(1));
        assertTrue(gone.reason().contains("without"), gone.reason());
    }

    @Test
    @Spec(section = "2.8.16", says = "connection:forced when an operator ends it")
    void saysGoodByeWhenTheBrokerStops() {
        var peer = new ScriptedPeer().opened();

        peer.loop.within(peer.connection::stop);

        peer.expectClosed("amqp:connection:forced");
    }

    @Test
    void finishesPublishesBeforeItStops() {
        var peer = new ScriptedPeer().sending("q");
        peer.router.holdOutcomes = true;
        peer.send(0, ScriptedPeer.transfer(0, false), peer.message("hello"));

        peer.loop.within(peer.connection::stop);
        peer.expectNothing();
        peer.loop.within(peer.router::commit);

        assertEquals(
                UnsignedInteger.ZERO,
                peer.expect(org.apache.qpid.proton.amqp.transport.Disposition.class)
                        .getFirst());
        peer.expectClosed("amqp:connection:forced");
    }

    @Test
    void stopsAfterABoundedTime() {
        var peer = new ScriptedPeer().sending("q");
        peer.router.holdOutcomes = true;
        peer.send(0, ScriptedPeer.transfer(0, false), peer.message("hello"));

        peer.loop.within(peer.connection::stop);
        peer.loop.advance(2_000);

        peer.expectClosed("amqp:connection:forced");
    }

    @Test
    @Spec(
            section = "Sole connection",
            says = "a second connection of one container is refused, or closes the first, as asked")
    void refusesASecondConnectionOfASoleContainer() {
        var protocol = new AmqpProtocol(ScriptedPeer.SETTINGS);
        var host = new MemoryHost(new MemoryRouter());
        var loop = new FakeLoop();
        var first = new ScriptedPeer(protocol, host, loop);
        var second = new ScriptedPeer(protocol, host, loop);
        first.headers().send(0, sole(first));
        first.expect(Open.class);

        second.headers().send(0, sole(second));

        assertEquals(
                true,
                second.expect(Open.class).getProperties().get(Symbol.valueOf("amqp:connection-establishment-failed")));
        Close close = second.expect(Close.class);
        assertEquals(Symbol.valueOf("amqp:invalid-field"), close.getError().getCondition());
        assertEquals(Symbol.valueOf("container-id"), close.getError().getInfo().get(Symbol.valueOf("invalid-field")));
        first.send(0, new Close());
        var third = new ScriptedPeer(protocol, host, loop).headers();
        third.send(0, sole(third));
        third.expect(Open.class);
        third.expectNothing();
    }

    @Test
    @Spec(
            section = "Sole connection",
            says = "a second connection of one container is refused, or closes the first, as asked")
    void closesTheFirstConnectionOfASoleContainerWhenTheSecondAsksForIt() {
        var protocol = new AmqpProtocol(ScriptedPeer.SETTINGS);
        var host = new MemoryHost(new MemoryRouter());
        var loop = new FakeLoop();
        var first = new ScriptedPeer(protocol, host, loop);
        var second = new ScriptedPeer(protocol, host, loop);
        first.headers().send(0, sole(first));
        first.expect(Open.class);
        Open closing = sole(second);
        closing.setProperties(Map.of(Symbol.valueOf("sole-connection-enforcement-policy"), UnsignedInteger.valueOf(1)));

        second.headers().send(0, closing);

        second.expect(Open.class);
        second.expectNothing();
        first.expectClosed("amqp:resource-locked");
    }

    private static Open sole(ScriptedPeer peer) {
        Open open = peer.open("only-one");
        open.setDesiredCapabilities(Symbol.valueOf("sole-connection-for-container"));
        return open;
    }
}
