package io.turnstone.broker.security;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Which tokens are taken (JSON Web Tokens, RFC 7519), and what in them says who it is. Immutable.
 *
 * @param keys files with the keys of those who issue them
 * @param issuer what {@code iss} must be
 * @param audience what {@code aud} must contain
 * @param user the claim with the user's name
 * @param roles the claim with the roles; empty when tokens mean declared users
 * @param leewayMs by how much clocks may differ
 */
public record TokenTerms(
        List<Path> keys, String issuer, String audience, String user, Optional<String> roles, long leewayMs) {
    public TokenTerms {
        keys = List.copyOf(keys);
    }
}
