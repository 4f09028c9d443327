package io.turnstone.broker.config;

import io.turnstone.broker.security.CertificateName;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How a listener encrypts. Immutable.
 *
 * @param certificate what it shows
 * @param others what it shows instead to clients that ask for a host these are made for (RFC 6066, section 3)
 * @param clients what clients are to show; empty for nothing
 * @param upgrade whether connections begin in clear
 */
public record TlsConfig(
        KeyPair certificate, List<KeyPair> others, Optional<ClientCertificates> clients, Upgrade upgrade) {
    public TlsConfig {
        others = List.copyOf(others);
    }

    /** TLS from the first byte, with two PEM files. */
    public static TlsConfig pem(Path cert, Path key) {
        return of(new KeyPair.Pem(cert, key));
    }

    /** TLS from the first byte. */
    public static TlsConfig of(KeyPair certificate) {
        return new TlsConfig(certificate, List.of(), Optional.empty(), Upgrade.NEVER);
    }

    /** Every file that is read for it. */
    public List<Path> files() {
        List<Path> files = new ArrayList<>(certificate.files());
        others.forEach(other -> files.addAll(other.files()));
        clients.ifPresent(known -> files.add(known.trust()));
        return files;
    }

    /** Whether connections begin in clear. */
    public enum Upgrade {
        /** No: TLS from the first byte. */
        NEVER,
        /** Yes, and they may go on like that. */
        OPTIONAL,
        /** Yes, but they must ask for TLS before anything else. */
        REQUIRED
    }

    /**
     * The certificates of clients.
     *
     * @param trust a PEM file with the certificates of those who may issue them
     * @param required whether a client without one is turned away
     * @param name what in them says who it is
     */
    public record ClientCertificates(Path trust, boolean required, CertificateName name) {}
}
