package io.turnstone.broker;

import io.vertx.core.json.JsonObject;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code turnstone queue purge NAME} and {@code turnstone queue delete NAME}. */
@Command(
        name = "queue",
        description = "Empties or deletes a queue of the broker that runs on a data folder.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND")
final class QueueCommand implements Runnable {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Name a command, such as 'turnstone queue purge NAME'.");
    }

    @Command(
            name = "purge",
            description = "Removes the messages of a queue that no consumer holds, for good.",
            mixinStandardHelpOptions = true)
    void purge(@Mixin RunningFolder broker, @Parameters(paramLabel = "NAME") String name) {
        print("purged", name, broker.ask(Control.purge(name)));
    }

    @Command(
            name = "delete",
            description = "Deletes a queue that is empty, has no consumers and is not declared in the configuration.",
            mixinStandardHelpOptions = true)
    void delete(@Mixin RunningFolder broker, @Parameters(paramLabel = "NAME") String name) {
        print("deleted", name, broker.ask(Control.delete(name)));
    }

    private void print(String done, String name, JsonObject answer) {
        spec.commandLine()
                .getOut()
                .println(done + " queue '" + name + "' messages=" + answer.getLong(Control.MESSAGES));
    }
}
