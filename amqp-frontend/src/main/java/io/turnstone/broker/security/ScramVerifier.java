package io.turnstone.broker.security;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.text.Normalizer;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * What the broker keeps instead of a password: enough to check it (RFC 5802, RFC 7677), too little to know it. Immutable.
 *
 * <p>Written as {@code SCRAM-SHA-256$iterations$salt$storedKey$serverKey}, the last three in base64.
 */
public final class ScramVerifier {

    /** Iterations of new verifiers: some 50 ms of one core for each guess. */
    public static final int DEFAULT_ITERATIONS = 100_000;

    /** RFC 7677, section 4. */
    public static final int MIN_ITERATIONS = 4096;

    /** Seconds of work for each login; more is a slip of the keyboard. */
    public static final int MAX_ITERATIONS = 10_000_000;

    private static final String PREFIX = "SCRAM-SHA-256";
    private static final int SALT_BYTES = 16;
    private static final int HASH_BYTES = 32;

    private final int iterations;
    private final byte[] salt;
    private final byte[] storedKey;
    private final byte[] serverKey;

    private ScramVerifier(int iterations, byte[] salt, byte[] storedKey, byte[] serverKey) {
        this.iterations = iterations;
        this.salt = salt;
        this.storedKey = storedKey;
        this.serverKey = serverKey;
    }

    /** A verifier of this password with a new random salt. Takes as long as a login. */
    public static ScramVerifier of(char[] password, int iterations) {
        var salt = new byte[SALT_BYTES];
        new SecureRandom().nextBytes(salt);
        return of(password, iterations, salt);
    }

    static ScramVerifier of(char[] password, int iterations, byte[] salt) {
        byte[] salted = salted(password, iterations, salt);
        byte[] storedKey = sha256(hmac(salted, "Client Key"));
        return new ScramVerifier(iterations, salt.clone(), storedKey, hmac(salted, "Server Key"));
    }

    /**
     * Reads the written form.
     *
     * @throws IllegalArgumentException when it is not one; the message does not repeat it
     */
    public static ScramVerifier parse(String text) {
        String[] parts = text.split("\\$", -1);
        if (parts.length != 5 || !parts[0].equals(PREFIX)) {
            throw new IllegalArgumentException("is not " + PREFIX + "$iterations$salt$storedKey$serverKey");
        }
        int iterations;
        byte[] salt;
        byte[] storedKey;
        byte[] serverKey;
        try {
            iterations = Integer.parseInt(parts[1]);
            salt = Base64.getDecoder().decode(parts[2]);
            storedKey = Base64.getDecoder().decode(parts[3]);
            serverKey = Base64.getDecoder().decode(parts[4]);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("has a part that is not a number or not base64", e);
        }
        if (iterations < MIN_ITERATIONS || iterations > MAX_ITERATIONS) {
            throw new IllegalArgumentException(
                    "has " + iterations + " iterations; allowed are " + MIN_ITERATIONS + " to " + MAX_ITERATIONS);
        }
        if (salt.length < 8 || storedKey.length != HASH_BYTES || serverKey.length != HASH_BYTES) {
            throw new IllegalArgumentException("has a salt or key of the wrong length; was it cut off?");
        }
        return new ScramVerifier(iterations, salt, storedKey, serverKey);
    }

    /** Whether this is the password. Takes the same time either way. */
    public boolean matches(char[] password) {
        byte[] clientKey = hmac(salted(password, iterations, salt), "Client Key");
        return MessageDigest.isEqual(sha256(clientKey), storedKey);
    }

    /** How many iterations a check takes. */
    public int iterations() {
        return iterations;
    }

    byte[] storedKey() {
        return storedKey.clone();
    }

    byte[] serverKey() {
        return serverKey.clone();
    }

    /** The written form. */
    public String written() {
        var base64 = Base64.getEncoder();
        return String.join(
                "$",
                PREFIX,
                Integer.toString(iterations),
                base64.encodeToString(salt),
                base64.encodeToString(storedKey),
                base64.encodeToString(serverKey));
    }

    /** Never the keys: this may end up in a log. */
    @Override
    public String toString() {
        return PREFIX + "$" + iterations + "$…";
    }

    /** Equal by value. */
    @Override
    public boolean equals(Object other) {
        return other instanceof ScramVerifier verifier
                && iterations == verifier.iterations
                && Arrays.equals(salt, verifier.salt)
                && MessageDigest.isEqual(storedKey, verifier.storedKey)
                && MessageDigest.isEqual(serverKey, verifier.serverKey);
    }

    /** By value. */
    @Override
    public int hashCode() {
        return Arrays.hashCode(storedKey);
    }

    private static byte[] salted(char[] password, int iterations, byte[] salt) {
        char[] prepared = prepared(password);
        var spec = new PBEKeySpec(prepared, salt, iterations, HASH_BYTES * 8);
        try {
            return SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                    .generateSecret(spec)
                    .getEncoded();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java has no PBKDF2WithHmacSHA256", e);
        } finally {
            spec.clearPassword();
            Arrays.fill(prepared, '\0');
        }
    }

    /** Unicode's compatibility form, the part of SASLprep (RFC 4013) that keyboards differ in. */
    private static char[] prepared(char[] password) {
        for (char c : password) {
            if (c > 127) {
                return Normalizer.normalize(java.nio.CharBuffer.wrap(password), Normalizer.Form.NFKC)
                        .toCharArray();
            }
        }
        return password.clone();
    }

    private static byte[] hmac(byte[] key, String text) {
        try {
            var mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac.doFinal(text.getBytes(StandardCharsets.US_ASCII));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java has no HmacSHA256", e);
        }
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java has no SHA-256", e);
        }
    }
}
