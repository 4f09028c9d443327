package io.turnstone.broker;

import io.turnstone.api.store.StoreException;
import io.turnstone.broker.config.ConfigException;
import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line: {@code turnstone COMMAND}. Exit codes: 0 done, 1 could not, 2 asked for the wrong thing, 3 data is
 * damaged. */
@Command(
        name = "turnstone",
        description = "A message broker that speaks AMQP 1.0.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Versions.class,
        synopsisSubcommandLabel = "COMMAND")
public final class Main implements Runnable {

    static final int WRONG = 2;
    static final int DAMAGED = 3;

    private static final List<Class<?>> COMMANDS = List.of(
            StartCommand.class,
            CheckCommand.class,
            StatusCommand.class,
            QueueCommand.class,
            StoreCommand.class,
            HashPasswordCommand.class,
            SchemaCommand.class,
            VersionCommand.class);

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private Main() {}

    /** Runs one command and ends the process with its exit code. */
    public static void main(String[] args) {
        System.exit(commandLine(args).execute(args));
    }

    /** Understands these arguments: describing the commands that are not asked for would take a fifth of a start. */
    static CommandLine commandLine(String... args) {
        var commandLine = new CommandLine(new Main());
        List<Class<?>> asked = COMMANDS.stream()
                .filter(command -> args.length > 0
                        && command.getAnnotation(Command.class).name().equals(args[0]))
                .toList();
        (asked.isEmpty() ? COMMANDS : asked).forEach(commandLine::addSubcommand);
        return commandLine
                .setUsageHelpAutoWidth(false)
                .setExecutionExceptionHandler((failure, parsedBy, parsed) -> explain(failure, parsedBy));
    }

    private static int explain(Exception failure, CommandLine commandLine) throws Exception {
        PrintWriter err = commandLine.getErr();
        if (failure instanceof ConfigException config) {
            config.problems().forEach(err::println);
            return WRONG;
        }
        if (failure instanceof BrokerException || failure instanceof StoreException) {
            String.valueOf(failure.getMessage()).lines().forEach(line -> err.println("turnstone: " + line));
            return CommandLine.ExitCode.SOFTWARE;
        }
        throw failure;
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Name a command, such as 'turnstone start'.");
    }

    /** What {@code --version} prints. */
    static final class Versions implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {VersionCommand.line()};
        }
    }
}
