package io.turnstone.broker;

import io.turnstone.store.tools.StoreTools;
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
        description = "Verifies, counts, backs up, exports and salvages the messages on disk, of a running broker too.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND")
final class StoreCommand implements Runnable {

    @Spec
    private CommandSpec spec = CommandSpec.create();

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
        return code(found);
    }

    private static int code(JsonObject found) {
        return found.getBoolean(StoreWork.WHOLE) ? 0 : Main.DAMAGED;
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
        quiet();
        DataFolder.makeEmpty(broker.path());
        long bytes;
        try (var progress = new ProgressLine()) {
            bytes = StoreTools.restore(DataFolder.store(whole(backup)), DataFolder.store(broker.path()), progress);
        }
        say("restored " + whole(backup) + " to " + broker.path() + " bytes=" + bytes);
    }

    @Command(
            name = "export",
            description = "Writes definitions and messages, as they are at one moment, into a file of JSON lines."
                    + " Exits with 3 when some could not be read.",
            mixinStandardHelpOptions = true)
    int export(
            @Mixin RunningFolder broker,
            @Parameters(paramLabel = "FILE", description = "A new file; compressed when its name ends in .gz.")
                    Path file) {
        var found = done(StoreWork.EXPORT, broker, whole(file));
        say(StoreTable.ofFindings(found));
        return code(found);
    }

    @Command(
            name = "import",
            description = "Puts what an export holds into the store of a data folder, which is made when it is absent.",
            mixinStandardHelpOptions = true)
    void importFile(
            @Mixin RunningFolder broker,
            @Parameters(paramLabel = "FILE", description = "What 'turnstone store export' wrote.") Path file) {
        quiet();
        long messages;
        try (var folder = DataFolder.open(broker.path());
                var progress = new ProgressLine()) {
            messages = StoreTools.importInto(folder.store(), whole(file), new RouterDefinitions(), progress);
        }
        say("imported " + whole(file) + " into " + broker.path() + " messages=" + messages);
    }

    @Command(
            name = "salvage",
            description =
                    "Brings all that can be read of a damaged store into a new data folder, and changes nothing of"
                            + " the damaged one. Exits with 0 when nothing was lost and with 3 when something was.",
            mixinStandardHelpOptions = true)
    int salvage(
            @Parameters(paramLabel = "DAMAGED", description = "The data folder; no broker may run on it.") Path damaged,
            @Option(
                            names = "--to",
                            required = true,
                            paramLabel = "DIR",
                            description = "A folder that is absent or empty.")
                    Path to,
            @Option(names = "--json", description = "Prints one JSON document.") boolean json) {
        quiet();
        JsonObject found;
        try (var progress = new ProgressLine()) {
            found = StoreWork.SALVAGE.done(tools(whole(damaged)), whole(to), progress);
        }
        print(found, json, StoreTable::ofFindings);
        return code(found);
    }

    /** What a tool finds it prints, so its log is for errors. Before any logger. */
    private static void quiet() {
        if (System.getProperty("turnstone.log") == null) {
            System.setProperty("turnstone.log", "error");
        }
    }

    private static Path whole(Path path) {
        return path.toAbsolutePath().normalize();
    }

    private StoreTools tools(Path data) {
        var err = spec.commandLine().getErr();
        return StoreTools.of(DataFolder.store(data), new RouterDefinitions(), err::println);
    }

    private JsonObject done(StoreWork work, RunningFolder broker, Path target) {
        quiet();
        try (var progress = new ProgressLine()) {
            Path data = broker.path();
            return ControlServer.answers(data)
                    ? ControlServer.ask(data, Control.store(work, target), progress)
                    : work.done(tools(data), target, progress);
        }
    }

    private void print(JsonObject document, boolean json, Function<JsonObject, String> table) {
        say(json ? document.encodePrettily() : table.apply(document));
    }

    private void say(String text) {
        spec.commandLine().getOut().println(text);
    }
}
