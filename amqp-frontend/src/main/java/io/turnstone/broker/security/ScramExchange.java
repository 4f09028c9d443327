package io.turnstone.broker.security;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * The server's side of SCRAM (RFC 5802, RFC 7677) without channel binding: two messages of the client, one answer to
 * each. Used by one thread at a time.
 */
final class ScramExchange {

    /** A message that is not SCRAM, or asks for what is not offered. */
    static final class Malformed extends Exception {
        private static final long serialVersionUID = 1L;

        Malformed(String message) {
            super(message, null, false, false);
        }
    }

    /** It comes back in our own first message, which must fit into a small frame. */
    private static final int MAX_NONCE = 200;

    private static final int NONCE_BYTES = 18;

    private final ScramHash hash;
    private final Users users;
    private final String ownNonce;
    private @Nullable ScramVerifier verifier;
    private String user = "";
    private String nonce = "";
    private String gs2Header = "";
    private String firstMessages = "";
    private byte[] signature = new byte[0];

    ScramExchange(ScramHash hash, Users users) {
        this(hash, users, randomNonce());
    }

    ScramExchange(ScramHash hash, Users users, String ownNonce) {
        this.hash = hash;
        this.users = users;
        this.ownNonce = ownNonce;
    }

    private static String randomNonce() {
        var bytes = new byte[NONCE_BYTES];
        new SecureRandom().nextBytes(bytes);
        return Base64.getEncoder().encodeToString(bytes);
    }

    Mechanism mechanism() {
        return hash.mechanism();
    }

    /** Who the client says it is; empty before its first message. */
    String user() {
        return user;
    }

    /** Answers the client's first message with salt and iterations. */
    byte[] first(byte[] message) throws Malformed {
        String text = utf8(message);
        String[] parts = text.split(",", -1);
        if (parts.length < 4 || !parts[2].startsWith("n=") || !parts[3].startsWith("r=")) {
            throw new Malformed("the first message must be n,,n=USER,r=NONCE");
        }
        if (!parts[0].equals("n") && !parts[0].equals("y")) {
            throw new Malformed("channel binding is not offered");
        }
        user = name(parts[2].substring(2));
        if (!parts[1].isEmpty()
                && !(parts[1].startsWith("a=") && name(parts[1].substring(2)).equals(user))) {
            throw new Malformed("acting for another user is not offered");
        }
        String clientNonce = parts[3].substring(2);
        if (clientNonce.isEmpty()
                || clientNonce.length() > MAX_NONCE
                || !clientNonce.chars().allMatch(c -> c >= 0x21 && c <= 0x7e)) {
            throw new Malformed("the nonce must have 1 to " + MAX_NONCE + " printable characters");
        }
        gs2Header = parts[0] + "," + parts[1] + ",";
        nonce = clientNonce + ownNonce;
        ScramVerifier found = users.verifier(user, hash);
        verifier = found;
        String answer =
                "r=" + nonce + ",s=" + Base64.getEncoder().encodeToString(found.salt()) + ",i=" + found.iterations();
        firstMessages = text.substring(gs2Header.length()) + "," + answer + ",";
        return answer.getBytes(StandardCharsets.UTF_8);
    }

    /** Whether the client's second message shows that it knows the password. */
    boolean proves(byte[] message) {
        try {
            signature = signature(message);
            return signature.length > 0;
        } catch (Malformed e) {
            return false;
        }
    }

    /** Shows the client that we know its password too, when it has shown that it does. */
    byte[] signature() {
        return signature;
    }

    private byte[] signature(byte[] message) throws Malformed {
        String text = utf8(message);
        int proofAt = text.lastIndexOf(",p=");
        String[] parts = text.split(",", -1);
        if (verifier == null
                || proofAt < 0
                || parts.length < 3
                || !parts[0].startsWith("c=")
                || !parts[1].startsWith("r=")) {
            throw new Malformed("the second message must be c=…,r=NONCE,p=PROOF");
        }
        byte[] proof = base64(text.substring(proofAt + 3));
        boolean bound = new String(base64(parts[0].substring(2)), StandardCharsets.UTF_8).equals(gs2Header);
        if (!bound || !parts[1].substring(2).equals(nonce) || proof.length != hash.bytes()) {
            throw new Malformed("the second message does not go with the first");
        }
        String signed = firstMessages + text.substring(0, proofAt);
        byte[] clientKey = hash.hmac(verifier.storedKey(), signed);
        for (int i = 0; i < clientKey.length; i++) {
            clientKey[i] ^= proof[i];
        }
        if (!MessageDigest.isEqual(hash.hash(clientKey), verifier.storedKey())) {
            return new byte[0];
        }
        byte[] signature = hash.hmac(verifier.serverKey(), signed);
        return ("v=" + Base64.getEncoder().encodeToString(signature)).getBytes(StandardCharsets.US_ASCII);
    }

    /** RFC 5802, section 5.1: commas and equals signs of a name are written {@code =2C} and {@code =3D}. */
    private static String name(String written) throws Malformed {
        String rest = written.replace("=2C", "").replace("=3D", "");
        if (written.isEmpty() || rest.indexOf('=') >= 0) {
            throw new Malformed("the name of the user is empty or not escaped");
        }
        return written.replace("=2C", ",").replace("=3D", "=");
    }

    private static String utf8(byte[] message) throws Malformed {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(message))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new Malformed("the message is not UTF-8");
        }
    }

    private static byte[] base64(String text) throws Malformed {
        try {
            return Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            throw new Malformed("a part of the message is not base64");
        }
    }
}
