package io.turnstone.broker;

import io.turnstone.broker.config.BrokerConfig;
import io.turnstone.broker.config.ConfigException;
import io.turnstone.broker.config.ConfigFile;
import io.turnstone.broker.config.ListenerConfig;
import io.turnstone.broker.plugin.PluginJars;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * {@code turnstone start}: one line on standard output when the broker accepts connections, until SIGTERM. SIGHUP makes
 * it read its file again. Logs go elsewhere. Must not touch a logger before the data folder is known.
 */
@Command(
        name = "start",
        description = "Starts a broker and runs until SIGTERM; SIGHUP makes it read its configuration again.",
        mixinStandardHelpOptions = true)
final class StartCommand implements Callable<Integer> {

    private enum Asked {
        STOP,
        RELOAD
    }

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "The configuration; default conf/turnstone.yaml of the distribution.")
    private @Nullable Path config;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "The folder of everything it keeps; default that of the configuration, ./turnstone-data.")
    private @Nullable Path data;

    @Option(names = "--host", paramLabel = "HOST", description = "The address of the first listener.")
    private @Nullable String host;

    @Option(names = "--port", paramLabel = "N", description = "The port of the first listener; 0 picks a free one.")
    private @Nullable Integer port;

    @Override
    public Integer call() throws InterruptedException {
        BlockingQueue<Asked> asked = new LinkedBlockingQueue<>();
        Signals.on("TERM", () -> asked.add(Asked.STOP));
        Signals.on("INT", () -> asked.add(Asked.STOP));
        Signals.on("HUP", () -> asked.add(Asked.RELOAD));
        placeLog();
        BrokerConfig initial = read();
        DataFolder.open(initial.data()).close();
        try {
            run(initial, asked);
            Rehearsal.ifWanted();
        } finally {
            Logs.close();
        }
        return 0;
    }

    private void run(BrokerConfig initial, BlockingQueue<Asked> asked) throws InterruptedException {
        try (Broker broker = Broker.start(initial)) {
            PrintWriter out = spec.commandLine().getOut();
            out.println(ready(broker));
            out.flush();
            while (asked.take() == Asked.RELOAD) {
                reload(broker);
            }
        }
    }

    /** Reading certificates and plugins may log already, so the log has its place before they are looked at. */
    private void placeLog() {
        Path file = file();
        Path folder = data != null ? data : file == null ? ConfigFile.defaults().data() : ConfigFile.data(file);
        if (Files.isDirectory(folder)) {
            DataFolder.open(folder).close(); // before the log makes a file in somebody else's folder
        }
        if (System.getProperty("turnstone.log.folder") == null) {
            System.setProperty(
                    "turnstone.log.folder",
                    folder.resolve("log").toAbsolutePath().toString());
        }
    }

    private static String ready(Broker broker) {
        var line = new StringBuilder("turnstone ready");
        broker.addresses()
                .forEach((scheme, addresses) -> addresses.forEach(
                        address -> line.append(' ').append(scheme).append('=').append(address)));
        return line.append(" data=").append(broker.data()).toString();
    }

    private void reload(Broker broker) {
        try {
            broker.reload(read());
        } catch (ConfigException e) {
            Logs.notReloaded(e.problems().stream().map(Object::toString).toList());
        } catch (RuntimeException | Error e) { // the broker goes on as it was, whatever is wrong with a file
            Logs.notReloaded(e);
        }
    }

    /** The file that comes with the distribution; null when there is none. */
    static @Nullable Path shippedFile() {
        String home = System.getProperty("turnstone.home");
        Path file = home == null ? null : Path.of(home, "conf", "turnstone.yaml");
        return file != null && Files.isRegularFile(file) ? file : null;
    }

    private @Nullable Path file() {
        return config == null ? shippedFile() : config;
    }

    private BrokerConfig read() {
        if (port != null && (port < 0 || port > 65_535)) {
            throw new ParameterException(spec.commandLine(), "--port must be 0 to 65535, not " + port);
        }
        Path file = file();
        BrokerConfig read = file == null ? ConfigFile.defaults() : read(file);
        List<ListenerConfig> listeners = new ArrayList<>(read.listeners());
        ListenerConfig first = listeners.get(0);
        listeners.set(0, first.at(host == null ? first.host() : host, port == null ? first.port() : port));
        return read.with(listeners, data == null ? read.data() : data);
    }

    private static BrokerConfig read(Path file) {
        try (var plugins = new PluginJars()) {
            return ConfigFile.read(file, plugins, Logs::warn);
        }
    }
}
