package io.turnstone.router;

import io.turnstone.router.exchange.ExchangeCounters;
import io.turnstone.router.queue.MessageQueue;
import io.turnstone.router.topology.Route;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where a publisher's messages go, resolved. Immutable. */
sealed interface Target {

    /** What permissions are about; the key is that of the message where the target has none. */
    String resource(String key);

    /** What permissions for a queue are about. */
    static String resourceOfQueue(String name) {
        return "/queues/" + name;
    }

    /** What permissions for an exchange are about. */
    static String resourceOfExchange(String name, String key) {
        return "/exchanges/" + name + "/" + key;
    }

    /** A queue, through the default exchange. */
    record ToQueue(MessageQueue queue, Route route) implements Target {

        static ToQueue of(MessageQueue queue) {
            int[] passed = {ExchangeCounters.DEFAULT_EXCHANGE};
            return new ToQueue(queue, Route.of(List.of(queue), passed, true));
        }

        @Override
        public String resource(String key) {
            return resourceOfQueue(queue.name());
        }
    }

    /**
     * An exchange.
     *
     * @param key the routing key, or null for that of each message
     * @param arguments of a subscriber's binding
     * @param topic whether it need not be there, and nobody needs to want the message
     */
    record ToExchange(String exchange, @Nullable String key, Map<String, Object> arguments, boolean topic)
            implements Target {

        @Override
        public String resource(String messageKey) {
            return resourceOfExchange(exchange, key == null ? messageKey : key);
        }
    }
}
