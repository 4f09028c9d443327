package io.turnstone.broker.config;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.UnrecoverableKeyException;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A certificate chain and its private key as they were in the files, or what is wrong with them. Immutable once read. */
public final class Certificates {

    /**
     * What a TLS server shows and proves.
     *
     * @param chain the certificate, its intermediates after it
     * @param key the private key of the first of them
     */
    public record Identity(List<X509Certificate> chain, PrivateKey key) {
        public Identity {
            chain = List.copyOf(chain);
        }

        /** Without the key. */
        @Override
        public String toString() {
            return "Identity[" + chain.get(0).getSubjectX500Principal() + "]";
        }
    }

    /** There may be other things between them, such as the key. */
    private static final Pattern CERTIFICATE =
            Pattern.compile("-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\\s]+)-----END CERTIFICATE-----");

    private static final Duration SOON = Duration.ofDays(14);

    private final Map<String, String> problems = new LinkedHashMap<>();
    private @Nullable Identity identity;
    private List<X509Certificate> trusted = List.of();

    private Certificates() {}

    /** Reads the files; never throws. */
    public static Certificates read(KeyPair tls) {
        var read = new Certificates();
        if (tls instanceof KeyPair.Pem pem) {
            read.pem(pem);
        } else if (tls instanceof KeyPair.Pkcs12 pkcs12) {
            read.pkcs12(pkcs12);
        }
        return read;
    }

    /** What is wrong, by the key of the configuration it is wrong with; empty when nothing is. */
    public Map<String, String> problems() {
        return Collections.unmodifiableMap(problems);
    }

    /** What was read; empty when there are problems. */
    public Optional<Identity> identity() {
        return problems.isEmpty() ? Optional.ofNullable(identity) : Optional.empty();
    }

    /** What an operator will have to do something about; empty when nothing, or when it cannot be used at all. */
    public Optional<String> warning(Instant now) {
        return identity().map(found -> found.chain().get(0)).flatMap(certificate -> validity(certificate, now));
    }

    /** Why a certificate is no good at this moment, or soon. */
    static Optional<String> validity(X509Certificate certificate, Instant now) {
        Instant from = certificate.getNotBefore().toInstant();
        Instant until = certificate.getNotAfter().toInstant();
        if (now.isAfter(until)) {
            return Optional.of(
                    "has a certificate that expired on " + day(until) + "; clients will refuse it: renew it");
        }
        if (now.isBefore(from)) {
            return Optional.of("has a certificate that is not valid before " + day(from) + "; is the clock right?");
        }
        return now.plus(SOON).isAfter(until)
                ? Optional.of("has a certificate that expires on " + day(until) + "; renew it")
                : Optional.empty();
    }

    private static LocalDate day(Instant moment) {
        return LocalDate.ofInstant(moment, ZoneOffset.UTC);
    }

    /** The certificates of a PEM file that clients' certificates are checked against, or what is wrong with it. */
    public static Certificates trusted(Path file) {
        var read = new Certificates();
        read.trusted = read.chain(file, "trust");
        return read;
    }

    /** What {@link #trusted(Path)} found. */
    public List<X509Certificate> trusted() {
        return trusted;
    }

    private void pem(KeyPair.Pem pem) {
        List<X509Certificate> chain = chain(pem.cert(), "cert");
        if (chain.isEmpty()) {
            PrivateKeyFile.problem(pem.key()).ifPresent(text -> problems.put("key", text));
            return;
        }
        try {
            PrivateKey key = PrivateKeyFile.read(pem.key(), chain.get(0).getPublicKey());
            identity = new Identity(chain, key);
        } catch (PrivateKeyFile.Unusable e) {
            problems.put("key", e.getMessage());
            return;
        }
        if (!PrivateKeyFile.belongs(identity.key(), chain.get(0).getPublicKey())) {
            problems.put("key", notTogether(pem));
        }
    }

    private List<X509Certificate> chain(Path file, String configKey) {
        try {
            Matcher pem = CERTIFICATE.matcher(Files.readString(file, StandardCharsets.ISO_8859_1));
            List<X509Certificate> chain = new ArrayList<>();
            while (pem.find()) {
                byte[] der = Base64.getMimeDecoder().decode(pem.group(1));
                chain.add((X509Certificate)
                        CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der)));
            }
            if (!chain.isEmpty()) {
                return chain;
            }
        } catch (IOException e) {
            problems.put(configKey, unreadable(file, e));
            return List.of();
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            // told below, in our words
        }
        problems.put(configKey, "holds no certificate: " + file + "; it must be PEM (BEGIN CERTIFICATE)");
        return List.of();
    }

    private void pkcs12(KeyPair.Pkcs12 pkcs12) {
        Path file = pkcs12.keystore();
        try (InputStream in = Files.newInputStream(file)) {
            KeyStore store = KeyStore.getInstance("PKCS12");
            char[] password = pkcs12.password().toCharArray();
            store.load(in, password);
            for (String alias : Collections.list(store.aliases())) {
                Certificate[] chain = store.getCertificateChain(alias);
                if (chain != null && store.getKey(alias, password) instanceof PrivateKey key) {
                    use(file, alias, chain, key);
                    return;
                }
            }
            problems.put("keystore", "has no private key with a certificate in it: " + file);
        } catch (IOException e) {
            if (e.getCause() instanceof UnrecoverableKeyException) {
                problems.put("password", wrongPassword(pkcs12));
            } else {
                boolean there = Files.isReadable(file);
                problems.put("keystore", there ? "is no PKCS#12 file: " + file : unreadable(file, e));
            }
        } catch (UnrecoverableKeyException e) {
            problems.put(
                    "password",
                    "opens the keystore " + file + " but not the private key in it; give both the same password");
        } catch (GeneralSecurityException e) {
            problems.put("keystore", "cannot be used: " + file + ": " + e.getMessage());
        }
    }

    private static String wrongPassword(KeyPair.Pkcs12 pkcs12) {
        return pkcs12.password().isEmpty()
                ? "is missing: the keystore " + pkcs12.keystore() + " is protected by one"
                : "does not open the keystore " + pkcs12.keystore() + "; write the one it was made with";
    }

    private void use(Path file, String alias, Certificate[] certificates, PrivateKey key) {
        List<X509Certificate> chain = new ArrayList<>();
        for (Certificate certificate : certificates) {
            chain.add((X509Certificate) certificate);
        }
        identity = new Identity(chain, key);
        if (!PrivateKeyFile.belongs(key, chain.get(0).getPublicKey())) {
            problems.put(
                    "keystore",
                    "has a private key '" + alias + "' that does not belong to its certificate: " + file
                            + "; put the two that were made together into it");
        }
    }

    private static String notTogether(KeyPair.Pem pem) {
        return "does not belong to the certificate " + pem.cert() + ": " + pem.key()
                + "; name the key that the certificate was made with";
    }

    static String unreadable(Path file, IOException e) {
        return e instanceof NoSuchFileException
                ? "names a file that does not exist: " + file
                : "cannot be read: " + file + ": " + e.getMessage();
    }
}
