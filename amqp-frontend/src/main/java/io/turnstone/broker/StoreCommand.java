package io.turnstone.broker;

import io.turnstone.store.StoreTools;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code turnstone store COMMAND}: works with the messages on disk. Where a broker runs on the folder it does the work,
 * without stopping; else this process does.
 */
@Command(
        name = "store",
        description = "Verifies, counts, backs up and restores the messages on disk, of a running broker too.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND")
final class StoreCommand implements Runnable {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    StoreCommand() {
        if (System.getProperty("turnstone.log") == null) {
            System.setProperty("turnstone.log", "error"); // what a tool finds it prints
        }
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Name a command, such as 'turnstone store verify'.");
    }

    @Command(
            name = "verify",
            description = "Reads every byte of the store. Exits with 0 when it is whole and with 3 when it is damaged.",
            mixinStandardHelpOptions = true)
    int verify(
            @Mixin RunningFolder broker,
            @Option(names = "--json", description = "Prints one JSON document.") boolean json) {
        var found = done(StoreWork.VERIFY, broker, Path.of(""));
        print(found, json, StoreTable::ofFindings);
        return found.getBoolean("whole") ? 0 : Main.DAMAGED;
    }

    @Command(
            name = "stats",
            description = "Counts what is in the store: queues, journal, files, free space.",
            mixinStandardHelpOptions = true)
    void stats(
            @Mixin RunningFolder broker,
            @Option(names = "--json", description = "Prints one JSON document.") boolean json) {
        print(done(StoreWork.STATS, broker, Path.of("")), json, StoreTable::ofFigures);
    }

    @Command(
            name = "backup",
            description = "Copies the store, as it is at one moment, into a new folder that a broker can start on.",
            mixinStandardHelpOptions = true)
    void backup(
            @Mixin RunningFolder broker,
            @Parameters(paramLabel = "TARGET", description = "A folder that is absent or empty.") Path target) {
        var answer = done(StoreWork.BACKUP, broker, whole(target));
        say("backed up " + broker.path() + " to " + whole(target) + " bytes=" + answer.getLong(StoreWork.BYTES));
    }

    @Command(
            name = "restore",
            description = "Copies a complete and undamaged backup into a data folder that is absent or empty.",
            mixinStandardHelpOptions = true)
    void restore(
            @Mixin RunningFolder broker,
            @Parameters(paramLabel = "BACKUP", description = "What 'turnstone store backup' made.") Path backup) {
        DataFolder.makeEmpty(broker.path());
        long bytes;
        try (var progress = new ProgressLine()) {
            bytes = StoreTools.restore(DataFolder.store(whole(backup)), DataFolder.store(broker.path()), progress);
        }
        say("restored " + whole(backup) + " to " + broker.path() + " bytes=" + bytes);
    }

    private static Path whole(Path path) {
        return path.toAbsolutePath().normalize();
    }

    private static JsonObject done(StoreWork work, RunningFolder broker, Path target) {
        try (var progress = new ProgressLine()) {
            Path data = broker.path();
            return ControlServer.answers(data)
                    ? ControlServer.ask(data, Control.store(work, target), progress)
                    : work.done(StoreTools.of(DataFolder.store(data), new RouterDefinitions()), target, progress);
        }
    }

    private void print(JsonObject document, boolean json, Function<JsonObject, String> table) {
        say(json ? document.encodePrettily() : table.apply(document));
    }

    private void say(String text) {
        spec.commandLine().getOut().println(text);
    }
}
