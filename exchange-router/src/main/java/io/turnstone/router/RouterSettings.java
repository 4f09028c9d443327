package io.turnstone.router;

import io.turnstone.api.MessageFormat;
import io.turnstone.api.plugin.Authorizer;
import io.turnstone.api.plugin.BrokerEvent;
import io.turnstone.api.plugin.DeliveryInterceptor;
import io.turnstone.api.plugin.ExchangeType;
import io.turnstone.api.plugin.PublishInterceptor;
import io.turnstone.router.topology.RouterLimits;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What the router is made with. Immutable.
 *
 * @param autoCreateQueues whether a plain name that is neither queue nor exchange becomes a queue
 * @param authorizer asked before anything is published, consumed or made on behalf of a client
 * @param exchangeTypes types beside direct, fanout, topic and headers
 * @param publishInterceptors asked about each message on its way in, in this order
 * @param deliveryInterceptors asked about each delivery on its way out, in this order
 * @param events told what happened, on some loop; must not block
 * @param formats by id: how stored messages are read back
 * @param memoryBudgetBytes bytes of queued messages, with what they cost on the heap, above which publishers are
 *     paused
 * @param limits how much of each thing there may be
 */
public record RouterSettings(
        boolean autoCreateQueues,
        Authorizer authorizer,
        List<ExchangeType> exchangeTypes,
        List<PublishInterceptor> publishInterceptors,
        List<DeliveryInterceptor> deliveryInterceptors,
        Consumer<BrokerEvent> events,
        Map<String, MessageFormat> formats,
        long memoryBudgetBytes,
        RouterLimits limits) {

    public RouterSettings {
        exchangeTypes = List.copyOf(exchangeTypes);
        publishInterceptors = List.copyOf(publishInterceptors);
        deliveryInterceptors = List.copyOf(deliveryInterceptors);
        formats = Map.copyOf(formats);
        if (memoryBudgetBytes < 1) {
            throw new IllegalArgumentException("memory budget " + memoryBudgetBytes + " bytes must be at least 1");
        }
    }

    /** Everybody may do everything, queues are made on first use, a quarter of the heap holds messages. */
    public static RouterSettings defaults(Map<String, MessageFormat> formats) {
        return new RouterSettings(
                true,
                (identity, action, resource) -> true,
                List.of(),
                List.of(),
                List.of(),
                event -> {},
                formats,
                Runtime.getRuntime().maxMemory() / 4,
                RouterLimits.DEFAULT);
    }
}
