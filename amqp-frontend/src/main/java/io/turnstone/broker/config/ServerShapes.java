package io.turnstone.broker.config;

import io.turnstone.amqp.LastingLimits;
import io.turnstone.api.plugin.Authorizer.Action;
import io.turnstone.broker.security.Glob;
import io.turnstone.broker.security.Permission;
import io.turnstone.router.topology.TransactionLimits;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/** The keys under {@code store}, {@code users}, {@code limits}, {@code auto-create}, {@code plugins}. */
final class ServerShapes {

    private ServerShapes() {}

    // ---- store
    static final Key<String> STORE_TYPE =
            Key.optional("type", Types.TEXT, "mapdb", "mapdb, memory or the store of a plugin");
    static final Key<Path> STORE_PATH = Key.possible(
            "path", Types.PATH, "the data folder; without it ./turnstone-data below the working directory");

    static Shape<Values> store() {
        return Shape.ofValues(List.of(STORE_TYPE, STORE_PATH), true);
    }

    // ---- users
    /** Read as text: whether there may be one at all depends on the user. */
    private static final Type<String> VERIFIER = new Type<>() {
        @Override
        public @Nullable String read(Node node, String label, Reading reading) {
            return Types.TEXT.read(node, label, reading);
        }

        @Override
        public Map<String, Object> schema() {
            return Map.of("type", "string", "pattern", "^(SCRAM-SHA-(256|512)\\$.*|\\$\\{.*)$");
        }
    };

    private static final Key<List<Action>> ALLOW =
            Key.required("allow", Types.oneOrMore(actions()), "lists actions: publish, consume, declare, manage");
    private static final Key<List<String>> ON = Key.required(
            "on",
            Types.oneOrMore(resource()),
            "names queues or exchanges: /queues/NAME or /exchanges/NAME/KEY, * within a part, ** across");
    private static final Shape<Permission> PERMISSION = Shape.of(
            values -> new Permission(
                    values.get(ALLOW).isEmpty() ? EnumSet.noneOf(Action.class) : EnumSet.copyOf(values.get(ALLOW)),
                    values.get(ON).stream().map(Glob::of).toList()),
            ALLOW,
            ON);
    static final Key<List<String>> USER_PASSWORD =
            Key.possible("password", Types.oneOrMore(VERIFIER), "a verifier made by: turnstone hash-password");
    static final Key<List<String>> CERTIFICATES = Key.optional(
            "certificates",
            Types.oneOrMore(Types.TEXT),
            List.of(),
            "names by which certificates mean this user, beside the user's own");
    static final Key<List<Permission>> PERMISSIONS =
            Key.optional("permissions", permissions(), List.of(), "what the user may do; without it everything");

    static Shape<Values> user() {
        return Shape.ofValues(List.of(USER_PASSWORD, CERTIFICATES, PERMISSIONS), false);
    }

    static Shape<List<Permission>> role() {
        return Shape.of(values -> values.get(PERMISSIONS), PERMISSIONS);
    }

    private static Type<List<Permission>> permissions() {
        Type<List<Permission>> list = Types.listOf(PERMISSION, "permission");
        return new Type<>() {
            @Override
            public @Nullable List<Permission> read(Node node, String label, Reading reading) {
                if (node instanceof SequenceNode sequence && sequence.getValue().isEmpty()) {
                    reading.problem(
                            node,
                            label,
                            "must not be empty, which would allow everything; name what the user may do,"
                                    + " or leave the key out");
                    return null;
                }
                return list.read(node, label, reading);
            }

            @Override
            public Map<String, Object> schema() {
                return list.schema();
            }
        };
    }

    private static Type<Action> actions() {
        var words = new LinkedHashMap<String, Action>();
        for (Action action : Action.values()) {
            words.put(action.name().toLowerCase(Locale.ROOT), action);
        }
        return Types.oneOf(words);
    }

