package io.turnstone.broker.security;

import io.turnstone.api.Identity;
import io.turnstone.api.plugin.Authenticator;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The users of the configuration file, checked by password. Immutable. */
public final class Users implements Authenticator {

    private final Map<String, User> byName = new HashMap<>();
    private final ScramVerifier nobody;

    /** These users. */
    public Users(Collection<User> users) {
        int iterations = ScramVerifier.MIN_ITERATIONS;
        for (User user : users) {
            byName.put(user.name(), user);
            if (user.password() != null) {
                iterations = Math.max(iterations, user.password().iterations());
            }
        }
        nobody = ScramVerifier.of("".toCharArray(), iterations);
    }

    @Override
    public Optional<Identity> authenticate(String name, char[] password, String remoteAddress) {
        User user = byName.get(name);
        ScramVerifier verifier = user == null ? null : user.password();
        boolean matches = (verifier == null ? nobody : verifier).matches(password);
        boolean allowed = user != null && verifier != null && (!user.loopbackOnly() || Remote.loopback(remoteAddress));
        return matches && allowed ? Optional.of(new Identity(name, "PLAIN")) : Optional.empty();
    }
}
