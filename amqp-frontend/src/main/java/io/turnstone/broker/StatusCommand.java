package io.turnstone.broker;

import io.vertx.core.json.JsonObject;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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

    @Mixin
    private RunningFolder broker = new RunningFolder();

    @Option(names = "--json", description = "Prints everything as one JSON document.")
    private boolean json;

    @Override
    public Integer call() {
        JsonObject report = broker.ask(Control.status());
        spec.commandLine().getOut().println(json ? report.encodePrettily() : StatusTable.of(report));
        return 0;
    }
}
