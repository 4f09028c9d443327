package io.turnstone.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.turnstone.amqp.Spec;
import io.turnstone.broker.config.BrokerConfig;
import io.turnstone.broker.config.ConfigException;
import io.turnstone.broker.config.ConfigFile;
import io.turnstone.broker.config.InstalledPlugins;
import io.turnstone.broker.config.KeyPair;
import io.turnstone.broker.config.ListenerConfig;
import io.turnstone.broker.config.Problem;
import io.turnstone.broker.config.TlsConfig;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
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
    private static final byte[] TLS_HEADER = {'A', 'M', 'Q', 'P', 2, 1, 0, 0};

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
        try (Broker broker =
                Broker.start(config(TlsConfig.of(new KeyPair.Pem(certificate.cert(), certificate.key()))))) {
            assertThat(broker.addresses()).containsOnlyKeys("amqps");
            assertThat(subject(broker)).isEqualTo("CN=one");
        }
    }

    @Test
    void showsAPkcs12Certificate() throws Exception {
        var certificate = TestCertificate.make(folder, "two");
        try (Broker broker = Broker.start(
                config(TlsConfig.of(new KeyPair.Pkcs12(certificate.keystore(), certificate.password()))))) {
            assertThat(subject(broker)).isEqualTo("CN=two");
        }
    }

    @Test
    void showsARenewedCertificateAfterAReload() throws Exception {
        var old = TestCertificate.make(folder, "old");
        var renewed = TestCertificate.make(folder, "renewed");
        BrokerConfig config = config(TlsConfig.of(new KeyPair.Pem(old.cert(), old.key())));
        try (Broker broker = Broker.start(config)) {
            assertThat(subject(broker)).isEqualTo("CN=old");

            Files.copy(renewed.cert(), old.cert(), StandardCopyOption.REPLACE_EXISTING);
            Files.copy(renewed.key(), old.key(), StandardCopyOption.REPLACE_EXISTING);
            broker.reload(config);

            assertThat(subject(broker)).isEqualTo("CN=renewed");
        }
    }

    @Test
    void keepsItsOwnCertificateBesideAnotherOnAFreePort() throws Exception {
        var one = TestCertificate.make(folder, "one");
        var two = TestCertificate.make(folder, "two");
        BrokerConfig config = BrokerConfig.builder(folder.resolve("data"))
                .listener(ListenerConfig.amqps("127.0.0.1", 0, TlsConfig.of(new KeyPair.Pem(one.cert(), one.key()))))
                .listener(ListenerConfig.amqps("127.0.0.1", 0, TlsConfig.of(new KeyPair.Pem(two.cert(), two.key()))))
                .build();
        try (Broker broker = Broker.start(config)) {
            broker.reload(config);

            assertThat(subject(broker)).isEqualTo("CN=one");
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
                .isThrownBy(() -> Broker.start(config(TlsConfig.of(new KeyPair.Pem(one.cert(), two.key())))))
                .withMessage("cannot listen on amqps 127.0.0.1:0: tls: key does not belong to the certificate "
                        + one.cert() + ": " + two.key() + "; name the key that the certificate was made with");
    }

    @Test
    void keepsItsCertificateWhenTheRenewedOneHasAnotherKey() throws Exception {
        var old = TestCertificate.make(folder, "old");
        var renewed = TestCertificate.make(folder, "renewed");
        BrokerConfig config = config(TlsConfig.of(new KeyPair.Pem(old.cert(), old.key())));
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
        try (Broker broker = Broker.start(
                config(TlsConfig.of(new KeyPair.Pem(certificate.cert(), certificate.olderKey(algorithm)))))) {
            assertThat(subject(broker)).isEqualTo("CN=older");
        }
    }

    @Test
    void closesAConnectionThatDoesNotSpeakTls() throws Exception {
        var certificate = TestCertificate.make(folder, "one");
        try (Broker broker =
                        Broker.start(config(TlsConfig.of(new KeyPair.Pem(certificate.cert(), certificate.key()))));
                var socket = new Socket(InetAddress.getLoopbackAddress(), broker.port("amqps"))) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(SASL_HEADER);

            socket.getInputStream().readAllBytes(); // an alert, then the end

            assertThat(subject(broker)).isEqualTo("CN=one");
        }
    }

    @Test
    @Spec(section = "5.2", says = "the name the client asks for chooses the certificate")
    void showsTheCertificateOfTheHostThatIsAskedFor() throws Exception {
        var usual = TestCertificate.make(folder, "usual");
        var shop = TestCertificate.make(folder, "shop", "EC", "-ext", "san=dns:shop.example,dns:*.shop.example");
        var tls = new TlsConfig(pair(usual), List.of(pair(shop)), Optional.empty(), TlsConfig.Upgrade.NEVER);
        try (Broker broker = Broker.start(config(tls))) {
            assertThat(subject(broker)).isEqualTo("CN=usual");
            assertThat(subject(broker, "shop.example")).isEqualTo("CN=shop");
            assertThat(subject(broker, "EU.shop.example")).isEqualTo("CN=shop");
            assertThat(subject(broker, "other.example")).isEqualTo("CN=usual");
        }
    }

    @Test
    void keepsOpenConnectionsWhenItsCertificateIsRenewed() throws Exception {
        var old = TestCertificate.make(folder, "old");
        var renewed = TestCertificate.make(folder, "renewed");
        BrokerConfig config = config(TlsConfig.of(pair(old)));
        try (Broker broker = Broker.start(config);
                SSLSocket open = shaken(new Socket(InetAddress.getLoopbackAddress(), broker.port("amqps")), "")) {
            Files.copy(renewed.cert(), old.cert(), StandardCopyOption.REPLACE_EXISTING);
            Files.copy(renewed.key(), old.key(), StandardCopyOption.REPLACE_EXISTING);
            assertThat(broker.reload(config)).isTrue();
            assertThat(subject(broker)).isEqualTo("CN=renewed");

            greet(open);
        }
    }

    @Test
    @Spec(section = "5.2.1", says = "the TLS header is answered with the same, then TLS is negotiated")
    void encryptsAConnectionThatAsksWithinAmqp() throws Exception {
        try (Broker broker = upgrading(TlsConfig.Upgrade.OPTIONAL)) {
            var plain = new Socket(InetAddress.getLoopbackAddress(), broker.port("amqp"));
            plain.getOutputStream().write(TLS_HEADER);
            assertThat(plain.getInputStream().readNBytes(8)).isEqualTo(TLS_HEADER);

            try (SSLSocket encrypted = shaken(plain, "")) {
                greet(encrypted);
            }
            try (var clear = new Socket(InetAddress.getLoopbackAddress(), broker.port("amqp"))) {
                greet(clear);
            }
        }
    }

    @Test
    @Spec(section = "5.2.1", says = "nothing that came in clear is taken for what comes encrypted")
    void takesNothingThatWasSentBehindTheRequestInClear() throws Exception {
        try (Broker broker = upgrading(TlsConfig.Upgrade.OPTIONAL);
                var plain = new Socket(InetAddress.getLoopbackAddress(), broker.port("amqp"))) {
            plain.setSoTimeout(20_000);
            var bytes = new byte[16];
            System.arraycopy(TLS_HEADER, 0, bytes, 0, 8);
            System.arraycopy(SASL_HEADER, 0, bytes, 8, 8);

            plain.getOutputStream().write(bytes);

            byte[] answer = plain.getInputStream().readAllBytes();
            assertThat(answer).startsWith(TLS_HEADER);
            assertThat(new String(answer, 8, answer.length - 8, java.nio.charset.StandardCharsets.ISO_8859_1))
                    .doesNotContain("AMQP");
        }
    }

    @Test
    @Spec(section = "2.2", says = "a header that is not accepted is answered with one that is")
    void asksForTlsWhereItIsRequired() throws Exception {
        try (Broker broker = upgrading(TlsConfig.Upgrade.REQUIRED);
                var plain = new Socket(InetAddress.getLoopbackAddress(), broker.port("amqp"))) {
            plain.setSoTimeout(20_000);

            plain.getOutputStream().write(SASL_HEADER);

            assertThat(plain.getInputStream().readAllBytes()).isEqualTo(TLS_HEADER);
        }
    }

    @Test
    void doesNotEncryptTwice() throws Exception {
        try (Broker broker = upgrading(TlsConfig.Upgrade.REQUIRED)) {
            var plain = new Socket(InetAddress.getLoopbackAddress(), broker.port("amqp"));
            plain.getOutputStream().write(TLS_HEADER);
            plain.getInputStream().readNBytes(8);
            try (SSLSocket encrypted = shaken(plain, "")) {
                encrypted.getOutputStream().write(TLS_HEADER);

                assertThat(encrypted.getInputStream().readAllBytes()).isEqualTo(SASL_HEADER);
            }
        }
    }

    @Test
    void warnsOfACertificateThatHasExpired() throws Exception {
        var expired = TestCertificate.make(folder, "expired", "EC", "-startdate", "-20d", "-validity", "10");
        Path file = Files.writeString(
                folder.resolve("broker.yaml"),
                "listeners:\n  - { tls: { cert: " + expired.cert() + ", key: " + expired.key() + " } }\n");
        var warnings = new ArrayList<Problem>();

        ConfigFile.read(file, InstalledPlugins.UNKNOWN, warnings::add);

        assertThat(warnings)
                .singleElement()
                .asString()
                .startsWith(file + ":2:20: warning: listener 1: tls: cert has a certificate that expired on 20");
    }

    @Test
    void saysInPlainWordsThatThePasswordOfAKeystoreIsWrong() throws Exception {
        var made = TestCertificate.make(folder, "made");
        String text = "listeners:\n  - { tls: { keystore: " + made.keystore() + ", password: wrong } }\n";

        var thrown = catchThrowableOfType(ConfigException.class, () -> ConfigFile.parse("f", text, folder, Map.of()));

        assertThat(thrown)
                .hasMessageEndingWith("listener 1: tls: password does not open the keystore " + made.keystore()
                        + "; write the one it was made with");
    }

    private Broker upgrading(TlsConfig.Upgrade upgrade) throws Exception {
        var tls = new TlsConfig(pair(TestCertificate.make(folder, "one")), List.of(), Optional.empty(), upgrade);
        return Broker.start(config(tls));
    }

    private static KeyPair pair(TestCertificate certificate) {
        return new KeyPair.Pem(certificate.cert(), certificate.key());
    }

    private static String subject(Broker broker) throws Exception {
        return subject(broker, "");
    }

    /** Shakes hands, exchanges a protocol header, and says whose certificate it was. */
    private static String subject(Broker broker, String host) throws Exception {
        try (SSLSocket socket = shaken(new Socket(InetAddress.getLoopbackAddress(), broker.port("amqps")), host)) {
            greet(socket);
            return ((X509Certificate) socket.getSession().getPeerCertificates()[0])
                    .getSubjectX500Principal()
                    .getName();
        }
    }

    private static SSLSocket shaken(Socket plain, String host) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new TrustAnyone()}, null);
        var socket = (SSLSocket) context.getSocketFactory().createSocket(plain, host, plain.getPort(), true);
        socket.setSoTimeout(20_000);
        if (!host.isEmpty()) {
            var asked = new SSLParameters();
            asked.setServerNames(List.of(new SNIHostName(host)));
            socket.setSSLParameters(asked);
        }
        socket.startHandshake();
        return socket;
    }

    private static void greet(Socket socket) throws Exception {
        socket.setSoTimeout(20_000);
        socket.getOutputStream().write(SASL_HEADER);
        assertThat(socket.getInputStream().readNBytes(SASL_HEADER.length)).isEqualTo(SASL_HEADER);
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
