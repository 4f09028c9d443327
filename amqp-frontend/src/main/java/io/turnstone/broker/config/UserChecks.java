package io.turnstone.broker.config;

import io.turnstone.broker.security.ScramHash;
import io.turnstone.broker.security.ScramVerifier;
import io.turnstone.broker.security.User;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What the users of a file mean. */
final class UserChecks {

    private static final String MAKE_ONE = "make one with: turnstone hash-password";

    private UserChecks() {}

    /** Who may come. */
    static Admission admission(Values file) {
        boolean tokens = file.given(ConfigShape.TOKENS);
        return new Admission(
                file.get(ConfigShape.ANONYMOUS),
                users(file, tokens),
                file.get(ConfigShape.ROLES),
                tokens ? Optional.of(file.get(ConfigShape.TOKENS)) : Optional.empty(),
                file.get(ConfigShape.SASL));
    }

    /** The users; empty when the file says nothing about them. */
    private static Optional<List<User>> users(Values file, boolean tokens) {
        if (!file.given(ConfigShape.USERS)) {
            return Optional.empty();
        }
        return Optional.of(file.get(ConfigShape.USERS).entrySet().stream()
                .map(entry -> user(entry.getKey(), entry.getValue(), tokens))
                .toList());
    }

    private static User user(String name, Values values, boolean tokens) {
        if (name.isEmpty()) {
            values.problem("the name of a user must not be empty");
        }
        return new User(
                name,
                passwords(name, values, tokens),
                values.get(ServerShapes.CERTIFICATES),
                values.get(ServerShapes.PERMISSIONS),
                false);
    }

    private static List<ScramVerifier> passwords(String name, Values values, boolean tokens) {
        boolean anonymous = name.equals("anonymous");
        boolean written = values.written(ServerShapes.USER_PASSWORD);
        if (anonymous && written) {
            values.problem(
                    ServerShapes.USER_PASSWORD,
                    "must go: 'anonymous' takes no password, it stands for clients without credentials");
        } else if (!anonymous && !written && !tokens && !values.given(ServerShapes.CERTIFICATES)) {
            values.problem("'password' is missing; " + MAKE_ONE);
        } else if (values.given(ServerShapes.USER_PASSWORD)) {
            return verifiers(values);
        }
        return List.of();
    }

    private static List<ScramVerifier> verifiers(Values values) {
        List<ScramVerifier> verifiers = new ArrayList<>();
        Set<ScramHash> hashes = EnumSet.noneOf(ScramHash.class);
        for (String text : values.get(ServerShapes.USER_PASSWORD)) {
            try {
                var verifier = ScramVerifier.parse(text);
                verifiers.add(verifier);
                if (!hashes.add(verifier.hash())) {
                    values.problem(
                            ServerShapes.USER_PASSWORD,
                            "has two verifiers for "
                                    + verifier.hash().mechanism().label() + "; keep one");
                }
            } catch (IllegalArgumentException e) {
                // never the value: it may be a password
                values.problem(ServerShapes.USER_PASSWORD, e.getMessage() + "; " + MAKE_ONE);
            }
        }
        return verifiers;
    }
}
