package io.turnstone.router;

import io.turnstone.api.plugin.Authorizer;
import io.turnstone.api.plugin.DeliveryInterceptor;
import io.turnstone.api.plugin.ExchangeType;
import io.turnstone.api.plugin.PublishInterceptor;
import io.turnstone.router.topology.RouterLimits;
import java.util.List;

/** A router's settings that differ from others, usually in one thing. */
final class Changed {

    private final RouterSettings usual;
    private boolean autoCreateQueues;
    private Authorizer authorizer;
    private List<ExchangeType> exchangeTypes;
    private List<PublishInterceptor> publishInterceptors;
    private List<DeliveryInterceptor> deliveryInterceptors;
    private long memoryBudgetBytes;
    private RouterLimits limits;

    private Changed(RouterSettings usual) {
        this.usual = usual;
        autoCreateQueues = usual.autoCreateQueues();
        authorizer = usual.authorizer();
        exchangeTypes = usual.exchangeTypes();
        publishInterceptors = usual.publishInterceptors();
        deliveryInterceptors = usual.deliveryInterceptors();
        memoryBudgetBytes = usual.memoryBudgetBytes();
        limits = usual.limits();
    }

    static Changed from(RouterSettings usual) {
        return new Changed(usual);
    }

    Changed strict() {
        autoCreateQueues = false;
        return this;
    }

    Changed authorizer(Authorizer value) {
        authorizer = value;
        return this;
    }

    Changed exchangeTypes(List<ExchangeType> value) {
        exchangeTypes = value;
        return this;
    }

    Changed interceptors(List<PublishInterceptor> publish, List<DeliveryInterceptor> delivery) {
        publishInterceptors = publish;
        deliveryInterceptors = delivery;
        return this;
    }

    Changed memoryBudgetBytes(long value) {
        memoryBudgetBytes = value;
        return this;
    }

    Changed limits(RouterLimits value) {
        limits = value;
        return this;
    }

    RouterSettings settings() {
        return new RouterSettings(
                autoCreateQueues,
                authorizer,
                exchangeTypes,
                publishInterceptors,
                deliveryInterceptors,
                usual.events(),
                usual.formats(),
                memoryBudgetBytes,
                limits);
    }
}
