package io.turnstone.broker.security;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** What a client says with XOAUTH2 or OAUTHBEARER (RFC 7628, section 3.1): fields between control-A, a token among them. */
final class TokenMessage {

    private static final String BEARER = "auth=Bearer ";

    private TokenMessage() {}

    /** The token; empty when there is none. */
    static Optional<String> token(byte[] message) {
        for (String field : new String(message, StandardCharsets.ISO_8859_1).split("\u0001", -1)) {
            if (field.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
                return Optional.of(field.substring(BEARER.length()).strip());
            }
        }
        return Optional.empty();
    }

    /** Whether a password is a token: there are clients that know no other mechanism than PLAIN. */
    static boolean looksLikeOne(char[] password) {
        int dots = 0;
        for (char c : password) {
            if (c == '.') {
                dots++;
            }
        }
        return dots == 2 && password.length > 3 && password[0] == 'e' && password[1] == 'y' && password[2] == 'J';
    }
}
