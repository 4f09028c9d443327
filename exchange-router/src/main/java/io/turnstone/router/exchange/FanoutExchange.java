package io.turnstone.router.exchange;

import io.turnstone.api.Binding;
import io.turnstone.api.ExchangeSpec;
import io.turnstone.api.Message;
import io.turnstone.api.plugin.ExchangeType;
import java.util.function.Consumer;

/** Routes to every binding, whatever the routing key. Immutable, any thread. */
final class FanoutExchange implements ExchangeType {

    @Override
    public String name() {
        return "fanout";
    }

    @Override
    public Routes create(ExchangeSpec spec) {
        return new FanoutRoutes(BindingSet.EMPTY);
    }

    private record FanoutRoutes(BindingSet bindings) implements Routes {

        @Override
        public Routes with(Binding binding) {
            return new FanoutRoutes(bindings.with(binding));
        }

        @Override
        public Routes without(Binding binding) {
            return new FanoutRoutes(bindings.without(binding));
        }

        @Override
        public void route(Message message, String routingKey, Consumer<Binding> matched) {
            bindings.forEach(matched);
        }

        @Override
        public boolean byKeyAlone() {
            return true;
        }
    }
}
