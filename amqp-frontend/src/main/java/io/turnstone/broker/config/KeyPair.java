package io.turnstone.broker.config;

import java.nio.file.Path;
import java.util.List;

/** Where a certificate and its private key are. Immutable. */
public sealed interface KeyPair {

    /** The files they are in. */
    List<Path> files();

    /**
     * Two PEM files.
     *
     * @param cert the certificate, with its intermediates after it
     * @param key the private key, not encrypted
     */
    record Pem(Path cert, Path key) implements KeyPair {
        @Override
        public List<Path> files() {
            return List.of(cert, key);
        }
    }

    /** A PKCS#12 file with certificate and key. */
    record Pkcs12(Path keystore, String password) implements KeyPair {
        @Override
        public List<Path> files() {
            return List.of(keystore);
        }

        /** Without the password. */
        @Override
        public String toString() {
            return "Pkcs12[keystore=" + keystore + "]";
        }
    }
}
