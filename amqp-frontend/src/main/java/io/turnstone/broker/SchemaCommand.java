package io.turnstone.broker;

import io.turnstone.broker.config.ConfigFile;
import io.vertx.core.json.JsonObject;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code turnstone schema}. */
@Command(
        name = "schema",
        description = "Prints the JSON Schema of the configuration file, for editors.",
        mixinStandardHelpOptions = true)
final class SchemaCommand implements Runnable {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        spec.commandLine().getOut().println(new JsonObject(ConfigFile.schema()).encodePrettily());
    }
}
