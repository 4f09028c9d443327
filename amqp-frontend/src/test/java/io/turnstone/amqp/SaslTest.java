package io.turnstone.amqp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.turnstone.amqp.codec.ProtocolHeader;
import io.turnstone.api.plugin.BrokerEvent;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.security.SaslChallenge;
import org.apache.qpid.proton.amqp.security.SaslCode;
import org.apache.qpid.proton.amqp.security.SaslInit;
import org.apache.qpid.proton.amqp.security.SaslMechanisms;
import org.apache.qpid.proton.amqp.security.SaslOutcome;
import org.apache.qpid.proton.amqp.security.SaslResponse;
import org.apache.qpid.proton.amqp.transport.Open;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("The security layer")
class SaslTest {

    private final ScriptedPeer peer = new ScriptedPeer();

    @Test
    @Spec(section = "5.3.2", says = "the server announces its mechanisms")
    void offersAnonymousWhereItIsAllowed() {
        assertEquals(symbols("TWICE", "PLAIN", "ANONYMOUS"), offered());
    }

    @Test
    void offersNoAnonymousElsewhere() {
        peer.host.anonymous = false;

        assertEquals(symbols("TWICE", "PLAIN"), offered());
    }

    @Test
    @Spec(section = "5.3.2", says = "outcome ok, then the AMQP header")
    void letsAnonymousIn() {
        offered();

        peer.sasl(init("ANONYMOUS", "whoever"));

        assertEquals(SaslCode.OK, peer.expect(SaslOutcome.class).getCode());
        assertEquals("anonymous", identity());
    }

    @Test
    void letsAUserIn() {
        offered();

        peer.sasl(init("PLAIN", "\0guest\0guest"));

        assertEquals(SaslCode.OK, peer.expect(SaslOutcome.class).getCode());
        assertEquals("guest", identity());
    }

    @ParameterizedTest(name = "{0} is outcome {1}")
    @CsvSource({"CREDENTIALS, AUTH, 1", "FAULT, SYS, 2", "UNAVAILABLE, SYS_PERM, 3", "BUSY, SYS_TEMP, 4"})
    @Spec(
            section = "5.3.3.6",
            says = "auth for credentials, sys, sys-perm and sys-temp for what is not the peer's fault")
    @Spec(section = "5.3.2", says = "after a failure the outcome is told and the socket closed")
    void saysWhyItRefuses(String reason, SaslCode code, int number) {
        offered();

        peer.sasl(init(reason, ""));

        SaslOutcome outcome = peer.expect(SaslOutcome.class);
        assertEquals(code, outcome.getCode());
        assertEquals(number, outcome.getCode().getValue().intValue());
        assertNull(outcome.getAdditionalData());
        assertTrue(peer.channel.closed());
    }

    @Test
    @Spec(section = "5.3.2", says = "any number of challenges and responses, then the outcome with additional data")
    void asksAsOftenAsTheMechanismWants() {
        offered();

        peer.sasl(init("TWICE", "one"));
        assertEquals("one?", challenge());
        peer.sasl(response("two"));
        assertEquals("two?", challenge());
        peer.sasl(response("three"));

        SaslOutcome outcome = peer.expect(SaslOutcome.class);
        assertEquals(SaslCode.OK, outcome.getCode());
        assertEquals(new Binary(ScriptedPeer.ascii("and three")), outcome.getAdditionalData());
        assertEquals("twice", identity());
    }

    @Test
    @Spec(section = "5.3.3.2", says = "the initial response may be absent")
    void takesAnInitWithoutAResponse() {
        offered();
        var init = new SaslInit();
        init.setMechanism(Symbol.valueOf("TWICE"));

        peer.sasl(init);

        assertEquals("nothing?", challenge());
    }

    @Test
    @Spec(section = "5.3.2", says = "one init; a response answers a challenge")
    void endsOnASecondInit() {
        offered();
        peer.sasl(init("TWICE", "one"));
        challenge();

        peer.sasl(init("PLAIN", "\0guest\0guest"));

        assertTrue(peer.channel.closed());
        peer.expectNothing();
    }

    @Test
    @Spec(section = "2.8.15", says = "unauthorized-access: the user may not")
    void endsTheConnectionWhenTheProofExpires() {
        offered();
        peer.sasl(init("TWICE", "one"));
        challenge();
        peer.sasl(response("two"));
        challenge();
        peer.sasl(response("three"));
        peer.expect(SaslOutcome.class);
        identity();

        peer.loop.advance(MemoryLogin.TWICE_EXPIRES_MS);

        peer.expectClosed("amqp:unauthorized-access");
    }

    @Test
    void tellsTheLoginThatItsConnectionIsGone() {
        offered();

        peer.lost();

        assertTrue(peer.host.login.abandoned);
    }

    @Test
    @Spec(section = "5.3.1", says = "a frame of an unknown type is none of the security layer's")
    void endsOnAFrameOfAnUnknownType() {
        offered();

        peer.raw((byte) 0, (byte) 0, (byte) 0, (byte) 9, (byte) 2, (byte) 7, (byte) 0, (byte) 0, (byte) 0x40);

        assertTrue(peer.channel.closed());
    }

