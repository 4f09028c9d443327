package io.turnstone.api;

import java.util.Set;

/**
 * Who a connection belongs to, after authentication. Immutable.
 *
 * @param name the user's name; {@code anonymous} without authentication
 * @param mechanism how it was proven, such as {@code PLAIN}
 * @param roles what the proof says the user may act as; empty when it says nothing about that
 */
public record Identity(String name, String mechanism, Set<String> roles) {
    /** Nobody in particular. */
    public static final Identity ANONYMOUS = new Identity("anonymous", "ANONYMOUS");

    public Identity {
        roles = Set.copyOf(roles);
    }

    /** Somebody whose proof says nothing about roles. */
    public Identity(String name, String mechanism) {
        this(name, mechanism, Set.of());
    }
}
