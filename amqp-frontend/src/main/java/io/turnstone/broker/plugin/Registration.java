package io.turnstone.broker.plugin;

import io.turnstone.api.MessageFormat;
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
    private final Path folder;
    private final BrokerView broker;
    private final Router router;
    private final Map<String, MessageFormat> formats;
    private final Faults faults;
    private volatile boolean ended;

    Registration(
            String name,
            Map<String, Object> config,
            Path folder,
            BrokerView broker,
            Router router,
            Map<String, MessageFormat> formats) {
        this.name = name;
        this.config = config;
        this.folder = folder;
        this.broker = broker;
        this.router = router;
        this.formats = formats;
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
        try {
            return Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make the plugin's folder " + folder, e);
        }
    }

    @Override
    public BrokerView broker() {
        return broker;
    }

    @Override
    public Router router() {
        return router;
    }

    @Override
    public MessageFormat format(String id) {
        MessageFormat format = formats.get(id);
        if (format == null) {
            throw new IllegalArgumentException("there is no format '" + id + "'; known are: " + formats.keySet());
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
