package io.turnstone.router;

import io.turnstone.api.Peer;
import io.turnstone.api.plugin.Authorizer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * What one publisher may publish to, remembered once it was allowed, so that a message costs a look-up and no name put
 * together. Owned by the publisher.
 */
final class Permissions {

    /** Beyond it all are forgotten, which costs asking again. */
    private static final int MAX_REMEMBERED = 1_024;

    private final Publishing shared;
    private final Peer peer;
    private final Set<String> queues = new HashSet<>();
    private final Map<String, Set<String>> keysByExchange = new HashMap<>();
    private int remembered;

    Permissions(Publishing shared, Peer peer) {
        this.shared = shared;
        this.peer = peer;
    }

    boolean toQueue(String name) {
        return queues.contains(name) || (asked(Target.resourceOfQueue(name)) && remember(queues, name));
    }

    boolean toExchange(String exchange, String key) {
        Set<String> keys = keysByExchange.get(exchange);
        if (keys != null && keys.contains(key)) {
            return true;
        }
        return asked(Target.resourceOfExchange(exchange, key))
                && remember(keysByExchange.computeIfAbsent(exchange, first -> new HashSet<>()), key);
    }

    private boolean asked(String resource) {
        if (remembered >= MAX_REMEMBERED) {
            remembered = 0;
            queues.clear();
            keysByExchange.clear();
        }
        return shared.allows(peer, Authorizer.Action.PUBLISH, resource);
    }

    private boolean remember(Set<String> allowed, String name) {
        remembered++;
        return allowed.add(name);
    }
}
