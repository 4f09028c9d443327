package io.turnstone.broker.config;

import java.nio.file.Path;

/** Where a listener's certificate and private key are. Immutable. */
public sealed interface TlsConfig {

    /**
     * Two PEM files.
     *
     * @param cert the certificate, with its intermediates after it
     * @param key the private key, not encrypted
     */
    record Pem(Path cert, Path key) implements TlsConfig {}

    /** A PKCS#12 file with certificate and key. */
    record Pkcs12(Path keystore, String password) implements TlsConfig {
        /** Without the password. */
        @Override
        public String toString() {
            return "Pkcs12[keystore=" + keystore + "]";
        }
    }
}
