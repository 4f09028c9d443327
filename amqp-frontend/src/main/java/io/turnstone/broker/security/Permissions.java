package io.turnstone.broker.security;

import io.turnstone.api.Identity;
import io.turnstone.api.plugin.Authorizer;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What each user may do: everything without permissions, only those with any. Immutable. */
public final class Permissions implements Authorizer {

    private final Map<String, List<Permission>> byUser = new HashMap<>();
    private final boolean strangers;

    /**
     * The permissions of these users.
     *
     * @param strangers whether somebody who is not among them may do everything: true when a plugin authenticates
     */
    public Permissions(Collection<User> users, boolean strangers) {
        users.forEach(user -> byUser.put(user.name(), user.permissions()));
        byUser.putIfAbsent(Identity.ANONYMOUS.name(), List.of());
        this.strangers = strangers;
    }

    @Override
    public boolean allowed(Identity identity, Action action, String resource) {
        List<Permission> permissions = byUser.get(identity.name());
        if (permissions == null) {
            return strangers;
        }
        if (permissions.isEmpty()) {
            return true;
        }
        for (Permission permission : permissions) {
            if (permission.allows(action, resource)) {
                return true;
            }
        }
        return false;
    }
}
