package io.turnstone.api.plugin;

import io.turnstone.api.Identity;
import java.util.Optional;

/**
 * Checks a user name and password.
 *
 * <p><b>Threads:</b> called on worker threads, several at a time; may block.
 */
@FunctionalInterface
public interface Authenticator {

    /**
     * Who this is, or empty when name and password do not match. The answer takes as long for an unknown user.
     *
     * @param password not kept and not logged
     * @param remoteAddress host and port of the client
     */
    Optional<Identity> authenticate(String user, char[] password, String remoteAddress);
}
