package io.turnstone.broker;

import io.turnstone.amqp.AmqpProtocol;
import io.turnstone.amqp.AmqpSettings;
import io.turnstone.amqp.LastingLimits;
import io.turnstone.amqp.message.AmqpFormat;
import io.turnstone.amqp.terms.KeptFilters;
import io.turnstone.api.MessageFormat;
import io.turnstone.api.Router;
import io.turnstone.api.plugin.Authorizer;
import io.turnstone.api.plugin.BrokerEvent;
import io.turnstone.api.plugin.BrokerView;
import io.turnstone.api.plugin.Protocol;
import io.turnstone.api.store.MessageStore;
import io.turnstone.api.store.StoreException;
import io.turnstone.api.store.StoreProvider;
import io.turnstone.broker.Shutdown.Step;
import io.turnstone.broker.config.BrokerConfig;
import io.turnstone.broker.config.Limits;
import io.turnstone.broker.config.ListenerConfig;
import io.turnstone.broker.host.HostException;
import io.turnstone.broker.host.VertxHost;
import io.turnstone.broker.plugin.PluginException;
import io.turnstone.broker.plugin.PluginHost;
import io.turnstone.broker.plugin.Plugins;
import io.turnstone.broker.security.Logins;
import io.turnstone.router.RouterCore;
import io.turnstone.router.RouterSettings;
import io.turnstone.router.queue.HeldLimit;
import io.turnstone.router.topology.RouterLimits;
import io.turnstone.store.MapDbStoreProvider;
import io.turnstone.store.MemoryStoreProvider;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

/**
 * A whole broker in this JVM: what {@code turnstone start} runs, and what tests of applications can run.
 *
 * <pre>{@code
 * try (Broker broker = Broker.start(BrokerConfig.builder(temporaryFolder).build())) {
 *     connectTo("amqp://" + broker.address());
 * }
 * }</pre>
 *
 * <p>Any number may run in one JVM, each with a data folder of its own.
 *
 * <p><b>Threads:</b> any; {@link #start}, {@link #reload} and {@link #close} block until done.
 *
 * <p><b>Errors:</b> a broker that cannot start leaves nothing behind and throws {@link BrokerException}.
 */
public final class Broker implements AutoCloseable {

    private static final Logger LOG = LogManager.getLogger(Broker.class);
    private static final long TOPOLOGY_SECONDS = 60;

    private static final Map<String, MessageFormat> FORMATS =
            Map.of(AmqpFormat.INSTANCE.id(), new KeptFilters(AmqpFormat.INSTANCE));

    private final Shutdown shutdown = new Shutdown();
    private final LiveView view;
    private final VertxHost host;
    private final RouterCore router;
    private final Reload reload;
    private final Path data;
    private final AtomicBoolean closed = new AtomicBoolean();

    /**
     * Starts a broker; when this returns it accepts connections.
     *
     * @throws BrokerException when it cannot; the message says why and what to do
     */
    public static Broker start(BrokerConfig config) {
        return new Broker(config);
    }

    private Broker(BrokerConfig config) {
        view = new LiveView(config.node());
        try {
            var folder = DataFolder.open(config.data());
            shutdown.then(Step.FOLDER, folder::close);
            data = folder.path();
            var lateRouter = new LateRouter();
            var connectionIds = new AtomicLong();
            var plugins = new Plugins(new PluginHost(
                    data.resolve("plugins"),
                    view,
                    lateRouter,
                    lateRouter::loop,
                    connectionIds::incrementAndGet,
                    FORMATS));
            plugins.start(config.plugins(), config.pluginFolder(), config.embedded());
            shutdown.then(Step.PLUGINS, plugins::close);
            boolean strangers = plugins.authenticator().isPresent();
            var access = new Access(config.admission(), strangers, folder.secret());
            var logins = new Logins(
                    plugins.authenticator().orElseGet(access::users),
                    (user, remote) -> plugins.listener().on(new BrokerEvent.LoginFailed(user, remote)));
            shutdown.then(Step.LOGINS, logins::close);
            if (!strangers) {
                logins.prepare(access.users()::rehearse);
            }
            host = new VertxHost(
                    config.loops(),
                    config.limits().connections(),
                    config.limits().acceptRate());
            shutdown.then(Step.LOOPS, host::close);
            MessageStore store = openStore(config, folder, plugins);
            shutdown.then(Step.STORE, store::close);
            router = RouterCore.start(routerSettings(config, plugins, plugins.authorizer(access)), host.loops(), store);
            shutdown.then(Step.ROUTER, () -> await(router.stop(), "the router to stop"));
            lateRouter.is(router, host.loops().get(0));
            view.of(host, router, store);
            reload = new Reload(config, router, access, strangers ? null : logins, host);
            reload.declare(config.topology());
            listen(
                    config,
                    plugins,
                    amqpSettings(config, store),
                    new ProtocolHost.Shared(router, store.spool(), logins, access, plugins.listener(), connectionIds));
            var control = new Control(
                    () -> StatusReport.of(view, host.addresses(), plugins.faults()),
                    router.topology(),
                    new StoreControl(store));
            shutdown.then(Step.CONTROL, ControlServer.start(data, control)::close);
        } catch (PluginException | StoreException | HostException | IllegalArgumentException e) {
            shutdown.run();
            throw new BrokerException(String.valueOf(e.getMessage()), e);
        } catch (RuntimeException | Error e) {
            shutdown.run();
            throw e;
        }
        LOG.info(
                "started node={} version={} loops={} transport={} listeners={} data={}",
                config.node(),
                Version.text(),
                host.loops().size(),
                host.nativeTransport() ? "native" : "nio",
                host.addresses(),
                data);
    }