    private static Type<String> resource() {
        return new Type<>() {
            @Override
            public @Nullable String read(Node node, String label, Reading reading) {
                String text = Types.TEXT.read(node, label, reading);
                boolean known = text == null
                        || text.startsWith("/queues/")
                        || text.startsWith("/exchanges/")
                        || text.startsWith("*")
                        || text.startsWith("/*");
                if (!known) {
                    reading.problem(
                            node, label, "must start with /queues/ or /exchanges/, which '" + text + "' does not");
                }
                return text;
            }

            @Override
            public Map<String, Object> schema() {
                return Map.of("type", "string");
            }
        };
    }

    // ---- limits
    private static final Key<Integer> CONNECTIONS = Key.optional(
            "connections",
            Types.integer(1, 1_000_000),
            Limits.DEFAULT.connections(),
            "open connections at most, over all listeners");
    private static final Key<Integer> ACCEPT_RATE = Key.optional(
            "accept-rate",
            Types.integer(1, 1_000_000),
            Limits.DEFAULT.acceptRate(),
            "new connections per second at most, for each listener");
    private static final Key<Long> MAX_FRAME =
            Key.optional("max-frame", Types.size(512, 16 << 20), (long) Limits.DEFAULT.maxFrame(), "the largest frame");
    private static final Key<Long> MAX_MESSAGE =
            Key.optional("max-message", Types.size(1024, 1L << 40), Limits.DEFAULT.maxMessage(), "the largest message");
    private static final Key<Long> SPOOL_ABOVE = Key.optional(
            "spool-above",
            Types.size(64 << 10, 64 << 20),
            (long) Limits.DEFAULT.spoolAbove(),
            "larger messages are kept in files of their own, never whole in memory");
    private static final Key<Long> IDLE_TIMEOUT = Key.optional(
            "idle-timeout",
            Types.duration(0),
            Limits.DEFAULT.idleTimeoutMs(),
            "connections that say nothing for this long are closed; 0 for never");
    private static final Key<Integer> SESSIONS =
            Key.optional("sessions", Types.integer(1, 65_536), Limits.DEFAULT.sessions(), "sessions of one connection");
    private static final Key<Integer> LINKS =
            Key.optional("links", Types.integer(1, 65_536), Limits.DEFAULT.links(), "links of one session");

    private static final Key<Long> HANDSHAKE_TIMEOUT = Key.optional(
            "handshake-timeout",
            Types.duration(100),
            Limits.DEFAULT.handshakeTimeoutMs(),
            "connections that are not open after this long are closed");
    private static final Key<Long> MAX_DELAY = Key.optional(
            "max-delay",
            Types.duration(0),
            Limits.DEFAULT.maxDelayMs(),
            "how far from its arrival a publisher may delay a message; 0 refuses all that are delayed");

    private static final Key<Integer> OPEN = Key.optional(
            "open",
            Types.integer(1, 1_000_000),
            TransactionLimits.DEFAULT.open(),
            "transactions of one connection that are open at the same time");
    private static final Key<Integer> WORK = Key.optional(
            "messages",
            Types.integer(1, 10_000_000),
            TransactionLimits.DEFAULT.work(),
            "messages that are sent and settled in one transaction");
    private static final Key<Long> WORK_BYTES = Key.optional(
            "bytes",
            Types.size(1024, 1L << 40),
            TransactionLimits.DEFAULT.bytes(),
            "bytes of the messages that are sent in one transaction");
    private static final Key<Long> AGE = Key.optional(
            "timeout",
            Types.duration(0),
            TransactionLimits.DEFAULT.timeoutMs(),
            "a transaction that is open for this long is rolled back; 0 for never");
    private static final Key<TransactionLimits> TRANSACTIONS = Key.optional(
            "transactions",
            Shape.of(
                    values -> new TransactionLimits(
                            values.get(OPEN), values.get(WORK), values.get(WORK_BYTES), values.get(AGE)),
                    OPEN,
                    WORK,
                    WORK_BYTES,
                    AGE),
            TransactionLimits.DEFAULT,
            "what one client may do in transactions");

