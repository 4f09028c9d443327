package io.turnstone.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.turnstone.broker.config.BrokerConfig;
import io.turnstone.broker.config.ConfigException;
import io.turnstone.broker.config.ConfigFile;
import io.turnstone.broker.config.ListenerConfig;
import io.turnstone.broker.config.TlsConfig;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.X509Certificate;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A TLS listener")
class TlsTest {

    private static final byte[] SASL_HEADER = {'A', 'M', 'Q', 'P', 3, 1, 0, 0};

    @TempDir
    private Path folder;

    private BrokerConfig config(TlsConfig tls) {
        return BrokerConfig.builder(folder.resolve("data"))
                .listener(ListenerConfig.amqps("127.0.0.1", 0, tls))
                .build();
    }

    @Test
    void showsAPemCertificate() throws Exception {
        var certificate = TestCertificate.make(folder, "one");
        try (Broker broker = Broker.start(config(new TlsConfig.Pem(certificate.cert(), certificate.key())))) {
            assertThat(broker.addresses()).containsOnlyKeys("amqps");
            assertThat(subject(broker)).isEqualTo("CN=one");
        }
    }

    @Test
    void showsAPkcs12Certificate() throws Exception {
        var certificate = TestCertificate.make(folder, "two");
        try (Broker broker =
                Broker.start(config(new TlsConfig.Pkcs12(certificate.keystore(), certificate.password())))) {
            assertThat(subject(broker)).isEqualTo("CN=two");
        }
    }

    @Test
    void showsARenewedCertificateAfterAReload() throws Exception {
        var old = TestCertificate.make(folder, "old");
        var renewed = TestCertificate.make(folder, "renewed");
        BrokerConfig config = config(new TlsConfig.Pem(old.cert(), old.key()));
        try (Broker broker = Broker.start(config)) {
            assertThat(subject(broker)).isEqualTo("CN=old");

            Files.copy(renewed.cert(), old.cert(), StandardCopyOption.REPLACE_EXISTING);
            Files.copy(renewed.key(), old.key(), StandardCopyOption.REPLACE_EXISTING);
            broker.reload(config);

            assertThat(subject(broker)).isEqualTo("CN=renewed");
        }
    }

    @Test
    void isToldThatKeyAndCertificateDoNotBelongTogether() throws Exception {
        var one = TestCertificate.make(folder, "one");
        var two = TestCertificate.make(folder, "two");
        String text = "listeners:\n  - { tls: { cert: " + one.cert() + ", key: " + two.key() + " } }\n";

        var thrown = catchThrowableOfType(ConfigException.class, () -> ConfigFile.parse("f", text, folder, Map.of()));

        assertThat(thrown)
                .hasMessageContaining("tls: key does not belong to the certificate " + one.cert() + ": " + two.key());
    }

    @Test
    void doesNotStartWithTheKeyOfAnother() throws Exception {
        var one = TestCertificate.make(folder, "one");
        var two = TestCertificate.make(folder, "two");

        assertThatExceptionOfType(BrokerException.class)
                .isThrownBy(() -> Broker.start(config(new TlsConfig.Pem(one.cert(), two.key()))))
                .withMessage("cannot listen on amqps 127.0.0.1:0: tls: key does not belong to the certificate "
                        + one.cert() + ": " + two.key() + "; name the key that the certificate was made with");
    }

    @Test
    void keepsItsCertificateWhenTheRenewedOneHasAnotherKey() throws Exception {
        var old = TestCertificate.make(folder, "old");
        var renewed = TestCertificate.make(folder, "renewed");
        BrokerConfig config = config(new TlsConfig.Pem(old.cert(), old.key()));
        try (Broker broker = Broker.start(config)) {
            Files.copy(renewed.cert(), old.cert(), StandardCopyOption.REPLACE_EXISTING);

            assertThat(broker.reload(config)).isFalse();
            assertThat(subject(broker)).isEqualTo("CN=old");
        }
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"RSA", "EC"})
    void takesAKeyInTheOlderForm(String algorithm) throws Exception {
        var certificate = TestCertificate.make(folder, "older", algorithm);
        try (Broker broker =
                Broker.start(config(new TlsConfig.Pem(certificate.cert(), certificate.olderKey(algorithm))))) {
            assertThat(subject(broker)).isEqualTo("CN=older");
        }
    }

    @Test
    void closesAConnectionThatDoesNotSpeakTls() throws Exception {
        var certificate = TestCertificate.make(folder, "one");
        try (Broker broker = Broker.start(config(new TlsConfig.Pem(certificate.cert(), certificate.key())));
                var socket = new Socket(InetAddress.getLoopbackAddress(), broker.port("amqps"))) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(SASL_HEADER);

            socket.getInputStream().readAllBytes(); // an alert, then the end

            assertThat(subject(broker)).isEqualTo("CN=one");
        }
    }

    /** Shakes hands, exchanges a protocol header, and says whose certificate it was. */
    private static String subject(Broker broker) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new TrustAnyone()}, null);
        try (var socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", broker.port("amqps"))) {
            socket.setSoTimeout(20_000);
            socket.startHandshake();
            socket.getOutputStream().write(SASL_HEADER);
            assertThat(socket.getInputStream().readNBytes(SASL_HEADER.length)).isEqualTo(SASL_HEADER);
            return ((X509Certificate) socket.getSession().getPeerCertificates()[0])
                    .getSubjectX500Principal()
                    .getName();
        }
    }

    private static final class TrustAnyone implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
