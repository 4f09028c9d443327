package io.turnstone.broker.config;

import io.turnstone.api.Binding;
import io.turnstone.broker.security.Mechanism;
import io.turnstone.broker.security.Permission;
import io.turnstone.broker.security.TokenTerms;
import io.turnstone.router.topology.QueuePolicy;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The keys of the file itself. */
final class ConfigShape {

    private ConfigShape() {}

    static final Key<String> NODE = Key.possible(
            "node", Types.TEXT, "what the broker calls itself towards clients; without it the machine's name");
    static final Key<Integer> LOOPS =
            Key.optional("loops", Types.integer(1, 256), 0, "event loops; without it half of the processors, 1 to 8");
    static final Key<Boolean> SPIN = Key.optional(
            "spin",
            Types.BOOL,
            LoopConfig.DEFAULT.spin(),
            "whether an event loop waits awake for a moment where messages come and go one after the other");
    static final Key<List<Declared<ListenerConfig>>> LISTENERS = Key.possible(
            "listeners",
            Types.listOf(ListenerShape.listener(), "listener"),
            "where the broker listens; without it amqp on 127.0.0.1:5672");
    static final Key<Values> STORE = Key.possible("store", ServerShapes.store(), "where messages are kept");
    static final Key<Anonymous> ANONYMOUS = Key.optional(
            "anonymous",
            Types.oneOf(anonymous()),
            Anonymous.LOOPBACK,
            "from where clients may come without credentials");
    static final Key<Map<String, Values>> USERS = Key.possible(
            "users",
            Types.mapOf(ServerShapes.user(), name -> "user '" + name + "'", TopologyShapes.NAME_SCHEMA),
            "who may come; without it guest with password guest, from this machine only");
    static final Key<Map<String, List<Permission>>> ROLES = Key.optional(
            "roles",
            Types.mapOf(ServerShapes.role(), name -> "role '" + name + "'", Map.of()),
            Map.of(),
            "what those may do whose tokens name a role");
    static final Key<TokenTerms> TOKENS = Key.possible("tokens", TokenShape.tokens(), "which tokens are taken");
    static final Key<List<Mechanism>> SASL = Key.optional(
            "sasl",
            ListenerShape.mechanisms(),
            List.of(),
            "how clients may log in; without it every way that somebody can use");
    static final Key<Map<String, Values>> EXCHANGES = Key.optional(
            "exchanges",
            Types.mapOf(TopologyShapes.exchange(), name -> "exchange '" + name + "'", TopologyShapes.NAME_SCHEMA),
            Map.of(),
            "exchanges by name");
    static final Key<Map<String, Values>> QUEUES = Key.optional(
            "queues",
            Types.mapOf(TopologyShapes.queue(), name -> "queue '" + name + "'", TopologyShapes.NAME_SCHEMA),
            Map.of(),
            "queues by name");
    static final Key<List<Declared<Binding>>> BINDINGS = Key.optional(
            "bindings",
            Types.listOf(TopologyShapes.binding(), "binding"),
            List.of(),
            "which messages of an exchange go where");
    static final Key<List<Declared<QueuePolicy>>> POLICIES = Key.optional(
            "policies",
            Types.listOf(TopologyShapes.policy(), "policy"),
            List.of(),
            "settings for queues by the pattern of their names; of several that match the first counts");
    static final Key<Boolean> AUTO_CREATE =
            Key.optional("auto-create", ServerShapes.autoCreate(), true, "what is made when a client uses it first");
    static final Key<Limits> LIMITS =
            Key.optional("limits", ServerShapes.limits(), Limits.DEFAULT, "what peers may take");
    static final Key<List<Declared<PluginConfig>>> PLUGINS =
            Key.optional("plugins", Types.listOf(ServerShapes.plugin(), "plugin"), List.of(), "what is switched on");
    static final Key<Path> PLUGIN_FOLDER = Key.possible(
            "plugin-folder", Types.PATH, "a folder with a folder for each plugin; without it that of the distribution");
    static final Key<Long> STOP_TIMEOUT = Key.optional(
            "stop-timeout",
            Types.duration(0),
            BrokerConfig.DEFAULT_STOP_TIMEOUT_MS,
            "how long a stop waits for connections to end");

    /** Reads the keys; what they mean together is {@link ConfigFile}'s. */
    static final Shape<Values> FILE = Shape.ofValues(
            List.of(
                    NODE,
                    LOOPS,
                    SPIN,
                    LISTENERS,
                    STORE,
                    ANONYMOUS,
                    USERS,
                    ROLES,
                    TOKENS,
                    SASL,
                    EXCHANGES,
                    QUEUES,
                    BINDINGS,
                    POLICIES,
                    AUTO_CREATE,
                    LIMITS,
                    PLUGINS,
                    PLUGIN_FOLDER,
                    STOP_TIMEOUT),
            false);

    /** The JSON Schema of the file, for editors. */
    static Map<String, Object> schema() {
        var schema = new LinkedHashMap<String, Object>();
        schema.put("$schema", "https://json-schema.org/draft/2020-12/schema");
        schema.put("title", "Configuration of the Turnstone message broker");
        schema.putAll(FILE.schema());
        return schema;
    }

    private static Map<String, Anonymous> anonymous() {
        var words = TopologyShapes.ordered("loopback", Anonymous.LOOPBACK, "never", Anonymous.NEVER);
        words.put("anywhere", Anonymous.ANYWHERE);
        return words;
    }
}
