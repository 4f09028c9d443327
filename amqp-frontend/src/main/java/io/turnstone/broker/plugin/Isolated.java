package io.turnstone.broker.plugin;

import io.turnstone.api.Address;
import io.turnstone.api.Condition;
import io.turnstone.api.Delivery;
import io.turnstone.api.Identity;
import io.turnstone.api.Message;
import io.turnstone.api.Peer;
import io.turnstone.api.Refusal;
import io.turnstone.api.plugin.Authenticator;
import io.turnstone.api.plugin.Authorizer;
import io.turnstone.api.plugin.BrokerEvent;
import io.turnstone.api.plugin.BrokerListener;
import io.turnstone.api.plugin.DeliveryInterceptor;
import io.turnstone.api.plugin.PublishInterceptor;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Walls around what a plugin registered: what it throws is logged with its name and refuses that one request; no message
 * is lost by it. Exchange types and protocols have walls of their own.
 */
final class Isolated {

    private Isolated() {}

    record Publishing(PublishInterceptor plugged, Faults faults) implements PublishInterceptor {
        @Override
        public Verdict intercept(Message message, Address to, Peer from) {
            try {
                Verdict verdict = Objects.requireNonNull(plugged.intercept(message, to, from), "no verdict");
                return verdict instanceof Verdict.Later later
                        ? new Verdict.Later(later.verdict().exceptionally(this::refused))
                        : verdict;
            } catch (Throwable e) {
                return refused(e);
            }
        }

        private Verdict refused(Throwable e) {
            faults.happened("a publish interceptor", e);
            return new Verdict.Refuse(
                    new Refusal(Condition.INTERNAL, "plugin '" + faults.plugin() + "' failed to look at the message"));
        }
    }

    record Delivering(DeliveryInterceptor plugged, Faults faults) implements DeliveryInterceptor {
        @Override
        public Map<String, Object> intercept(Delivery delivery, String queue, Peer to) {
            try {
                return Objects.requireNonNull(plugged.intercept(delivery, queue, to), "no annotations");
            } catch (Throwable e) {
                faults.happened("a delivery interceptor", e);
                return Map.of(); // the message goes on: it was promised to somebody
            }
        }
    }

    record Authenticating(Authenticator plugged, Faults faults) implements Authenticator {
        @Override
        public Optional<Identity> authenticate(String user, char[] password, String remoteAddress) {
            try {
                return plugged.authenticate(user, password, remoteAddress);
            } catch (Throwable e) {
                faults.happened("an authenticator", e);
                return Optional.empty();
            }
        }
    }

    record Authorizing(Authorizer plugged, Faults faults) implements Authorizer {
        @Override
        public boolean allowed(Identity identity, Action action, String resource) {
            try {
                return plugged.allowed(identity, action, resource);
            } catch (Throwable e) {
                faults.happened("an authorizer", e);
                return false;
            }
        }
    }

    record Listening(BrokerListener plugged, Faults faults) implements BrokerListener {
        @Override
        public void on(BrokerEvent event) {
            try {
                plugged.on(event);
            } catch (Throwable e) {
                faults.happened("a listener", e);
            }
        }
    }
}
