package io.turnstone.broker.security;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One entry under {@code users}. Immutable.
 *
 * @param name the user's name; {@code anonymous} stands for whoever comes without credentials
 * @param password checks the password; null when nobody can log in by this name
 * @param permissions what the user may do; empty for everything
 * @param loopbackOnly whether logins from other machines are refused
 */
public record User(String name, @Nullable ScramVerifier password, List<Permission> permissions, boolean loopbackOnly) {
    public User {
        permissions = List.copyOf(permissions);
    }

    /** The user of a broker that was not given any: {@code guest} with password {@code guest}, on this machine only. */
    public static User guest() {
        var password = ScramVerifier.of("guest".toCharArray(), ScramVerifier.MIN_ITERATIONS);
        return new User("guest", password, List.of(), true);
    }
}
