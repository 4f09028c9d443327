package io.turnstone.broker.security;

import java.util.List;
import java.util.Optional;

/**
 * One entry under {@code users}. Immutable.
 *
 * @param name the user's name; {@code anonymous} stands for whoever comes without credentials
 * @param passwords check the password, at most one for each hash; empty when there is none
 * @param certificates other names than the user's own by which certificates mean this user
 * @param permissions what the user may do; empty for everything
 * @param loopbackOnly whether logins from other machines are refused
 */
public record User(
        String name,
        List<ScramVerifier> passwords,
        List<String> certificates,
        List<Permission> permissions,
        boolean loopbackOnly) {
    /** Of the word guest. Written down, because to compute it takes a tenth of the time that a broker takes to start. */
    private static final String GUEST = "SCRAM-SHA-256$4096$llCGP+GYj/WHYYKNSuRwHg==$"
            + "JxkxrM07MJrqF9j95g4cqVo/oYMKId/CUd+fd1azdp0=$"
            + "AueyqpRKcLM7KfJQ6nHFSZGM9PyUBRPTKGSfelK9kjo=";

    public User {
        passwords = List.copyOf(passwords);
        certificates = List.copyOf(certificates);
        permissions = List.copyOf(permissions);
    }

    /** One with a password. */
    public static User of(String name, ScramVerifier password, List<Permission> permissions) {
        return new User(name, List.of(password), List.of(), permissions, false);
    }

    /** The user of a broker that was not given any: {@code guest} with password {@code guest}, on this machine only. */
    public static User guest() {
        return new User("guest", List.of(ScramVerifier.parse(GUEST)), List.of(), List.of(), true);
    }

    Optional<ScramVerifier> password(ScramHash hash) {
        return passwords.stream().filter(password -> password.hash() == hash).findFirst();
    }

    boolean allowedFrom(String remoteAddress) {
        return !loopbackOnly || Remote.loopback(remoteAddress);
    }
}
