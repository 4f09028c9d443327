package io.turnstone.broker.config;

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
import java.util.function.Consumer;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.CollectionEndEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/**
 * Reads configuration files. Each method reads the whole file, collects every problem, and either answers a valid
 * configuration or throws one {@link ConfigException} that lists them all.
 */
public final class ConfigFile {

    /** Where messages are kept unless told otherwise. */
    private static final int MAX_DEPTH = 64;

    public static final Path DEFAULT_DATA = Path.of("turnstone-data");

    /** The port of AMQP. */
    public static final int DEFAULT_PORT = 5672;

    private ConfigFile() {}

    /** Reads a file with the variables of this process' environment; relative paths in it start from its folder. */
    public static BrokerConfig read(Path file) {
        return read(file, InstalledPlugins.UNKNOWN, warning -> {});
    }

    /**
     * The same, and looks at the plugins that it switches on.
     *
     * @param warnings told what works but will be regretted
     */
    public static BrokerConfig read(Path file, InstalledPlugins plugins, Consumer<Problem> warnings) {
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
        BrokerConfig config =
                parse(text, new Reading(problems, folder == null ? Path.of("") : folder, System.getenv(), plugins));
        problems.warnings().forEach(warnings);
        return config;
    }

    /** Reads a text; relative paths in it start from {@code base}. */
    public static BrokerConfig parse(String name, String text, Path base, Map<String, String> environment) {
        return parse(name, text, base, environment, InstalledPlugins.UNKNOWN);
    }

    static BrokerConfig parse(
            String name, String text, Path base, Map<String, String> environment, InstalledPlugins plugins) {
        return parse(text, new Reading(new Problems(name), base, environment, plugins));
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
            checkDepth(text, problems);
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

    /** Throws for what nests so deeply that reading it would run out of stack; no file that we understand does. */
    private static void checkDepth(String text, Problems problems) {
        int depth = 0;
        for (Event event : new Parse(LoadSettings.builder().build()).parseString(text)) {
            if (event instanceof CollectionStartEvent && ++depth > MAX_DEPTH) {
                Optional<Mark> mark = event.getStartMark();
                problems.add(
                        mark.map(Mark::getLine).orElse(-1) + 1,
                        mark.map(Mark::getColumn).orElse(-1) + 1,
                        "nests deeper than " + MAX_DEPTH + " levels; look for brackets that are not closed");
                problems.throwIfAny();
            } else if (event instanceof CollectionEndEvent) {
                depth--;
            }
        }
    }

    /**
     * Where the broker of a file keeps its data, as far as the file says so in a way that can be read. Looks at nothing
     * else of it and reports nothing: {@link #read} does.
     */
    public static Path data(Path file) {
        Path folder = file.toAbsolutePath().normalize().getParent();
        var reading = new Reading(
                new Problems(file.toString()),
                folder == null ? Path.of("") : folder,
                System.getenv(),
                InstalledPlugins.UNKNOWN);
        try {
            String text = Files.readString(file);
            checkDepth(text, reading.problems());
            Node root = new Compose(LoadSettings.builder().build())
                    .composeString(text)
                    .orElseGet(ConfigFile::emptyNode);
            Values store = ServerShapes.store().read(value(root, ConfigShape.STORE.name()), "store", reading);
            return store != null && store.given(ServerShapes.STORE_PATH)
                    ? store.get(ServerShapes.STORE_PATH)
                    : DEFAULT_DATA;
        } catch (IOException | YamlEngineException | ConfigException e) {
            return DEFAULT_DATA;
        }
    }

    private static Node value(Node mapping, String key) {
        if (mapping instanceof MappingNode entries) {
            for (NodeTuple entry : entries.getValue()) {
                if (entry.getKeyNode() instanceof ScalarNode name
                        && name.getValue().equals(key)) {
                    return entry.getValueNode();
                }
            }
        }
        return emptyNode();
    }

    private static Node emptyNode() {
        return new Compose(LoadSettings.builder().build()).composeString("{}").orElseThrow();
    }

    private static BrokerConfig build(Values file) {
        List<ListenerConfig> listeners = new ServerChecks(file).listeners();
        DeclaredTopology topology = new TopologyChecks(file).topology();
        Values store = file.given(ConfigShape.STORE) ? file.get(ConfigShape.STORE) : null;
        Path data = DEFAULT_DATA;
        var storeConfig = new StoreConfig("mapdb", Map.of());
        if (store != null) {
            storeConfig = new StoreConfig(store.get(ServerShapes.STORE_TYPE), store.extra());
            data = store.given(ServerShapes.STORE_PATH) ? store.get(ServerShapes.STORE_PATH) : data;
        }
        return new BrokerConfig(
                file.given(ConfigShape.NODE) ? file.get(ConfigShape.NODE) : machine(),
                new LoopConfig(file.get(ConfigShape.LOOPS), file.get(ConfigShape.SPIN)),
                listeners,
                data,
                storeConfig,
                UserChecks.admission(file),
                topology,
                file.get(ConfigShape.AUTO_CREATE),
                file.get(ConfigShape.LIMITS),
                file.get(ConfigShape.PLUGINS).stream().map(Declared::value).toList(),
                pluginFolder(file),
                List.of(),
                file.get(ConfigShape.STOP_TIMEOUT));
    }

    static Optional<Path> pluginFolder(Values file) {
        return file.given(ConfigShape.PLUGIN_FOLDER)
                ? Optional.of(file.get(ConfigShape.PLUGIN_FOLDER))
                : Optional.empty();
    }

    private static String machine() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "turnstone";
        }
    }
}
