package io.turnstone.amqp.message;

import io.turnstone.api.Overlay;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Message annotations that are not in a message's bytes: what consumers, interceptors and the broker itself added. */
public final class BrokerAnnotations {

    private BrokerAnnotations() {}

    /** The annotation of that name that was added in this queue, or null. */
    public static @Nullable Object get(Overlay overlay, String name) {
        Object added = overlay.annotations().get(name);
        if (added != null) {
            return added;
        }
        if (!overlay.exchange().isEmpty()) {
            if (name.equals("x-exchange")) {
                return overlay.exchange();
            }
            if (name.equals("x-routing-key")) {
                return overlay.routingKey();
            }
        }
        return overlay.deaths().isEmpty() || !DeathAnnotations.names(name)
                ? null
                : ofDeaths(overlay).get(name);
    }

    private static Map<String, Object> ofDeaths(Overlay overlay) {
        var annotations = new LinkedHashMap<String, Object>();
        DeathAnnotations.add(overlay.deaths(), annotations);
        return annotations;
    }
}
