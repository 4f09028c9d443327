package io.turnstone.broker.config;

import io.turnstone.broker.security.TokenKeys;
import io.turnstone.broker.security.TokenTerms;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The keys under {@code tokens}. */
final class TokenShape {

    private static final long USUAL_LEEWAY_MS = 30_000;

    private TokenShape() {}

    private static final Key<List<Path>> KEYS = Key.required(
            "keys", Types.oneOrMore(Types.PATH), "names files with the keys of the issuer: JSON Web Key Sets or PEM");
    private static final Key<String> ISSUER = Key.required("issuer", Types.TEXT, "is what the claim iss must be");
    private static final Key<String> AUDIENCE =
            Key.required("audience", Types.TEXT, "is what the claim aud must contain");
    private static final Key<String> USER = Key.optional("user", Types.TEXT, "sub", "the claim with the user's name");
    private static final Key<String> ROLES = Key.possible(
            "roles", Types.TEXT, "the claim with the roles; without it the user must be among the declared ones");
    private static final Key<Long> LEEWAY =
            Key.optional("leeway", Types.duration(0), USUAL_LEEWAY_MS, "by how much clocks may differ");

    static Shape<TokenTerms> tokens() {
        return Shape.of(TokenShape::terms, KEYS, ISSUER, AUDIENCE, USER, ROLES, LEEWAY);
    }

    private static TokenTerms terms(Values values) {
        for (Path file : values.get(KEYS)) {
            try {
                TokenKeys.read(file);
            } catch (IllegalArgumentException e) {
                values.problem(KEYS, String.valueOf(e.getMessage()));
            }
        }
        return new TokenTerms(
                values.get(KEYS),
                values.get(ISSUER),
                values.get(AUDIENCE),
                values.get(USER),
                values.given(ROLES) ? Optional.of(values.get(ROLES)) : Optional.empty(),
                values.get(LEEWAY));
    }
}
