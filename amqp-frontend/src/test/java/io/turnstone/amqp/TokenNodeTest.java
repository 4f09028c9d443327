package io.turnstone.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.api.Identity;
import io.turnstone.api.Peer;
import io.turnstone.api.plugin.BrokerEvent;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.UnsignedLong;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.AmqpValue;
import org.apache.qpid.proton.amqp.messaging.ApplicationProperties;
import org.apache.qpid.proton.amqp.messaging.Properties;
import org.apache.qpid.proton.amqp.messaging.Target;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Close;
import org.apache.qpid.proton.amqp.transport.Disposition;
import org.apache.qpid.proton.amqp.transport.Flow;
import org.apache.qpid.proton.amqp.transport.Role;
import org.apache.qpid.proton.amqp.transport.Transfer;
import org.apache.qpid.proton.codec.AMQPDefinedTypes;
import org.apache.qpid.proton.codec.DecoderImpl;
import org.apache.qpid.proton.codec.EncoderImpl;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A request to $cbs")
class TokenNodeTest {

    private static final int ANSWERS = 1;
    private static final int OTHER = 2;

    /** What a token was answered with. */
    private record Answer(Object correlationId, Object code, String description) {}

    private final ScriptedPeer peer = new ScriptedPeer();
    private int deliveryId;

    private TokenNodeTest attached() {
        peer.begun();
        peer.send(0, peer.attach("cbs:sender", 0, Role.SENDER, "$cbs"));
        assertThat(((Target) peer.expect(Attach.class).getTarget()).getAddress())
                .isEqualTo("$cbs");
        assertThat(peer.expect(Flow.class).getLinkCredit()).isEqualTo(UnsignedInteger.valueOf(8));
        Attach answers = peer.attach("cbs:receiver", ANSWERS, Role.RECEIVER, "$cbs");
        ((Target) answers.getTarget()).setAddress("cbs-client-reply-to");
        peer.send(0, answers);
        assertThat((Object) peer.expect(Attach.class).getProperties()).isNull();
        Flow credit = peer.flow(0, 1_000);
        credit.setHandle(UnsignedInteger.valueOf(ANSWERS));
        peer.send(0, credit);
        return this;
    }

    private TokenNodeTest withTokens() {
        peer.host.tokens = Map.of(
                "alice", new Identity("alice", "XOAUTH2"),
                "bob", new Identity("bob", "XOAUTH2"),
                "alice's boss", new Identity("alice", "XOAUTH2", Set.of("boss")));
        return this;
    }

    private Answer put(String token) {
        return ask("put-token", "jwt", "sb://shop/orders", token);
    }

    private Answer ask(String operation, String type, String audience, Object body) {
        var id = UnsignedLong.valueOf(deliveryId);
        var properties = new Properties();
        properties.setMessageId(id);
        properties.setReplyTo("cbs-client-reply-to");
        Map<String, Object> application = new HashMap<>();
        application.put("operation", operation);
        application.put("type", type);
        application.put("name", audience);
        application.values().removeIf(java.util.Objects::isNull);
        peer.send(
                0,
                ScriptedPeer.transfer(deliveryId++, false),
                peer.section(properties, new ApplicationProperties(application), new AmqpValue(body)));
        Answer answer = answer();
        assertThat(answer.correlationId()).isEqualTo(id);
        Disposition disposition = peer.expect(Disposition.class);
        assertThat(disposition.getState()).isEqualTo(Accepted.getInstance());
        assertThat(disposition.getSettled()).isTrue();
        return answer;
    }

    private Answer answer() {
        ScriptedPeer.Frame frame = peer.next();
        while (frame.body() instanceof Flow) {
            frame = peer.next();
        }
        var transfer = (Transfer) frame.body();
        assertThat(transfer.getHandle()).isEqualTo(UnsignedInteger.valueOf(ANSWERS));
        assertThat(transfer.getSettled()).isTrue();
        var decoder = new DecoderImpl();
        AMQPDefinedTypes.registerAllTypes(decoder, new EncoderImpl(decoder));
        decoder.setByteBuffer(ByteBuffer.wrap(frame.payload()));
        Object id = ((Properties) decoder.readObject()).getCorrelationId();
        Map<String, Object> said = ((ApplicationProperties) decoder.readObject()).getValue();
        return new Answer(id, said.get("status-code"), (String) said.get("status-description"));
    }

    private String user() {
        return peer.connection.status().orElseThrow().peer().identity().name();
    }

    @Test
    @Spec(
            section = "Claims based security",
            says = "a token put at $cbs makes a peer that came without a name its bearer")
    void makesAPeerWithoutANameTheBearerOfItsToken() {
        withTokens().attached();
        assertThat(user()).isEqualTo("anonymous");

        assertThat(put("alice").code()).isEqualTo(202);

        assertThat(user()).isEqualTo("alice");
        peer.send(0, peer.attach("orders", OTHER, Role.SENDER, "orders"));
        peer.expect(Attach.class);
    }

