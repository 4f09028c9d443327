package io.turnstone.api;

/**
 * Who a connection belongs to, after authentication. Immutable.
 *
 * @param name the user's name; {@code anonymous} without authentication
 * @param mechanism how it was proven, such as {@code PLAIN}
 */
public record Identity(String name, String mechanism) {
    /** Nobody in particular. */
    public static final Identity ANONYMOUS = new Identity("anonymous", "ANONYMOUS");
}
