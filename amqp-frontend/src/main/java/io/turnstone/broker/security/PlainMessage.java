package io.turnstone.broker.security;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/**
 * What a client says with PLAIN (RFC 4616): {@code [authzid] NUL authcid NUL password}, in UTF-8. Acting for another user
 * is not offered.
 *
 * @param user the authcid; empty only where the password is a token
 */
record PlainMessage(String user, char[] password) {

    /** Reads it; empty when it is not one. */
    static Optional<PlainMessage> read(byte[] message) {
        int first = indexOfNul(message, 0);
        int second = first < 0 ? -1 : indexOfNul(message, first + 1);
        if (second < 0 || indexOfNul(message, second + 1) >= 0) {
            return Optional.empty();
        }
        try {
            String actingFor = utf8(message, 0, first).toString();
            String user = utf8(message, first + 1, second).toString();
            if (!actingFor.isEmpty() && !actingFor.equals(user)) {
                return Optional.empty();
            }
            CharBuffer decoded = utf8(message, second + 1, message.length);
            var password = new char[decoded.remaining()];
            decoded.get(password);
            if (decoded.hasArray()) {
                Arrays.fill(decoded.array(), '\0');
            }
            return Optional.of(new PlainMessage(user, password));
        } catch (CharacterCodingException notUtf8) {
            return Optional.empty();
        }
    }

    private static int indexOfNul(byte[] message, int from) {
        for (int i = from; i < message.length; i++) {
            if (message[i] == 0) {
                return i;
            }
        }
        return -1;
    }

    private static CharBuffer utf8(byte[] message, int from, int to) throws CharacterCodingException {
        return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(message, from, to - from));
    }

    /** Without the password. */
    @Override
    public String toString() {
        return "PlainMessage[user=" + user + "]";
    }
}
