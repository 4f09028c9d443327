package io.turnstone.broker;

import io.turnstone.broker.config.ConfigFile;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options by which a command finds the broker it talks to: the folder that this keeps its data in. */
final class RunningFolder {

    @Option(names = "--data", paramLabel = "DIR", description = "The broker's data folder; default that of its file.")
    private @Nullable Path data;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "The broker's configuration, to find its data folder.")
    private @Nullable Path config;

    /** Asks the broker. */
    JsonObject ask(JsonObject request) {
        return ControlServer.ask(path(), request);
    }

    /** Where it is. */
    Path path() {
        return folder().toAbsolutePath().normalize();
    }

    private Path folder() {
        if (data != null) {
            return data;
        }
        Path file = config == null ? StartCommand.shippedFile() : config;
        return file == null ? ConfigFile.DEFAULT_DATA : ConfigFile.read(file).data();
    }
}
