package io.turnstone.amqp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.turnstone.amqp.codec.ProtocolHeader;
import io.turnstone.api.plugin.BrokerEvent;
import java.util.List;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.security.SaslCode;
import org.apache.qpid.proton.amqp.security.SaslInit;
import org.apache.qpid.proton.amqp.security.SaslMechanisms;
import org.apache.qpid.proton.amqp.security.SaslOutcome;
import org.apache.qpid.proton.amqp.security.SaslResponse;
import org.apache.qpid.proton.amqp.transport.Open;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("The security layer")
class SaslTest {

    private final ScriptedPeer peer = new ScriptedPeer();

    @Test
    @Spec(section = "5.3.2", says = "the server announces its mechanisms")
    void offersAnonymousWhereItIsAllowed() {
        assertEquals(List.of(Symbol.valueOf("PLAIN"), Symbol.valueOf("ANONYMOUS")), offered());
    }

    @Test
    void offersNoAnonymousElsewhere() {
        peer.host.anonymous = false;

        assertEquals(List.of(Symbol.valueOf("PLAIN")), offered());
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

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\0guest\0wrong",
                "\0nobody\0guest",
                "guest\0guest",
                "",
                "\0\0",
                "other\0guest\0guest",
                "\0guest\0guest\0"
            })
    @Spec(section = "5.3.3.6", says = "outcome auth: it failed because of the credentials")
    void refusesWrongCredentials(String response) {
        offered();

        peer.sasl(init("PLAIN", response));

        assertEquals(SaslCode.AUTH, peer.expect(SaslOutcome.class).getCode());
        assertTrue(peer.channel.closed());
    }

    @Test
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
        var response = new SaslResponse();
        response.setResponse(new Binary(new byte[0]));

        peer.sasl(response);

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

    private static SaslInit init(String mechanism, String response) {
        var init = new SaslInit();
        init.setMechanism(Symbol.valueOf(mechanism));
        init.setInitialResponse(new Binary(ScriptedPeer.ascii(response)));
        return init;
    }
}
