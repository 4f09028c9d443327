package io.turnstone.router.exchange;

import io.turnstone.api.Binding;
import io.turnstone.api.ExchangeSpec;
import io.turnstone.api.Message;
import io.turnstone.api.plugin.ExchangeType;
import java.util.function.Consumer;

/** Routes to the bindings whose key is the routing key. Immutable, any thread. */
final class DirectExchange implements ExchangeType {

    @Override
    public String name() {
        return "direct";
    }

    @Override
    public Routes create(ExchangeSpec spec) {
        return new DirectRoutes(PersistentMap.empty());
    }

    private record DirectRoutes(PersistentMap<String, BindingSet> byKey) implements Routes {

        @Override
        public Routes with(Binding binding) {
            return new DirectRoutes(BindingSet.added(byKey, binding.key(), binding));
        }

        @Override
        public Routes without(Binding binding) {
            return new DirectRoutes(BindingSet.removed(byKey, binding.key(), binding));
        }

        @Override
        public void route(Message message, String routingKey, Consumer<Binding> matched) {
            BindingSet.tell(byKey.get(routingKey), matched);
        }

        @Override
        public boolean byKeyAlone() {
            return true;
        }
    }
}