    @Test
    void isToldToThoseWhoWatchTheBrokerWhenItChangesWhoThePeerIs() {
        withTokens().attached();
        put("mallory");
        put("alice");
        put("alice");
        peer.lost();

        assertThat(peer.host.events)
                .extracting(event -> event.getClass().getSimpleName())
                .containsExactly("Connected", "Identified", "Disconnected");
        Peer before = ((BrokerEvent.Connected) peer.host.events.get(0)).peer();
        Peer after = ((BrokerEvent.Identified) peer.host.events.get(1)).peer();
        assertThat(before.identity().name()).isEqualTo("anonymous");
        assertThat(after.identity().name()).isEqualTo("alice");
        assertThat(after.connectionId()).isEqualTo(before.connectionId());
        assertThat(((BrokerEvent.Disconnected) peer.host.events.get(2)).peer()).isEqualTo(after);
    }

    @Test
    void mayComeAgainForEachAudienceAndThenRenews() {
        withTokens().attached();
        put("alice");
        peer.send(0, peer.attach("orders", OTHER, Role.SENDER, "orders"));
        peer.expect(Attach.class);
        peer.expect(Flow.class);
        peer.loop.advance(MemoryLogin.TOKEN_EXPIRES_MS - 1_000);

        assertThat(ask("put-token", "amqp:jwt", "other", "alice").code()).isEqualTo(202);

        peer.loop.advance(2_000);
        assertThat(peer.connection.opened()).isTrue();
        peer.loop.advance(MemoryLogin.TOKEN_EXPIRES_MS);
        assertThat(peer.connection.opened()).isFalse();
    }

    @Test
    void withATokenThatIsNotGoodChangesNothing() {
        withTokens().attached();

        Answer answer = put("mallory");

        assertThat(answer.code()).isEqualTo(401);
        assertThat(answer.description()).contains("the token is not good");
        assertThat(user()).isEqualTo("anonymous");
        assertThat(put("alice").code()).isEqualTo(202);
        assertThat(put("mallory").code()).isEqualTo(401);
        assertThat(user()).isEqualTo("alice");
        assertThat(peer.connection.opened()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"bob", "alice's boss"})
    void ofAnotherBearerThanTheFirstIsRefused(String token) {
        withTokens().attached();
        put("alice");

        Answer answer = put(token);

        assertThat(answer.code()).isEqualTo(401);
        assertThat(answer.description()).contains("another user, or has other roles");
        assertThat(user()).isEqualTo("alice");
    }

    @Test
    void comesTooLateWhenOtherLinksWereAttached() {
        withTokens().attached();
        peer.send(0, peer.attach("orders", OTHER, Role.SENDER, "orders"));
        peer.expect(Attach.class);
        peer.expect(Flow.class);

        Answer answer = put("alice");

        assertThat(answer.code()).isEqualTo(401);
        assertThat(answer.description()).contains("put the first token before them");
        assertThat(user()).isEqualTo("anonymous");
    }

    @Test
    void namesTheConfigurationWhereNoTokensAreTaken() {
        attached();

        Answer answer = put("alice");

        assertThat(answer.code()).isEqualTo(400);
        assertThat(answer.description()).contains("give 'tokens' (keys, issuer and audience)");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "delete-token | jwt | a | t | must be put-token",
                "- | jwt | a | t | must be put-token",
                "put-token | servicebus.windows.net:sastoken | a | t | shared access signatures are not taken",
                "put-token | - | a | t | must be jwt",
                "put-token | jwt | - | t | must be the audience",
                "put-token | jwt | a | - | must be the token",
            })
    void thatIsMalformedIsAnsweredWith400(String operation, String type, String audience, String body, String words) {
        withTokens().attached();

        Answer answer = ask(operation, type, audience, body);

        assertThat(answer.code()).isEqualTo(400);
        assertThat(answer.description()).contains(words);
    }

    @Test
    void needsAReceiverOfTheSession() {
        peer.begun();
        peer.send(0, peer.attach("cbs:sender", 0, Role.SENDER, "$cbs"));
        peer.expect(Attach.class);
        peer.expect(Flow.class);
        var properties = new Properties();
        properties.setMessageId("1");

        peer.send(0, ScriptedPeer.transfer(0, true), peer.section(properties, new AmqpValue("t")));

        peer.expectDetached("amqp:precondition-failed");
    }

    @Test
    void hasOneSenderOfASession() {
        attached();

        peer.send(0, peer.attach("another", OTHER, Role.SENDER, "$cbs"));

        peer.expect(Attach.class);
        peer.expectDetached("amqp:not-allowed");
        assertThat(peer.connection.opened()).isTrue();
    }

    @Test
    void endsItsConnectionWhenTheTokenExpires() {
        withTokens().attached();
        put("alice");

        peer.loop.advance(MemoryLogin.TOKEN_EXPIRES_MS);

        Close close = peer.expect(Close.class);
        assertThat(close.getError().getCondition().toString()).isEqualTo("amqp:unauthorized-access");
    }
}
