package io.turnstone.broker.config;

import io.turnstone.api.Binding;
import io.turnstone.api.ExchangeSpec;
import io.turnstone.api.QueueSpec;
import io.turnstone.api.plugin.Plugin;
import io.turnstone.broker.security.Mechanism;
import io.turnstone.broker.security.User;
import io.turnstone.router.topology.DeclaredTopology;
import io.turnstone.router.topology.QueuePolicy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Everything a broker is told before it starts; made by {@link ConfigFile} from YAML or by {@link #builder} in code.
 * Immutable.
 *
 * @param node what the broker calls itself towards clients
 * @param loops the event loops
 * @param listeners where it listens
 * @param data the folder of everything it keeps: messages, logs, plugins' folders
 * @param store how messages are kept
 * @param admission who may come
 * @param topology what it makes at start
 * @param autoCreateQueues whether a plain name that nobody knows becomes a queue
 * @param limits what peers may take
 * @param plugins what is switched on
 * @param pluginFolder a folder with a folder for each plugin; empty for that of the distribution
 * @param embedded plugins handed in as objects, started after the others
 * @param stopTimeoutMs how long a stop waits for connections to end, in milliseconds
 */
public record BrokerConfig(
        String node,
        LoopConfig loops,
        List<ListenerConfig> listeners,
        Path data,
        StoreConfig store,
        Admission admission,
        DeclaredTopology topology,
        boolean autoCreateQueues,
        Limits limits,
        List<PluginConfig> plugins,
        Optional<Path> pluginFolder,
        List<Plugin> embedded,
        long stopTimeoutMs) {

    /** Milliseconds that a stop waits for connections to end, unless told otherwise. */
    public static final long DEFAULT_STOP_TIMEOUT_MS = 10_000;

    public BrokerConfig {
        listeners = List.copyOf(listeners);
        plugins = List.copyOf(plugins);
        embedded = List.copyOf(embedded);
    }

    /** A builder that starts from: loopback on a free port, MapDB in this folder, no users, no topology. */
    public static Builder builder(Path data) {
        return new Builder(data);
    }

    /** The same with other listeners, data folder or both; for command-line flags. */
    public BrokerConfig with(List<ListenerConfig> otherListeners, Path otherData) {
        return new BrokerConfig(
                node,
                loops,
                otherListeners,
                otherData,
                store,
                admission,
                topology,
                autoCreateQueues,
                limits,
                plugins,
                pluginFolder,
                embedded,
                stopTimeoutMs);
    }

    /** Collects what differs from the defaults. Used by one thread. */
    public static final class Builder {
        private final Path data;
        private String node = "turnstone";
        private LoopConfig loops = LoopConfig.DEFAULT;
        private final List<ListenerConfig> listeners = new ArrayList<>();
        private StoreConfig store = new StoreConfig("mapdb", Map.of());
        private Anonymous anonymous = Anonymous.LOOPBACK;
        private final List<User> users = new ArrayList<>();
        private final List<Mechanism> sasl = new ArrayList<>();
        private final List<ExchangeSpec> exchanges = new ArrayList<>();
        private final List<QueueSpec> queues = new ArrayList<>();
        private final List<Binding> bindings = new ArrayList<>();
        private final List<QueuePolicy> policies = new ArrayList<>();
        private boolean autoCreateQueues = true;
        private Limits limits = Limits.DEFAULT;
        private final List<PluginConfig> plugins = new ArrayList<>();
        private Optional<Path> pluginFolder = Optional.empty();
        private final List<Plugin> embedded = new ArrayList<>();
        private long stopTimeoutMs = DEFAULT_STOP_TIMEOUT_MS;

        private Builder(Path data) {
            this.data = data;
        }

        /** See {@link BrokerConfig#node}. */
        public Builder node(String value) {
            node = value;
            return this;
        }

        /** See {@link LoopConfig#count}. */
        public Builder loops(int count) {
            loops = new LoopConfig(count, loops.spin());
            return this;
        }

        /** One more listener; without any: AMQP on loopback with a free port. */
        public Builder listener(ListenerConfig value) {
            listeners.add(value);
            return this;
        }

        /** See {@link BrokerConfig#store}. */
        public Builder store(StoreConfig value) {
            store = value;
            return this;
        }

        /** See {@link Admission#anonymous}. */
        public Builder anonymous(Anonymous value) {
            anonymous = value;
            return this;
        }

        /** One more user; without any: guest with password guest on this machine. */
        public Builder user(User value) {
            users.add(value);
            return this;
        }

        /** One more mechanism for listeners that name none; without any: all that somebody can use. */
        public Builder sasl(Mechanism value) {
            sasl.add(value);
            return this;
        }

        /** One more exchange. */
        public Builder exchange(ExchangeSpec value) {
            exchanges.add(value);
            return this;
        }

        /** One more queue. */
        public Builder queue(QueueSpec value) {
            queues.add(value);
            return this;
        }

        /** One more binding. */
        public Builder binding(Binding value) {
            bindings.add(value);
            return this;
        }

        /** One more policy. */
        public Builder policy(QueuePolicy value) {
            policies.add(value);
            return this;
        }

        /** See {@link BrokerConfig#autoCreateQueues}. */
        public Builder autoCreateQueues(boolean value) {
            autoCreateQueues = value;
            return this;
        }

        /** See {@link BrokerConfig#limits}. */
        public Builder limits(Limits value) {
            limits = value;
            return this;
        }

        /** One more plugin from the plugin folder. */
        public Builder plugin(PluginConfig value) {
            plugins.add(value);
            return this;
        }

        /** See {@link BrokerConfig#pluginFolder}. */
        public Builder pluginFolder(Path value) {
            pluginFolder = Optional.of(value);
            return this;
        }

        /** One more plugin, as an object; its configuration, if any, is the {@link #plugin} of the same name. */
        public Builder plugin(Plugin value) {
            embedded.add(value);
            return this;
        }

        /** See {@link BrokerConfig#stopTimeoutMs}. */
        public Builder stopTimeoutMs(long value) {
            stopTimeoutMs = value;
            return this;
        }

        /** The configuration. */
        public BrokerConfig build() {
            return new BrokerConfig(
                    node,
                    loops,
                    listeners.isEmpty() ? List.of(ListenerConfig.amqp("127.0.0.1", 0)) : listeners,
                    data,
                    store,
                    new Admission(
                            anonymous,
                            users.isEmpty() ? Optional.empty() : Optional.of(users),
                            Map.of(),
                            Optional.empty(),
                            sasl),
                    new DeclaredTopology(queues, exchanges, bindings, policies),
                    autoCreateQueues,
                    limits,
                    plugins,
                    pluginFolder,
                    embedded,
                    stopTimeoutMs);
        }
    }
}