    private static final Key<Integer> RECOVERED_OF_CONTAINER = Key.optional(
            "container",
            Types.integer(0, 10_000_000),
            LastingLimits.DEFAULT.perContainer(),
            "links of one container that keep track of their deliveries");
    private static final Key<Integer> RECOVERED = Key.optional(
            "broker",
            Types.integer(0, 10_000_000),
            LastingLimits.DEFAULT.links(),
            "links of the broker that keep track of their deliveries");
    private static final Key<Integer> RECOVERED_DELIVERIES = Key.optional(
            "deliveries",
            Types.integer(0, 10_000_000),
            LastingLimits.DEFAULT.deliveries(),
            "unsettled deliveries that a link holds while it is away; the youngest beyond them return to the queue");
    private static final Key<Long> RECOVERED_BYTES =
            Key.optional("bytes", Types.size(0, 1L << 40), LastingLimits.DEFAULT.bytes(), "bytes of these deliveries");
    private static final Key<LastingLimits> LINK_RECOVERY = Key.optional(
            "link-recovery",
            Shape.of(
                    values -> new LastingLimits(
                            values.get(RECOVERED_OF_CONTAINER),
                            values.get(RECOVERED),
                            values.get(RECOVERED_DELIVERIES),
                            values.get(RECOVERED_BYTES)),
                    RECOVERED_OF_CONTAINER,
                    RECOVERED,
                    RECOVERED_DELIVERIES,
                    RECOVERED_BYTES),
            LastingLimits.DEFAULT,
            "what links may hold that outlive their connections");

    static Shape<Limits> limits() {
        return Shape.of(
                values -> new Limits(
                        values.get(CONNECTIONS),
                        values.get(ACCEPT_RATE),
                        Math.toIntExact(values.get(MAX_FRAME)),
                        values.get(MAX_MESSAGE),
                        Math.toIntExact(values.get(SPOOL_ABOVE)),
                        values.get(IDLE_TIMEOUT),
                        values.get(SESSIONS),
                        values.get(LINKS),
                        values.get(HANDSHAKE_TIMEOUT),
                        values.get(TRANSACTIONS),
                        values.get(LINK_RECOVERY),
                        values.get(MAX_DELAY)),
                CONNECTIONS,
                ACCEPT_RATE,
                MAX_FRAME,
                MAX_MESSAGE,
                SPOOL_ABOVE,
                IDLE_TIMEOUT,
                SESSIONS,
                LINKS,
                HANDSHAKE_TIMEOUT,
                TRANSACTIONS,
                LINK_RECOVERY,
                MAX_DELAY);
    }

    // ---- auto-create
    private static final Key<Boolean> AUTO_QUEUES = Key.optional(
            "queues", Types.BOOL, true, "whether a plain name that nobody knows becomes a durable queue on first use");

    static Shape<Boolean> autoCreate() {
        return Shape.of(values -> values.get(AUTO_QUEUES), AUTO_QUEUES);
    }

    // ---- plugins
    static final Key<String> PLUGIN_NAME =
            Key.required("name", Types.TEXT, "is the plugin's name and its folder's below plugins/");
    private static final Key<Boolean> OPTIONAL =
            Key.optional("optional", Types.BOOL, false, "whether the broker runs without it when it cannot start");
    private static final Key<Map<String, Object>> CONFIG =
            Key.optional("config", Types.ANY_MAP, Map.of(), "what is handed to the plugin");

    static Type<Declared<PluginConfig>> plugin() {
        Shape<Declared<PluginConfig>> shape = Shape.of(
                values -> new Declared<>(
                        new PluginConfig(values.get(PLUGIN_NAME), values.get(OPTIONAL), values.get(CONFIG)), values),
                PLUGIN_NAME,
                OPTIONAL,
                CONFIG);
        return new Type<>() {
            @Override
            public @Nullable Declared<PluginConfig> read(Node node, String label, Reading reading) {
                if (node instanceof ScalarNode scalar && !Types.isNull(node)) {
                    reading.problem(
                            node, label, "must be a mapping, not a word; write { name: " + scalar.getValue() + " }");
                    return null;
                }
                return shape.read(node, label, reading);
            }

            @Override
            public Map<String, Object> schema() {
                return shape.schema();
            }
        };
    }
}
