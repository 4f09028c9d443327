package io.turnstone.broker.security;

import java.util.Arrays;
import java.util.Optional;

/** The ways to log in, the strongest first. */
public enum Mechanism {
    /** By the certificate that the client proved within TLS (RFC 4422, appendix A). */
    EXTERNAL("EXTERNAL"),
    /** By password, which neither side shows to the other (RFC 5802 with a longer hash). */
    SCRAM_SHA_512("SCRAM-SHA-512"),
    /** By password, which neither side shows to the other (RFC 7677). */
    SCRAM_SHA_256("SCRAM-SHA-256"),
    /** By a token of somebody who is trusted to issue them (RFC 7628). */
    OAUTHBEARER("OAUTHBEARER"),
    /** The same in the form that came before the standard. */
    XOAUTH2("XOAUTH2"),
    /** By name and password (RFC 4616). */
    PLAIN("PLAIN"),
    /** Without any proof (RFC 4505). */
    ANONYMOUS("ANONYMOUS");

    private final String label;

    Mechanism(String label) {
        this.label = label;
    }

    /** The name on the wire and in the configuration. */
    public String label() {
        return label;
    }

    static Optional<Mechanism> of(String label) {
        return Arrays.stream(values())
                .filter(mechanism -> mechanism.label.equals(label))
                .findFirst();
    }
}