    @Test
    @Spec(section = "5.3.1", says = "bytes of the header that SASL does not use are ignored")
    void ignoresTheChannelAndTheExtendedHeaderOfAFrame() {
        offered();
        ByteBuffer plain = peer.frame(1, 0, init("PLAIN", "\0guest\0guest"));
        ByteBuffer odd = ByteBuffer.allocate(plain.remaining() + 4)
                .putInt(plain.remaining() + 4)
                .put((byte) 3)
                .put((byte) 1)
                .putShort((short) 77)
                .putInt(0xcafe)
                .put(plain.position(8));

        peer.raw(odd.flip());

        assertEquals(SaslCode.OK, peer.expect(SaslOutcome.class).getCode());
    }

    @Test
    void takesLargerFramesForAMechanismThatNeedsThem() {
        peer.host.longest = 4096;
        offered();

        peer.sasl(init("PLAIN", "\0guest\0guest" + "x".repeat(3000)));

        assertEquals(SaslCode.OK, peer.expect(SaslOutcome.class).getCode());
    }

    @Test
    @Spec(section = "5.3.2", says = "a peer that does not finish in time is not waited for")
    void endsWhenTheHandshakeTakesTooLong() {
        offered();

        peer.loop.advance(ScriptedPeer.SETTINGS.handshakeLimitMs());

        assertTrue(peer.channel.closed());
    }

    @Test
    @Spec(section = "5.3.3.2", says = "a mechanism that was not offered is refused")
    void refusesAMechanismThatWasNotOffered() {
        peer.host.anonymous = false;
        offered();

        peer.sasl(init("ANONYMOUS", ""));

        assertEquals(SaslCode.AUTH, peer.expect(SaslOutcome.class).getCode());
        assertTrue(peer.channel.closed());
    }

    @Test
    @Spec(section = "2.4.2", says = "frames may be pipelined behind the security layer")
    void keepsWhatIsSentAheadWhileCredentialsAreChecked() {
        peer.host.slow = true;

        peer.together(() -> {
            peer.header(ProtocolHeader.SASL);
            peer.sasl(init("PLAIN", "\0guest\0guest"));
            peer.header(ProtocolHeader.AMQP);
            peer.send(0, peer.open("peer"));
        });
        assertFalse(peer.channel.reading());
        peer.expectHeader();
        peer.expect(SaslMechanisms.class);
        peer.expectNothing();
        peer.loop.advance(50);

        assertEquals(SaslCode.OK, peer.expect(SaslOutcome.class).getCode());
        peer.expectHeader();
        peer.expect(Open.class);
        assertTrue(peer.channel.reading());
    }

    @Test
    void forgetsAnAnswerForAConnectionThatIsGone() {
        peer.host.slow = true;
        offered();
        peer.sasl(init("PLAIN", "\0guest\0guest"));

        peer.lost();
        peer.loop.advance(50);

        peer.expectNothing();
    }

    @Test
    @Spec(section = "5.3.1", says = "an empty SASL frame is an irrecoverable error")
    void endsOnAnEmptyFrame() {
        offered();

        peer.raw((byte) 0, (byte) 0, (byte) 0, (byte) 8, (byte) 2, (byte) 1, (byte) 0, (byte) 0);

        assertTrue(peer.channel.closed());
    }

    @Test
    @Spec(section = "5.3.1", says = "a SASL frame has at most 512 bytes")
    void endsOnALargeFrame() {
        offered();

        peer.sasl(init("PLAIN", "x".repeat(600)));

        assertTrue(peer.channel.closed());
        peer.expectNothing();
    }

    @Test
    void endsOnAFrameOutOfTurn() {
        offered();

        peer.sasl(response(""));

        assertTrue(peer.channel.closed());
    }

    @Test
    void endsOnAnAmqpFrame() {
        offered();

        peer.send(0, peer.open("peer"));

        assertTrue(peer.channel.closed());
    }

    @Test
    void mayNotBeLeftOutWhereAnonymousIsNotAllowed() {
        peer.host.anonymous = false;

        peer.header(ProtocolHeader.AMQP);

        assertArrayEquals(new byte[] {'A', 'M', 'Q', 'P', 3, 1, 0, 0}, peer.expectHeader());
        assertTrue(peer.channel.closed());
    }

    private List<Symbol> offered() {
        peer.header(ProtocolHeader.SASL);
        assertArrayEquals(new byte[] {'A', 'M', 'Q', 'P', 3, 1, 0, 0}, peer.expectHeader());
        return List.of(peer.expect(SaslMechanisms.class).getSaslServerMechanisms());
    }

    private String identity() {
        peer.headers();
        peer.send(0, peer.open("peer"));
        peer.expect(Open.class);
        return ((BrokerEvent.Connected) peer.host.events.get(0))
                .peer()
                .identity()
                .name();
    }

    private String challenge() {
        return peer.expect(SaslChallenge.class).getChallenge().toString();
    }

    private static SaslResponse response(String text) {
        var response = new SaslResponse();
        response.setResponse(new Binary(ScriptedPeer.ascii(text)));
        return response;
    }

    private static List<Symbol> symbols(String... names) {
        return Arrays.stream(names).map(Symbol::valueOf).toList();
    }

    private static SaslInit init(String mechanism, String response) {
        var init = new SaslInit();
        init.setMechanism(Symbol.valueOf(mechanism));
        init.setInitialResponse(new Binary(ScriptedPeer.ascii(response)));
        return init;
    }
}
