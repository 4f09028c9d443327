package io.turnstone.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.turnstone.it.client.ClientFailure;
import io.turnstone.it.client.ClientKind;
import io.turnstone.it.client.Outgoing;
import io.turnstone.it.client.Protonj2Client;
import io.turnstone.it.client.QpidJmsClient;
import io.turnstone.it.client.ScriptClient;
import io.turnstone.it.client.TestClient;
import jakarta.jms.JMSException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import org.apache.qpid.protonj2.client.ConnectionOptions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("A client with a token")
@Timeout(60)
class TokenIT {

    @TempDir
    static Path folder;

    private static RSAKey key;
    private static BrokerFixture broker;

    @BeforeAll
    static void start() throws Exception {
        key = new RSAKeyGenerator(2048).keyID("2026").generate();
        Path keys = Files.writeString(folder.resolve("keys.json"), new JWKSet(key).toString());
        broker = BrokerFixture.start("""
                anonymous: never
                users: {}
                roles:
                  publisher: { permissions: [ { allow: publish, on: /queues/q } ] }
                tokens: { keys: "%s", issuer: "https://id.example", audience: turnstone, roles: groups }
                queues: { q: {}, other: {} }
                """.formatted(keys));
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    @Test
    void isWhoItsTokenSaysWithQpidJms() throws Exception {
        String token = token("publisher");
        assertThat(token).as("no small frame").hasSizeGreaterThan(512);
        try (var connection = QpidJmsClient.open(broker.uri() + "?amqp.saslMechanisms=XOAUTH2", "anything", token)) {
            var session = connection.createSession();
            session.createProducer(session.createQueue("/queues/q")).send(session.createTextMessage("hello"));

            assertThat(broker.view().connections())
                    .extracting(open -> open.peer().identity().name() + " "
                            + open.peer().identity().mechanism())
                    .contains("shop XOAUTH2");
            assertThatThrownBy(() -> session.createProducer(session.createQueue("/queues/other")))
                    .isInstanceOf(JMSException.class)
                    .hasMessageContaining("unauthorized-access");
        }
    }

    @Test
    void isRefusedWithQpidJmsWhenNoRoleIsKnown() {
        assertThatThrownBy(() -> QpidJmsClient.open(
                                broker.uri() + "?amqp.saslMechanisms=XOAUTH2", "anything", token("stranger"))
                        .close())
                .isInstanceOf(JMSException.class)
                .hasMessageContaining("SASL");
    }

    @Test
    void isLetInWithProtonj2() throws Exception {
        var options = new ConnectionOptions().user("anything").password(token("publisher"));
        options.saslOptions().addAllowedMechanism("XOAUTH2");
        try (var connection = Protonj2Client.open(broker.port(), options)) {
            assertThat(connection.openFuture().get()).isNotNull();
        }
    }

    @Test
    void isLetInWithRhea() throws Exception {
        try (ScriptClient rhea =
                ScriptClient.rhea(Map.of("port", broker.port(), "user", "anything", "token", token("publisher")))) {
            assertThat(rhea.send(Outgoing.to("/queues/q", "hello")).outcome()).isEqualTo("accepted");
        }
    }

    @Test
    void maySendItsTokenAsAPassword() throws Exception {
        try (TestClient client = ClientKind.RABBITMQ.connect(broker.port(), "anything", token("publisher"))) {
            assertThat(client.send(Outgoing.to("/queues/q", "hello")).outcome()).isEqualTo("accepted");
        }
        assertThatThrownBy(() -> ClientKind.RABBITMQ
                        .connect(broker.port(), "anything", token("stranger"))
                        .close())
                .isInstanceOf(ClientFailure.class);
    }

    private static String token(String role) throws Exception {
        var claims = new JWTClaimsSet.Builder()
                .subject("shop")
                .issuer("https://id.example")
                .audience("turnstone")
                .claim("groups", List.of(role, "x".repeat(100)))
                .expirationTime(Date.from(Instant.now().plusSeconds(600)))
                .build();
        var token = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("2026").build(), claims);
        token.sign(new RSASSASigner(key));
        return token.serialize();
    }
}
