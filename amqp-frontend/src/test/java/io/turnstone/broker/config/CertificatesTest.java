package io.turnstone.broker.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.broker.TestCertificate;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A certificate and its key")
class CertificatesTest {

    @TempDir
    private static Path folder;

    private static final Map<String, TestCertificate> MADE = new ConcurrentHashMap<>();

    /** One for all tests: keytool takes its time. */
    private static TestCertificate made(String name, String algorithm) {
        return MADE.computeIfAbsent(name + algorithm, key -> {
            try {
                return TestCertificate.make(folder, key, algorithm);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"RSA", "EC", "Ed25519"})
    void areTakenWhenTheyBelongTogether(String algorithm) throws Exception {
        var made = made("one", algorithm);

        var pem = Certificates.read(new KeyPair.Pem(made.cert(), made.key()));
        assertThat(pem.problems()).isEmpty();
        assertThat(pem.identity().orElseThrow().chain()).hasSize(1);
        assertThat(Certificates.read(new KeyPair.Pkcs12(made.keystore(), made.password()))
                        .problems())
                .isEmpty();
    }

    @Test
    void areTakenFromOneFileWithTheIntermediates() throws Exception {
        var made = made("one", "EC");
        var above = made("two", "EC");
        Path all = Files.writeString(
                folder.resolve("all.pem"),
                Files.readString(made.key()) + Files.readString(made.cert()) + Files.readString(above.cert()));

        var read = Certificates.read(new KeyPair.Pem(all, all));

        assertThat(read.problems()).isEmpty();
        assertThat(read.identity().orElseThrow().chain()).hasSize(2);
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"RSA", "EC"})
    void areTakenInTheOlderForm(String algorithm) throws Exception {
        var made = made("one", algorithm);

        var read = Certificates.read(new KeyPair.Pem(made.cert(), made.olderKey(algorithm)));

        assertThat(read.problems()).isEmpty();
        assertThat(read.identity()).isPresent();
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"RSA", "EC", "Ed25519"})
    void areRefusedWhenTheyDoNotBelongTogether(String algorithm) throws Exception {
        var one = made("one", algorithm);
        var two = made("two", algorithm);

        assertThat(Certificates.read(new KeyPair.Pem(one.cert(), two.key())).problems())
                .containsOnlyKeys("key")
                .containsEntry(
                        "key",
                        "does not belong to the certificate " + one.cert() + ": " + two.key()
                                + "; name the key that the certificate was made with");
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"RSA", "EC"})
    void areRefusedInTheOlderFormToo(String algorithm) throws Exception {
        var one = made("one", algorithm);
        var two = made("two", algorithm);
        Path key = two.olderKey(algorithm);

        assertThat(Certificates.read(new KeyPair.Pem(one.cert(), key))
                        .problems()
                        .get("key"))
                .startsWith("does not belong to the certificate " + one.cert() + ": " + key);
    }

    @Test
    void areRefusedWhenTheyAreOfDifferentKinds() throws Exception {
        var rsa = made("one", "RSA");
        var curve = made("one", "EC");

        assertThat(Certificates.read(new KeyPair.Pem(rsa.cert(), curve.key()))
                        .problems()
                        .get("key"))
                .isEqualTo("holds no RSA key that fits the certificate: " + curve.key()
                        + "; name the key that the certificate was made with, as PKCS#8:"
                        + " openssl pkcs8 -topk8 -nocrypt -in oneEC.key -out new.pem");
        assertThat(Certificates.read(new KeyPair.Pem(curve.cert(), rsa.olderKey("RSA")))
                        .problems())
                .containsOnlyKeys("key");
    }

    @Test
    void areRefusedWhenAKeystoreMixesThem() throws Exception {
        var one = made("one", "RSA");
        var two = made("two", "RSA");
        char[] password = one.password().toCharArray();
        KeyStore mixed = KeyStore.getInstance("PKCS12");
        mixed.load(null, password);
        mixed.setKeyEntry("both", load(one).getKey("a", password), password, new Certificate[] {
            load(two).getCertificate("a")
        });
        Path file = folder.resolve("mixed.p12");
        try (OutputStream out = Files.newOutputStream(file)) {
            mixed.store(out, password);
        }

        assertThat(Certificates.read(new KeyPair.Pkcs12(file, one.password())).problems())
                .containsEntry(
                        "keystore",
                        "has a private key 'both' that does not belong to its certificate: " + file
                                + "; put the two that were made together into it");
    }

    private static KeyStore load(TestCertificate made) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(made.keystore())) {
            store.load(in, made.password().toCharArray());
        }
        return store;
    }
}
