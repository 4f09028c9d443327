package io.turnstone.broker.security;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/** The hash under a mechanism of the SCRAM family (RFC 5802), and what is computed with it. */
public enum ScramHash {
    /** RFC 7677. */
    SHA_256("SHA-256", "SHA256", 32, Mechanism.SCRAM_SHA_256),
    /** As RFC 7677, with the longer hash. */
    SHA_512("SHA-512", "SHA512", 64, Mechanism.SCRAM_SHA_512);

    private final String digest;
    private final String hmac;
    private final int bytes;
    private final Mechanism mechanism;

    ScramHash(String digest, String hmac, int bytes, Mechanism mechanism) {
        this.digest = digest;
        this.hmac = "Hmac" + hmac;
        this.bytes = bytes;
        this.mechanism = mechanism;
    }

    /** The hash that a mechanism's name ends with. */
    public static Optional<ScramHash> of(String mechanism) {
        return Arrays.stream(values())
                .filter(hash -> hash.mechanism.label().equals(mechanism))
                .findFirst();
    }

    /** The mechanism that uses it. */
    public Mechanism mechanism() {
        return mechanism;
    }

    int bytes() {
        return bytes;
    }

    byte[] hash(byte[] text) {
        try {
            return MessageDigest.getInstance(digest).digest(text);
        } catch (GeneralSecurityException e) {
            throw missing(digest, e);
        }
    }

    byte[] hmac(byte[] key, byte[] text) {
        try {
            var mac = Mac.getInstance(hmac);
            mac.init(new SecretKeySpec(key, hmac));
            return mac.doFinal(text);
        } catch (GeneralSecurityException e) {
            throw missing(hmac, e);
        }
    }

    byte[] hmac(byte[] key, String text) {
        return hmac(key, text.getBytes(StandardCharsets.UTF_8));
    }

    /** The password, salted: {@code Hi} of RFC 5802, section 2.2. */
    byte[] salted(char[] password, byte[] salt, int iterations) {
        var spec = new PBEKeySpec(password, salt, iterations, bytes * 8);
        try {
            return SecretKeyFactory.getInstance("PBKDF2With" + hmac)
                    .generateSecret(spec)
                    .getEncoded();
        } catch (GeneralSecurityException e) {
            throw missing("PBKDF2With" + hmac, e);
        } finally {
            spec.clearPassword();
        }
    }

    private static IllegalStateException missing(String algorithm, GeneralSecurityException e) {
        return new IllegalStateException("this Java has no " + algorithm, e);
    }
}
