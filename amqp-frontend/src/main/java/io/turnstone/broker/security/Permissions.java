package io.turnstone.broker.security;

import io.turnstone.api.Identity;
import io.turnstone.api.plugin.Authorizer;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What each user may do: everything without permissions, only those with any. Who proves to have roles may do what they
 * allow, whatever the name. Immutable.
 */
public final class Permissions implements Authorizer {

    private final Map<String, List<Permission>> byUser = new HashMap<>();
    private final Map<String, List<Permission>> byRole;
    private final boolean strangers;

    /**
     * The permissions of these users.
     *
     * @param byRole those of everybody who proves to have a role
     * @param strangers whether somebody who is not among them may do everything: true when a plugin authenticates
     */
    public Permissions(Collection<User> users, Map<String, List<Permission>> byRole, boolean strangers) {
        users.forEach(user -> byUser.put(user.name(), user.permissions()));
        byUser.putIfAbsent(Identity.ANONYMOUS.name(), List.of());
        this.byRole = Map.copyOf(byRole);
        this.strangers = strangers;
    }

    @Override
    public boolean allowed(Identity identity, Action action, String resource) {
        if (identity.roles().isEmpty()) {
            List<Permission> permissions = byUser.get(identity.name());
            return permissions == null ? strangers : allowed(permissions, action, resource);
        }
        for (String role : identity.roles()) {
            List<Permission> permissions = byRole.get(role);
            if (permissions != null && allowed(permissions, action, resource)) {
                return true;
            }
        }
        return false;
    }

    private static boolean allowed(List<Permission> permissions, Action action, String resource) {
        for (Permission permission : permissions) {
            if (permission.allows(action, resource)) {
                return true;
            }
        }
        return permissions.isEmpty();
    }
}
