package io.turnstone.broker.plugin;

import io.turnstone.api.Binding;
import io.turnstone.api.Condition;
import io.turnstone.api.ExchangeSpec;
import io.turnstone.api.Message;
import io.turnstone.api.RefusedException;
import io.turnstone.api.plugin.ExchangeType;
import java.util.function.Consumer;

/**
 * The wall around an exchange type of a plugin. An {@link IllegalArgumentException} where the contract allows it passes;
 * anything else refuses that one message, declare or bind.
 */
record IsolatedExchangeType(String name, ExchangeType plugged, Faults faults) implements ExchangeType {

    @Override
    public Routes create(ExchangeSpec spec) {
        try {
            return new IsolatedRoutes(plugged.create(spec));
        } catch (IllegalArgumentException e) {
            throw e;
        } catch (Throwable e) {
            throw refused("create", e);
        }
    }

    private RefusedException refused(String where, Throwable e) {
        faults.happened("exchange type " + name + ": " + where, e);
        return new RefusedException(
                Condition.INTERNAL, "exchange type '" + name + "' of plugin '" + faults.plugin() + "' failed");
    }

    private final class IsolatedRoutes implements Routes {
        private final Routes plugged;
        private final boolean byKeyAlone;

        private IsolatedRoutes(Routes plugged) {
            this.plugged = plugged;
            byKeyAlone = plugged.byKeyAlone();
        }

        @Override
        public Routes with(Binding binding) {
            try {
                return new IsolatedRoutes(plugged.with(binding));
            } catch (IllegalArgumentException e) {
                throw e;
            } catch (Throwable e) {
                throw refused("with", e);
            }
        }

        @Override
        public Routes without(Binding binding) {
            try {
                return new IsolatedRoutes(plugged.without(binding));
            } catch (Throwable e) {
                throw refused("without", e);
            }
        }

        @Override
        public void route(Message message, String routingKey, Consumer<Binding> matched) {
            try {
                plugged.route(message, routingKey, matched);
            } catch (Throwable e) {
                throw refused("route", e);
            }
        }

        @Override
        public boolean byKeyAlone() {
            return byKeyAlone;
        }
    }
}
