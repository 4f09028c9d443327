package io.turnstone.broker.plugin;

import io.turnstone.api.plugin.Authenticator;
import io.turnstone.api.plugin.Authorizer;
import io.turnstone.api.plugin.BrokerEvent;
import io.turnstone.api.plugin.BrokerListener;
import io.turnstone.api.plugin.DeliveryInterceptor;
import io.turnstone.api.plugin.ExchangeType;
import io.turnstone.api.plugin.Plugin;
import io.turnstone.api.plugin.Protocol;
import io.turnstone.api.plugin.PublishInterceptor;
import io.turnstone.api.store.StoreProvider;
import io.turnstone.broker.config.PluginConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The plugins of one broker, in the order they were started.
 *
 * <p><b>Threads:</b> started and closed by the thread that starts and stops the broker; what they registered is read by
 * any thread.
 */
public final class Plugins implements AutoCloseable {

    private static final Logger LOG = LogManager.getLogger(Plugins.class);

    private record Started(
            Plugin plugin,
            Registration registration,
            @Nullable PluginFolder folder) {}

    private final List<Started> started = new ArrayList<>();
    private final PluginHost host;

    /** No plugins yet. */
    public Plugins(PluginHost host) {
        this.host = host;
    }

    /**
     * Loads and starts what is switched on, then what was handed in as objects.
     *
     * @throws PluginException when one that is not optional cannot start; those started before are closed
     */
    public void start(List<PluginConfig> configs, Optional<Path> folder, List<Plugin> embedded) {
        for (PluginConfig config : configs) {
            boolean object = embedded.stream().anyMatch(plugin -> plugin.name().equals(config.name()));
            if (!object) {
                attempt(config, () -> start(config, folder));
            }
        }
        for (Plugin plugin : embedded) {
            PluginConfig config = configs.stream()
                    .filter(candidate -> candidate.name().equals(plugin.name()))
                    .findFirst()
                    .orElse(new PluginConfig(plugin.name(), false, Map.of()));
            attempt(config, () -> run(plugin, config, null));
        }
    }

    private void start(PluginConfig config, Optional<Path> folder) {
        PluginFolder loaded = PluginFolder.open(config.name(), folder);
        try {
            run(loaded.plugin(), config, loaded);
        } catch (PluginException e) {
            loaded.close();
            throw e;
        }
    }

    private void attempt(PluginConfig config, Runnable start) {
        try {
            start.run();
        } catch (PluginException e) {
            if (!config.optional()) {
                close();
                throw e;
            }
            LOG.error("plugin={} is optional and left out: {}", config.name(), e.getMessage(), e.getCause());
        }
    }

    private void run(Plugin plugin, PluginConfig config, @Nullable PluginFolder folder) {
        var registration = new Registration(config.name(), config.config(), host);
        try {
            plugin.start(registration);
        } catch (Throwable e) {
            throw new PluginException(
                    "plugin '" + config.name() + "' cannot start: " + reason(e)
                            + "; correct it, remove it from 'plugins:', or mark it 'optional: true'",
                    e);
        } finally {
            registration.end();
        }
        started.add(new Started(plugin, registration, folder));
        LOG.info("plugin={} started", config.name());
    }

    private static String reason(Throwable e) {
        return e.getMessage() == null ? e.toString() : e.getMessage();
    }

    private <T> List<T> all(Function<Registration, List<T>> kind) {
        return started.stream()
                .flatMap(plugin -> kind.apply(plugin.registration).stream())
                .toList();
    }

    /** Exchange types beside the built-in ones. */
    public List<ExchangeType> exchangeTypes() {
        return all(registration -> registration.exchangeTypes);
    }

    /** Those who look at messages on their way in. */
    public List<PublishInterceptor> publishInterceptors() {
        return all(registration -> registration.publishInterceptors);
    }

    /** Those who look at messages on their way out. */
    public List<DeliveryInterceptor> deliveryInterceptors() {
        return all(registration -> registration.deliveryInterceptors);
    }

    /** Checks credentials by the first plugin that knows them; empty when no plugin wants to. */
    public Optional<Authenticator> authenticator() {
        List<Authenticator> plugged = all(registration -> registration.authenticators);
        if (plugged.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of((user, password, remoteAddress) -> plugged.stream()
                .map(authenticator -> authenticator.authenticate(user, password, remoteAddress))
                .flatMap(Optional::stream)
                .findFirst());
    }

    /**
     * Allows what every plugin with an opinion allows, and everything to plugins.
     *
     * @param otherwise decides when no plugin has an opinion
     */
    public Authorizer authorizer(Authorizer otherwise) {
        List<Authorizer> plugged = all(registration -> registration.authorizers);
        List<Authorizer> deciding = plugged.isEmpty() ? List.of(otherwise) : plugged;
        return (identity, action, resource) -> {
            if (identity.mechanism().equals(Registration.MECHANISM)) {
                return true;
            }
            for (Authorizer authorizer : deciding) {
                if (!authorizer.allowed(identity, action, resource)) {
                    return false;
                }
            }
            return true;
        };
    }

    /** Stores beside the built-in ones. */
    public List<StoreProvider> storeProviders() {
        return all(registration -> registration.storeProviders);
    }

    /** Protocols beside the built-in one. */
    public List<Protocol> protocols() {
        return all(registration -> registration.protocols);
    }

    /** Those who hear what happens, as one. */
    public BrokerListener listener() {
        List<BrokerListener> plugged = all(registration -> registration.listeners);
        return (BrokerEvent event) -> {
            for (BrokerListener listener : plugged) {
                listener.on(event);
            }
        };
    }

    /** How often plugins failed after their start. */
    public long faults() {
        return started.stream()
                .mapToLong(plugin -> plugin.registration.faults().count())
                .sum();
    }

    /** Closes them, the last one first; what one of them throws is logged and does not keep the others. */
    @Override
    public void close() {
        List<Started> backwards = new ArrayList<>(started);
        Collections.reverse(backwards);
        started.clear();
        for (Started each : backwards) {
            try {
                each.plugin.close();
            } catch (Throwable e) {
                LOG.error("plugin={} did not close in order", each.plugin.name(), e);
            }
            if (each.folder != null) {
                each.folder.close();
            }
        }
    }
}