    private static MessageStore openStore(BrokerConfig config, DataFolder folder, Plugins plugins) {
        List<StoreProvider> providers = new ArrayList<>(plugins.storeProviders());
        providers.add(new MapDbStoreProvider());
        providers.add(new MemoryStoreProvider());
        String type = config.store().type();
        for (StoreProvider provider : providers) {
            if (provider.type().equals(type)) {
                return provider.open(folder.store(), config.store().options());
            }
        }
        throw new BrokerException(
                "there is no store of type '" + type + "'; known are: "
                        + String.join(
                                ", ",
                                providers.stream().map(StoreProvider::type).toList()),
                null);
    }

    private static RouterSettings routerSettings(BrokerConfig config, Plugins plugins, Authorizer authorizer) {
        LastingLimits lasting = config.limits().linkRecovery();
        return new RouterSettings(
                config.autoCreateQueues(),
                authorizer,
                plugins.exchangeTypes(),
                plugins.publishInterceptors(),
                plugins.deliveryInterceptors(),
                plugins.listener()::on,
                FORMATS,
                Runtime.getRuntime().maxMemory() / 4,
                RouterLimits.DEFAULT
                        .with(config.limits().transactions())
                        .with(new HeldLimit(lasting.deliveries(), lasting.bytes()))
                        .maxDelayMs(config.limits().maxDelayMs()));
    }

    private void listen(BrokerConfig config, Plugins plugins, AmqpSettings amqp, ProtocolHost.Shared shared) {
        Map<String, Protocol> protocols = new LinkedHashMap<>();
        plugins.protocols().forEach(protocol -> protocols.put(protocol.name(), protocol));
        var amqpProtocol = new AmqpProtocol(amqp);
        view.suspended(amqpProtocol::suspendedLinks);
        protocols.put("amqp", amqpProtocol);
        shutdown.then(Step.LISTENERS, () -> host.stopListening(config.stopTimeoutMs()));
        for (ListenerConfig listener : config.listeners()) {
            Protocol protocol = protocols.get(listener.protocol());
            if (protocol == null) {
                throw new BrokerException(
                        "listeners: there is no protocol '" + listener.protocol() + "'; known are: "
                                + String.join(", ", protocols.keySet()),
                        null);
            }
            host.listen(listener, protocol, new ProtocolHost(shared, listener));
        }
    }

    private static AmqpSettings amqpSettings(BrokerConfig config, MessageStore store) {
        Limits limits = config.limits();
        long largest =
                store.spool().isPresent() ? limits.maxMessage() : Math.min(limits.maxMessage(), store.maxBodyBytes());
        var usual = AmqpSettings.of(config.node(), Version.text());
        return usual.withMaxFrameSize(limits.maxFrame())
                .withLinks(limits.sessions() - 1, limits.links() - 1, usual.maxLinks())
                .withMaxMessageBytes(largest)
                .withSpoolBytes(Math.min(limits.spoolAbove(), store.maxBodyBytes()))
                .withIdleTimeoutMs(Math.min(limits.idleTimeoutMs(), Integer.MAX_VALUE))
                .withHandshakeLimitMs(limits.handshakeTimeoutMs())
                .withLasting(limits.linkRecovery());
    }

    /** The port of the first AMQP listener. */
    public int port() {
        String address = address();
        return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
    }

    /**
     * The port of the first listener of a scheme.
     *
     * @param scheme {@code amqp}, {@code amqps} or a plugin's protocol, with {@code s} when it is encrypted
     */
    public int port(String scheme) {
        List<String> addresses = host.addresses().get(scheme);
        if (addresses == null) {
            throw new IllegalArgumentException("no listener for '" + scheme + "'; there are: " + host.addresses());
        }
        String address = addresses.get(0);
        return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
    }

    /** Host and port of the first listener. */
    public String address() {
        return host.addresses().values().iterator().next().get(0);
    }

    /** Hosts and ports of the listeners by scheme, such as {@code amqp} and {@code amqps}, in the order configured. */
    public Map<String, List<String>> addresses() {
        return host.addresses();
    }

    /** The folder of everything it keeps. */
    public Path data() {
        return data;
    }

    /** The broker in figures. */
    public BrokerView view() {
        return view;
    }

    /** The core, to look at and change queues, exchanges and bindings from within this JVM. */
    public Router router() {
        return router;
    }

    /**
     * Takes over what can change while it runs: topology, policies, users, permissions, certificates. What cannot is
     * named in the log and left.
     *
     * @return whether the configuration was taken over; false when the declared topology contradicts itself
     */
    public boolean reload(BrokerConfig config) {
        return reload.apply(config);
    }

    /**
     * Stops: no new connections, a good-bye to each open one, what was accepted is committed, the store is closed.
     * Takes at most the configured time plus that of the store. Later calls do nothing.
     */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            LOG.info("stopping node={}", view.node());
            shutdown.run();
            LOG.info("stopped node={}", view.node());
        }
    }

    static <T> T await(CompletionStage<T> stage, String what) {
        try {
            return stage.toCompletableFuture().get(TOPOLOGY_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new BrokerException("waited for " + what + ": " + cause.getMessage(), cause);
        } catch (TimeoutException e) {
            throw new BrokerException("waited in vain for " + what, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BrokerException("interrupted while waiting for " + what, e);
        }
    }
}
