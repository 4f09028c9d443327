package io.turnstone.broker.security;

import io.turnstone.api.plugin.Authorizer.Action;
import java.util.List;
import java.util.Set;

/**
 * Some actions allowed on some resources. Immutable.
 *
 * @param actions what may be done
 * @param on to what
 */
public record Permission(Set<Action> actions, List<Glob> on) {
    public Permission {
        actions = Set.copyOf(actions);
        on = List.copyOf(on);
    }

    boolean allows(Action action, String resource) {
        if (!actions.contains(action)) {
            return false;
        }
        for (Glob glob : on) {
            if (glob.matches(resource)) {
                return true;
            }
        }
        return false;
    }
}
