package io.turnstone.router;

import io.turnstone.api.Address;
import io.turnstone.api.Condition;
import io.turnstone.api.Peer;
import io.turnstone.api.Refusal;
import io.turnstone.router.topology.LiveTopology;
import io.turnstone.router.topology.Reserved;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Finds what addresses name, and has the words for what they do not. Works for one loop at a time. */
final class Addresses {

    private Addresses() {}

    /** What messages to an address go to; null when there is no such thing. */
    static @Nullable Target find(RouterLoop here, Address to) {
        if (to instanceof Address.Queue queue) {
            return here.queue(queue.name());
        }
        if (to instanceof Address.Dynamic dynamic) {
            return here.queue(dynamic.name());
        }
        if (to instanceof Address.Volatile replies) {
            return here.queue(replies.name());
        }
        if (to instanceof Address.Exchange exchange) {
            return exchange(here, exchange.name(), exchange.key(), exchange.arguments());
        }
        if (to instanceof Address.Topic topic) {
            return here.topic(topic.name());
        }
        return to instanceof Address.Plain plain ? plain(here, plain.name()) : null;
    }

    private static @Nullable Target plain(RouterLoop here, String name) {
        Target queue = here.queue(name);
        if (queue != null) {
            return queue;
        }
        Target exchange = exchange(here, name, null, Map.of());
        int slash = name.indexOf('/');
        return exchange != null || slash < 0
                ? exchange
                : exchange(here, name.substring(0, slash), name.substring(slash + 1), Map.of());
    }

    private static Target.@Nullable ToExchange exchange(
            RouterLoop here, String name, @Nullable String key, Map<String, Object> arguments) {
        return here.exchange(name) == null ? null : new Target.ToExchange(name, key, arguments, false);
    }

    /** The name of the queue that the policy of automatic creation may make for an address; null for none. */
    static @Nullable String creatable(Address to) {
        String name = null;
        if (to instanceof Address.Plain plain && plain.name().indexOf('/') < 0) {
            name = plain.name();
        } else if (to instanceof Address.Queue queue && queue.mayCreate()) {
            name = queue.name();
        }
        return name == null || name.startsWith(Reserved.PREFIX) ? null : name;
    }

    /** Why nothing was found. */
    static Refusal missing(Address to) {
        if (to instanceof Address.Anonymous) {
            return new Refusal(Condition.INVALID, "the message says no address; set its 'to'");
        }
        String name = nameOf(to);
        int slash = to instanceof Address.Plain ? name.indexOf('/') : -1;
        if (slash >= 0) { // a key of an exchange, or of none: never the name of a new queue
            return LiveTopology.missing("exchange", name.substring(0, slash)).refusal();
        }
        String what = to instanceof Address.Exchange || to instanceof Address.Topic ? "exchange" : "queue";
        return LiveTopology.missing(what, name).refusal();
    }

    private static String nameOf(Address to) {
        if (to instanceof Address.Queue queue) {
            return queue.name();
        }
        if (to instanceof Address.Exchange exchange) {
            return exchange.name();
        }
        if (to instanceof Address.Topic topic) {
            return topic.name();
        }
        if (to instanceof Address.Dynamic dynamic) {
            return dynamic.name();
        }
        if (to instanceof Address.Volatile replies) {
            return replies.name();
        }
        return to instanceof Address.Plain plain ? plain.name() : "";
    }

    /** Why a peer may not do something. */
    static Refusal denied(Peer peer, String action, String resource) {
        String user = peer.identity().name();
        return new Refusal(
                Condition.UNAUTHORIZED,
                "user '" + user + "' may not " + action + " " + resource,
                Map.of("action", action, "address", resource));
    }

    /** Why an exchange takes nothing from publishers. */
    static Refusal internal(String exchange) {
        return new Refusal(
                Condition.UNAUTHORIZED,
                "exchange '" + exchange + "' is internal; publish to an exchange that is bound to it");
    }
}
