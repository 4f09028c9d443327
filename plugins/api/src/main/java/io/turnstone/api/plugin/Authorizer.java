package io.turnstone.api.plugin;

import io.turnstone.api.Identity;

/** Decides what a user may do. Any thread; must not block. */
@FunctionalInterface
public interface Authorizer {

    /**
     * Whether an action is allowed.
     *
     * @param resource what it is done to: {@code /queues/NAME} or {@code /exchanges/NAME/KEY}
     */
    boolean allowed(Identity identity, Action action, String resource);

    /** What can be allowed. */
    enum Action {
        PUBLISH,
        CONSUME,
        DECLARE,
        MANAGE
    }
}
