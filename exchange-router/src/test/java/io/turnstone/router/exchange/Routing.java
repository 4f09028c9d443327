package io.turnstone.router.exchange;

import io.turnstone.api.Binding;
import io.turnstone.api.Message;
import io.turnstone.api.plugin.ExchangeType;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Short forms for tests of exchange types. */
public final class Routing {

    private Routing() {}

    public static Binding binding(String key, String queue) {
        return binding(key, queue, Map.of());
    }

    static Binding binding(String key, String queue, Map<String, Object> arguments) {
        return new Binding("x", queue, false, key, arguments);
    }

    /** The queues that a message with this key goes to. */
    static Set<String> queues(ExchangeType.Routes routes, String key) {
        return queues(routes, TestMessage.fleeting(""), key);
    }

    static Set<String> queues(ExchangeType.Routes routes, Message message, String key) {
        var queues = new TreeSet<String>();
        routes.route(message, key, binding -> queues.add(binding.destination()));
        return queues;
    }
}
