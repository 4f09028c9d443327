package io.turnstone.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.turnstone.broker.TestCertificate;
import io.turnstone.it.client.ClientFailure;
import io.turnstone.it.client.Outgoing;
import io.turnstone.it.client.Protonj2Client;
import io.turnstone.it.client.QpidJmsClient;
import io.turnstone.it.client.ScriptClient;
import jakarta.jms.JMSException;
import java.nio.file.Path;
import java.util.Map;
import org.apache.qpid.protonj2.client.ConnectionOptions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("A client with a certificate")
@Timeout(60)
class ExternalIT {

    @TempDir
    static Path folder;

    private static TestCertificate server;
    private static TestCertificate shop;
    private static TestCertificate stranger;
    private static BrokerFixture broker;

    @BeforeAll
    static void start() throws Exception {
        server = TestCertificate.make(folder, "localhost", "EC", "-ext", "san=dns:localhost,ip:127.0.0.1");
        shop = TestCertificate.make(folder, "shop", "EC", "-ext", "san=uri:spiffe://example/shop");
        stranger = TestCertificate.make(folder, "stranger", "EC");
        Path trusted = folder.resolve("trusted.pem");
        java.nio.file.Files.writeString(
                trusted, java.nio.file.Files.readString(shop.cert()) + java.nio.file.Files.readString(stranger.cert()));
        broker = BrokerFixture.start("""
                anonymous: never
                listeners:
                  - protocol: amqps
                    host: 127.0.0.1
                    port: 0
                    tls: { cert: "%s", key: "%s", clients: { trust: "%s", certificate: required, name: uri } }
                users:
                  cashier: { certificates: "spiffe://example/shop", permissions: [ { allow: publish, on: /queues/q } ] }
                queues: { q: {} }
                """.formatted(server.cert(), server.key(), trusted));
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    @Test
    void isTheUserItsCertificateMeansWithQpidJms() throws Exception {
        try (var connection = QpidJmsClient.open(uri(shop), null, null)) {
            assertThat(connection.getMetaData()).isNotNull();
            assertThat(broker.view().connections())
                    .extracting(open -> open.peer().identity().name() + " "
                            + open.peer().identity().mechanism())
                    .contains("cashier EXTERNAL");
        }
    }

    @Test
    void isNobodyWithACertificateThatMeansNobody() {
        assertThatThrownBy(() -> QpidJmsClient.open(uri(stranger), null, null))
                .isInstanceOf(JMSException.class)
                .hasMessageContaining("SASL");
    }

    @Test
    void isTurnedAwayWithoutOneWhereItIsRequired() {
        var options = new ConnectionOptions().reconnectEnabled(false);
        options.sslOptions().sslEnabled(true).trustAll(true).verifyHost(false);

        assertThatThrownBy(() -> Protonj2Client.open(broker.port(), options)).isInstanceOf(ClientFailure.class);
    }

    @Test
    void isLetInWithProtonj2() throws Exception {
        var options = new ConnectionOptions();
        options.saslOptions().addAllowedMechanism("EXTERNAL");
        options.sslOptions()
                .sslEnabled(true)
                .trustAll(true)
                .verifyHost(false)
                .keyStoreLocation(shop.keystore().toString())
                .keyStorePassword(shop.password());
        try (var connection = Protonj2Client.open(broker.port(), options)) {
            assertThat(connection.openFuture().get()).isNotNull();
        }
    }

    @Test
    void isLetInWithRhea() {
        try (ScriptClient rhea = ScriptClient.rhea(how())) {
            assertThat(rhea.send(Outgoing.to("/queues/q", "hello")).outcome()).isEqualTo("accepted");
        }
    }

    @Test
    void isLetInWithPython() {
        try (ScriptClient python = ScriptClient.proton(how())) {
            assertThat(python.send(Outgoing.to("/queues/q", "hello")).outcome()).isEqualTo("accepted");
        }
    }

    private static Map<String, Object> how() {
        return Map.of(
                "port",
                broker.port(),
                "cert",
                shop.cert().toString(),
                "key",
                shop.key().toString());
    }

    private static String uri(TestCertificate certificate) {
        return "amqps://localhost:" + broker.port() + "?amqp.saslMechanisms=EXTERNAL&transport.trustAll=true"
                + "&transport.verifyHost=false&transport.keyStoreLocation=" + certificate.keystore()
                + "&transport.keyStorePassword=" + certificate.password();
    }
}
