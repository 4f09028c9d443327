package io.turnstone.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** A self-signed certificate made with the JDK's keytool, as PKCS#12 and as PEM. */
public record TestCertificate(Path keystore, String password, Path cert, Path key) {

    /** Makes one in a folder, for elliptic curves. */
    public static TestCertificate make(Path folder, String name) throws Exception {
        return make(folder, name, "EC");
    }

    /** Makes one in a folder, for a key algorithm of keytool's. */
    public static TestCertificate make(Path folder, String name, String algorithm) throws Exception {
        return make(folder, name, algorithm, "-ext", "san=ip:127.0.0.1");
    }

    /** Makes one in a folder, with more options of keytool's. */
    public static TestCertificate make(Path folder, String name, String algorithm, String... options) throws Exception {
        String password = "changeit";
        Path keystore = folder.resolve(name + ".p12");
        Path keytool = Path.of(System.getProperty("java.home"), "bin", "keytool");
        List<String> command = new ArrayList<>(List.of(
                keytool.toString(),
                "-genkeypair",
                "-alias",
                "a",
                "-keyalg",
                algorithm,
                "-storetype",
                "PKCS12",
                "-storepass",
                password,
                "-dname",
                "CN=" + name,
                "-keystore",
                keystore.toString()));
        command.addAll(List.of(options));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(keystore)) {
            store.load(in, password.toCharArray());
        }
        Path cert = pem(
                folder.resolve(name + ".pem"),
                "CERTIFICATE",
                store.getCertificate("a").getEncoded());
        Path key = pem(
                folder.resolve(name + ".key"),
                "PRIVATE KEY",
                store.getKey("a", password.toCharArray()).getEncoded());
        return new TestCertificate(keystore, password, cert, key);
    }

    /**
     * The key as OpenSSL wrote it before PKCS#8: the octets that PKCS#8 has inside.
     *
     * @param what {@code RSA} or {@code EC}
     */
    public Path olderKey(String what) throws Exception {
        String pem = Files.readString(key).replaceAll("-----[A-Z ]+-----", "");
        ByteBuffer der = ByteBuffer.wrap(Base64.getMimeDecoder().decode(pem));
        enter(der); // the sequence
        skip(der); // version
        skip(der); // algorithm
        var inner = new byte[enter(der)];
        der.get(inner);
        return pem(key.resolveSibling(key.getFileName() + ".older"), what + " PRIVATE KEY", inner);
    }

    private static void skip(ByteBuffer der) {
        int length = enter(der);
        der.position(der.position() + length);
    }

    private static int enter(ByteBuffer der) {
        der.get();
        int length = der.get();
        if (length < 0) {
            int bytes = length & 0x7f;
            length = 0;
            for (int i = 0; i < bytes; i++) {
                length = (length << 8) | (der.get() & 0xff);
            }
        }
        return length;
    }

    private static Path pem(Path file, String what, byte[] bytes) throws Exception {
        String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes);
        return Files.writeString(file, "-----BEGIN " + what + "-----\n" + base64 + "\n-----END " + what + "-----\n");
    }
}
