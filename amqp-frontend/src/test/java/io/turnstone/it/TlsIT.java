package io.turnstone.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.turnstone.amqp.Spec;
import io.turnstone.it.client.ClientFailure;
import io.turnstone.it.client.Protonj2Client;
import io.turnstone.it.client.QpidJmsClient;
import java.nio.file.Path;
import org.apache.qpid.protonj2.client.ConnectionOptions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A TLS listener")
@Timeout(60)
class TlsIT {

    @TempDir
    static Path folder;

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"pem", "pkcs12"})
    @Spec(section = "5.2", says = "a port may be encrypted from its first byte")
    void servesClientsThatTrustItsCertificate(String format) throws Exception {
        try (BrokerFixture broker = started(format)) {
            var options = new ConnectionOptions();
            options.sslOptions()
                    .sslEnabled(true)
                    .trustStoreLocation(TestCertificate.in(folder).keystore().toString())
                    .trustStorePassword(TestCertificate.PASSWORD);
            try (var connection = Protonj2Client.open(broker.port(), options);
                    var sender = connection.openSender("q")) {
                sender.send(org.apache.qpid.protonj2.client.Message.create("secret"))
                        .awaitAccepted();
            }
            String uri = "amqps://localhost:" + broker.port() + "?transport.trustStoreLocation="
                    + TestCertificate.in(folder).keystore() + "&transport.trustStorePassword="
                    + TestCertificate.PASSWORD;
            try (var connection = QpidJmsClient.open(uri, "guest", "guest")) {
                var session = connection.createSession();
                var consumer = session.createConsumer(session.createQueue("q"));
                assertThat(consumer.receive(10_000).getBody(String.class)).isEqualTo("secret");
            }
        }
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"pem", "pkcs12"})
    void isNotTrustedWithoutItsCertificate(String format) throws Exception {
        try (BrokerFixture broker = started(format)) {
            var options = new ConnectionOptions();
            options.sslOptions().sslEnabled(true);

            assertThatThrownBy(() -> Protonj2Client.open(broker.port(), options))
                    .isInstanceOf(ClientFailure.class);
        }
    }

    @Test
    void hangsUpOnClientsThatDoNotEncrypt() throws Exception {
        try (BrokerFixture broker = started("pem");
                var peer = new RawPeer(broker.port())) {
            peer.bytes(RawPeer.AMQP_HEADER);

            peer.awaitEnd();
        }
    }

    private static BrokerFixture started(String format) throws Exception {
        TestCertificate certificate = TestCertificate.in(folder);
        String tls = format.equals("pem")
                ? "{ cert: \"%s\", key: \"%s\" }".formatted(certificate.cert(), certificate.key())
                : "{ keystore: \"%s\", password: \"%s\" }".formatted(certificate.keystore(), TestCertificate.PASSWORD);
        return BrokerFixture.start("""
                listeners:
                  - { protocol: amqps, host: 127.0.0.1, port: 0, tls: %s }
                queues: { q: {} }
                """.formatted(tls));
    }
}
