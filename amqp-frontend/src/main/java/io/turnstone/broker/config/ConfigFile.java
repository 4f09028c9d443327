package io.turnstone.broker.config;

import io.turnstone.broker.security.User;
import io.turnstone.router.topology.DeclaredTopology;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;

/**
 * Reads configuration files. Each method reads the whole file, collects every problem, and either answers a valid
 * configuration or throws one {@link ConfigException} that lists them all.
 */
public final class ConfigFile {

    /** Where messages are kept unless told otherwise. */
    public static final Path DEFAULT_DATA = Path.of("turnstone-data");

    /** The port of AMQP. */
    public static final int DEFAULT_PORT = 5672;

    private ConfigFile() {}

    /** Reads a file with the variables of this process' environment. */
    public static BrokerConfig read(Path file) {
        return read(file, System.getenv());
    }

    /** Reads a file with these variables; relative paths in it start from its folder. */
    public static BrokerConfig read(Path file, Map<String, String> environment) {
        var problems = new Problems(file.toString());
        String text = "";
        try {
            text = Files.readString(file);
        } catch (NoSuchFileException e) {
            problems.add(0, 0, "there is no such file");
        } catch (CharacterCodingException e) {
            problems.add(0, 0, "is not UTF-8; save it as UTF-8");
        } catch (IOException e) {
            problems.add(0, 0, "cannot be read: " + e.getMessage());
        }
        problems.throwIfAny();
        Path folder = file.toAbsolutePath().normalize().getParent();
        return parse(text, new Reading(problems, folder == null ? Path.of("") : folder, environment));
    }

    /** Reads a text; relative paths in it start from {@code base}. */
    public static BrokerConfig parse(String name, String text, Path base, Map<String, String> environment) {
        return parse(text, new Reading(new Problems(name), base, environment));
    }

    /** The configuration of a broker that has no file. */
    public static BrokerConfig defaults() {
        return parse("defaults", "", Path.of(""), Map.of());
    }

    /** The JSON Schema of the file, for editors. */
    public static Map<String, Object> schema() {
        return ConfigShape.schema();
    }

    private static BrokerConfig parse(String text, Reading reading) {
        Problems problems = reading.problems();
        Optional<Node> root = Optional.empty();
        try {
            root = new Compose(LoadSettings.builder().build()).composeString(text);
        } catch (MarkedYamlEngineException e) {
            Optional<Mark> mark = e.getProblemMark();
            problems.add(
                    mark.map(Mark::getLine).orElse(-1) + 1,
                    mark.map(Mark::getColumn).orElse(-1) + 1,
                    "is not YAML: " + e.getProblem() + "; look at quotes, brackets and indentation here");
        } catch (YamlEngineException e) {
            problems.add(1, 1, "is not YAML: " + e.getMessage());
        }
        problems.throwIfAny();
        Values values = ConfigShape.FILE.read(root.orElseGet(ConfigFile::emptyNode), "", reading);
        if (values == null) {
            throw new IllegalStateException("the keys of a file are read leniently");
        }
        BrokerConfig config = build(values); // also when some keys were bad: what else is wrong is worth knowing
        problems.throwIfAny();
        return config;
    }

    private static Node emptyNode() {
        return new Compose(LoadSettings.builder().build()).composeString("{}").orElseThrow();
    }

    private static BrokerConfig build(Values file) {
        DeclaredTopology topology = new TopologyChecks(file).topology();
        List<ListenerConfig> listeners = new ServerChecks(file).listeners();
        Values store = file.given(ConfigShape.STORE) ? file.get(ConfigShape.STORE) : null;
        Path data = DEFAULT_DATA;
        var storeConfig = new StoreConfig("mapdb", Map.of());
        if (store != null) {
            storeConfig = new StoreConfig(store.get(ServerShapes.STORE_TYPE), store.extra());
            data = store.given(ServerShapes.STORE_PATH) ? store.get(ServerShapes.STORE_PATH) : data;
        }
        return new BrokerConfig(
                file.given(ConfigShape.NODE) ? file.get(ConfigShape.NODE) : machine(),
                file.get(ConfigShape.LOOPS),
                listeners,
                data,
                storeConfig,
                file.get(ConfigShape.ANONYMOUS),
                users(file),
                topology,
                file.get(ConfigShape.AUTO_CREATE),
                file.get(ConfigShape.LIMITS),
                file.get(ConfigShape.PLUGINS).stream().map(Declared::value).toList(),
                file.given(ConfigShape.PLUGIN_FOLDER)
                        ? Optional.of(file.get(ConfigShape.PLUGIN_FOLDER))
                        : Optional.empty(),
                List.of(),
                file.get(ConfigShape.STOP_TIMEOUT));
    }

    private static Optional<List<User>> users(Values file) {
        if (!file.given(ConfigShape.USERS)) {
            return Optional.empty();
        }
        return Optional.of(file.get(ConfigShape.USERS).entrySet().stream()
                .map(entry -> user(entry.getKey(), entry.getValue()))
                .toList());
    }

    private static User user(String name, Values values) {
        boolean anonymous = name.equals("anonymous");
        boolean password = values.given(ServerShapes.USER_PASSWORD);
        if (anonymous ? password : !values.written(ServerShapes.USER_PASSWORD)) {
            values.problem(
                    anonymous
                            ? "password makes no sense: 'anonymous' stands for clients without credentials; remove it"
                            : "'password' is missing; make one with: turnstone hash-password");
        }
        return new User(
                name,
                password ? values.get(ServerShapes.USER_PASSWORD) : null,
                values.get(ServerShapes.PERMISSIONS),
                false);
    }

    private static String machine() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "turnstone";
        }
    }
}
