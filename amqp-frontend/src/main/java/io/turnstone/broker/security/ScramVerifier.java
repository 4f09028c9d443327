package io.turnstone.broker.security;

import java.security.MessageDigest;
import java.security.SecureRandom;
import java.text.Normalizer;
import java.util.Arrays;
import java.util.Base64;

/**
 * What the broker keeps instead of a password: enough to check it (RFC 5802, RFC 7677), too little to know it. Immutable.
 *
 * <p>Written as {@code SCRAM-SHA-256$iterations$salt$storedKey$serverKey}, the last three in base64; or with
 * {@code SCRAM-SHA-512}.
 */
public final class ScramVerifier {

    /** Iterations of new verifiers: some 50 ms of one core for each guess. */
    public static final int DEFAULT_ITERATIONS = 100_000;

    /** RFC 7677, section 4. */
    public static final int MIN_ITERATIONS = 4096;

    /** Seconds of work for each login; more is a slip of the keyboard. */
    public static final int MAX_ITERATIONS = 10_000_000;

    private static final int SALT_BYTES = 16;

    /** It goes into one small frame. */
    private static final int MAX_SALT_BYTES = 64;

    private final ScramHash hash;
    private final int iterations;
    private final byte[] salt;
    private final byte[] storedKey;
    private final byte[] serverKey;

    ScramVerifier(ScramHash hash, int iterations, byte[] salt, byte[] storedKey, byte[] serverKey) {
        this.hash = hash;
        this.iterations = iterations;
        this.salt = salt;
        this.storedKey = storedKey;
        this.serverKey = serverKey;
    }

    /** A verifier of this password with a new random salt, for SCRAM-SHA-256. Takes as long as a login. */
    public static ScramVerifier of(char[] password, int iterations) {
        return of(ScramHash.SHA_256, password, iterations);
    }

    /** A verifier of this password with a new random salt. Takes as long as a login. */
    public static ScramVerifier of(ScramHash hash, char[] password, int iterations) {
        var salt = new byte[SALT_BYTES];
        new SecureRandom().nextBytes(salt);
        return of(hash, password, iterations, salt);
    }

    static ScramVerifier of(ScramHash hash, char[] password, int iterations, byte[] salt) {
        byte[] salted = salted(hash, password, iterations, salt);
        byte[] storedKey = hash.hash(hash.hmac(salted, "Client Key"));
        return new ScramVerifier(hash, iterations, salt.clone(), storedKey, hash.hmac(salted, "Server Key"));
    }

    /**
     * Reads the written form.
     *
     * @throws IllegalArgumentException when it is not one; the message does not repeat it
     */
    public static ScramVerifier parse(String text) {
        String[] parts = text.split("\\$", -1);
        ScramHash hash = ScramHash.of(parts[0]).orElse(null);
        if (parts.length != 5 || hash == null) {
            throw new IllegalArgumentException("is not SCRAM-SHA-256$iterations$salt$storedKey$serverKey");
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
        boolean salty = salt.length >= 8 && salt.length <= MAX_SALT_BYTES;
        if (!salty || storedKey.length != hash.bytes() || serverKey.length != hash.bytes()) {
            throw new IllegalArgumentException("has a salt or key of the wrong length; was it cut off?");
        }
        return new ScramVerifier(hash, iterations, salt, storedKey, serverKey);
    }

    /** Whether this is the password. Takes the same time either way. */
    public boolean matches(char[] password) {
        byte[] clientKey = hash.hmac(salted(hash, password, iterations, salt), "Client Key");
        return MessageDigest.isEqual(hash.hash(clientKey), storedKey);
    }

    /** The hash it was made with: which mechanism it serves beside PLAIN. */
    public ScramHash hash() {
        return hash;
    }

    /** How many iterations a check takes. */
    public int iterations() {
        return iterations;
    }

    byte[] salt() {
        return salt.clone();
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
                hash.mechanism().label(),
                Integer.toString(iterations),
                base64.encodeToString(salt),
                base64.encodeToString(storedKey),
                base64.encodeToString(serverKey));
    }

    /** Never the keys: this may end up in a log. */
    @Override
    public String toString() {
        return hash.mechanism().label() + "$" + iterations + "$…";
    }

    /** Equal by value. */
    @Override
    public boolean equals(Object other) {
        return other instanceof ScramVerifier verifier
                && hash == verifier.hash
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

    private static byte[] salted(ScramHash hash, char[] password, int iterations, byte[] salt) {
        char[] prepared = prepared(password);
        try {
            return hash.salted(prepared, salt, iterations);
        } finally {
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
}
