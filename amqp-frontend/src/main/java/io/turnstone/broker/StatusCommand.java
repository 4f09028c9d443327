package io.turnstone.broker;

import io.turnstone.broker.config.ConfigFile;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code turnstone status}. */
@Command(
        name = "status",
        description = "Asks the broker that runs on a data folder how it is: health, connections, queues.",
        mixinStandardHelpOptions = true)
final class StatusCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--data", paramLabel = "DIR", description = "The broker's data folder; default that of its file.")
    private @Nullable Path data;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "The broker's configuration, to find its data folder.")
    private @Nullable Path config;

    @Option(names = "--json", description = "Prints everything as one JSON document.")
    private boolean json;

    @Override
    public Integer call() {
        JsonObject report = StatusServer.ask(folder().toAbsolutePath().normalize());
        spec.commandLine().getOut().println(json ? report.encodePrettily() : StatusTable.of(report));
        return 0;
    }

    private Path folder() {
        if (data != null) {
            return data;
        }
        Path file = config == null ? StartCommand.shippedFile() : config;
        return file == null ? ConfigFile.DEFAULT_DATA : ConfigFile.read(file).data();
    }
}
