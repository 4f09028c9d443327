package io.turnstone.api.plugin;

import io.turnstone.api.Delivery;
import io.turnstone.api.Peer;
import java.util.Map;

/**
 * Looks at each delivery before it leaves and may add annotations to it.
 *
 * <p><b>Threads:</b> called on the consumer's loop; must not block it.
 *
 * <p><b>Errors:</b> when one throws or answers null, that is logged and the delivery leaves without its annotations.
 */
@FunctionalInterface
public interface DeliveryInterceptor {

    /** Annotations to add to this delivery only, usually none; keys start with {@code x-opt-}, values are JDK types. */
    Map<String, Object> intercept(Delivery delivery, String queue, Peer to);
}
