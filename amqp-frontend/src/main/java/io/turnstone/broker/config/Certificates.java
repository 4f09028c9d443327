package io.turnstone.broker.config;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Looks at certificates and keys before a listener needs them. */
final class Certificates {

    private static final Pattern PKCS8 =
            Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");

    private Certificates() {}

    static Optional<String> problem(TlsConfig.Pkcs12 pkcs12) {
        try (InputStream in = Files.newInputStream(pkcs12.keystore())) {
            KeyStore store = KeyStore.getInstance("PKCS12");
            char[] password = pkcs12.password().toCharArray();
            store.load(in, password);
            for (String alias : Collections.list(store.aliases())) {
                if (store.isKeyEntry(alias)) {
                    Key key = store.getKey(alias, password);
                    if (key instanceof PrivateKey) {
                        return Optional.empty();
                    }
                }
            }
            return Optional.of("has no private key in it: " + pkcs12.keystore());
        } catch (IOException e) {
            return Optional.of(unreadable(pkcs12.keystore(), e) + "; is it PKCS#12, and the password right?");
        } catch (GeneralSecurityException e) {
            return Optional.of("cannot be used: " + pkcs12.keystore() + ": " + e.getMessage());
        }
    }

    static Optional<String> certificateProblem(TlsConfig.Pem pem) {
        try {
            publicKey(pem.cert());
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(unreadable(pem.cert(), e));
        } catch (GeneralSecurityException e) {
            return Optional.of("holds no certificate: " + pem.cert() + "; it must be PEM (BEGIN CERTIFICATE)");
        }
    }

    static Optional<String> keyProblem(TlsConfig.Pem pem) {
        String text;
        try {
            text = Files.readString(pem.key(), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return Optional.of(unreadable(pem.key(), e));
        }
        if (text.contains("ENCRYPTED PRIVATE KEY") || text.contains("Proc-Type: 4,ENCRYPTED")) {
            return Optional.of("is encrypted: " + pem.key() + "; decrypt it, or use a PKCS#12 'keystore'");
        }
        Matcher matcher = PKCS8.matcher(text);
        if (!matcher.find()) {
            boolean other = text.contains("BEGIN RSA PRIVATE KEY") || text.contains("BEGIN EC PRIVATE KEY");
            return other
                    ? Optional.empty()
                    : Optional.of("holds no private key: " + pem.key() + "; it must be PEM (BEGIN PRIVATE KEY)");
        }
        try {
            PublicKey certified = publicKey(pem.cert());
            byte[] encoded = Base64.getMimeDecoder().decode(matcher.group(1));
            return belongs(encoded, certified)
                    ? Optional.empty()
                    : Optional.of("does not belong to the certificate " + pem.cert() + ": " + pem.key());
        } catch (IOException | GeneralSecurityException e) {
            return Optional.empty(); // the certificate's own problem is reported at its key
        } catch (IllegalArgumentException e) {
            return Optional.of("is damaged: " + pem.key());
        }
    }

    private static boolean belongs(byte[] pkcs8, PublicKey certified) {
        try {
            String algorithm = certified.getAlgorithm();
            PrivateKey key = KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
            var signature = Signature.getInstance(
                    List.of("RSA", "EC").contains(algorithm)
                            ? "SHA256with" + (algorithm.equals("EC") ? "ECDSA" : algorithm)
                            : algorithm);
            var probe = new byte[32];
            signature.initSign(key);
            signature.update(probe);
            byte[] signed = signature.sign();
            signature.initVerify(certified);
            signature.update(probe);
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    private static PublicKey publicKey(Path cert) throws IOException, GeneralSecurityException {
        byte[] bytes = Files.readAllBytes(cert);
        return CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(bytes))
                .getPublicKey();
    }

    private static String unreadable(Path file, IOException e) {
        return e instanceof NoSuchFileException
                ? "names a file that does not exist: " + file
                : "cannot be read: " + file + ": " + e.getMessage();
    }
}
