package io.turnstone.broker.plugin;

import io.turnstone.api.Identity;
import io.turnstone.api.Loop;
import io.turnstone.api.MessageFormat;
import io.turnstone.api.Peer;
import io.turnstone.api.Router;
import io.turnstone.api.plugin.Authenticator;
import io.turnstone.api.plugin.Authorizer;
import io.turnstone.api.plugin.BrokerListener;
import io.turnstone.api.plugin.BrokerView;
import io.turnstone.api.plugin.DeliveryInterceptor;
import io.turnstone.api.plugin.ExchangeType;
import io.turnstone.api.plugin.PluginContext;
import io.turnstone.api.plugin.Protocol;
import io.turnstone.api.plugin.PublishInterceptor;
import io.turnstone.api.store.StoreProvider;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What one plugin registers, behind walls. Written by the thread that starts the broker, until the plugin has started. */
final class Registration implements PluginContext {

    /** How somebody is proven to be a plugin. */
    static final String MECHANISM = "PLUGIN";

    final List<ExchangeType> exchangeTypes = new ArrayList<>();
    final List<PublishInterceptor> publishInterceptors = new ArrayList<>();
    final List<DeliveryInterceptor> deliveryInterceptors = new ArrayList<>();
    final List<Authenticator> authenticators = new ArrayList<>();
    final List<Authorizer> authorizers = new ArrayList<>();
    final List<StoreProvider> storeProviders = new ArrayList<>();
    final List<Protocol> protocols = new ArrayList<>();
    final List<BrokerListener> listeners = new ArrayList<>();

    private final String name;
    private final Map<String, Object> config;
    private final PluginHost host;
    private final Peer peer;
    private final Faults faults;
    private volatile boolean ended;

    Registration(String name, Map<String, Object> config, PluginHost host) {
        this.name = name;
        this.config = config;
        this.host = host;
        var identity = new Identity("plugin " + name, MECHANISM);
        peer = new Peer(host.connectionIds().getAsLong(), "plugin", name, identity, "");
        faults = new Faults(name);
    }

    void end() {
        ended = true;
    }

    Faults faults() {
        return faults;
    }

    private <T> void register(List<T> list, T isolated) {
        if (ended) {
            throw new IllegalStateException("plugin '" + name + "': registration ends when start() returns");
        }
        list.add(isolated);
    }

    @Override
    public Map<String, Object> config() {
        return config;
    }

    @Override
    public System.Logger logger() {
        return System.getLogger("turnstone.plugin." + name);
    }

    @Override
    public Path folder() {
        Path folder = host.folder().resolve(name);
        try {
            return Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make the plugin's folder " + folder, e);
        }
    }

    @Override
    public BrokerView broker() {
        return host.view();
    }

    @Override
    public Router router() {
        return host.router();
    }

    @Override
    public Loop loop() {
        return host.loop().get();
    }

    @Override
    public Peer peer() {
        return peer;
    }

    @Override
    public MessageFormat format(String id) {
        MessageFormat format = host.formats().get(id);
        if (format == null) {
            throw new IllegalArgumentException("there is no format '" + id + "'; known are: "
                    + host.formats().keySet());
        }
        return format;
    }

    @Override
    public void exchangeType(ExchangeType type) {
        register(exchangeTypes, new IsolatedExchangeType(type.name(), type, faults));
    }

    @Override
    public void publishInterceptor(PublishInterceptor interceptor) {
        register(publishInterceptors, new Isolated.Publishing(interceptor, faults));
    }

    @Override
    public void deliveryInterceptor(DeliveryInterceptor interceptor) {
        register(deliveryInterceptors, new Isolated.Delivering(interceptor, faults));
    }

    @Override
    public void authenticator(Authenticator authenticator) {
        register(authenticators, new Isolated.Authenticating(authenticator, faults));
    }

    @Override
    public void authorizer(Authorizer authorizer) {
        register(authorizers, new Isolated.Authorizing(authorizer, faults));
    }

    @Override
    public void storeProvider(StoreProvider provider) {
        register(storeProviders, provider); // a store that fails is not isolated: nothing can go on without it
    }

    @Override
    public void protocol(Protocol protocol) {
        register(protocols, new IsolatedProtocol(protocol.name(), protocol, faults));
    }

    @Override
    public void listener(BrokerListener listener) {
        register(listeners, new Isolated.Listening(listener, faults));
    }
}
