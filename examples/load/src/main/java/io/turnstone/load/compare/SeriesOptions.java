package io.turnstone.load.compare;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What may be asked of every series on the command line. Used by one thread. */
final class SeriesOptions {

    /** What our script puts before what was asked for: where the repository is. */
    private static final int OF_SCRIPT = 2;

    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec spec;

    @Option(names = "--root", required = true, hidden = true, description = "The repository.")
    private Path root = Path.of("");

    @Option(names = "--repetitions", description = "Of everything, taking turns. Default: 3, with --quick 1")
    private @Nullable Integer repetitions;

    @Option(names = "--quick", description = "Little of everything: shows that it works; its figures say little.")
    private boolean quick;

    @Option(names = "--heap", defaultValue = "2g", description = "Heap of each broker. Default: ${DEFAULT-VALUE}")
    private String heap = "";

    @Option(
            names = "--output",
            description =
                    "Folder for the report. Default: amqp-frontend/docs, with --quick examples/load/target/compare")
    private @Nullable Path output;

    /** Runs one command line and exits. */
    static void main(Object command, String... arguments) {
        var out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        System.exit(new CommandLine(command)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setOut(out)
                .execute(arguments));
    }

    Path root() throws IOException {
        return root.toRealPath();
    }

    /** For what brokers write. */
    Path work() throws IOException {
        return root().resolve("examples/load/target/compare");
    }

    /**
     * A part of the options of a series.
     *
     * @param against the names of those to whom the others are compared
     */
    record Asked(
            String title, String file, List<? extends Work> works, List<Contender> contenders, List<String> against) {}

    /** Measures; the exit code. */
    int run(Asked asked, @Nullable DiskFloor disk) throws IOException, InterruptedException {
        if (spec == null) {
            throw new IllegalStateException("used without picocli");
        }
        int rounds = repetitions == null ? (quick ? 1 : 3) : repetitions;
        if (rounds < 1) {
            throw wrong("--repetitions " + rounds + " must be ≥ 1");
        }
        var options = new Series.Options(
                asked.title,
                asked.file,
                asked.works,
                asked.contenders,
                asked.against,
                rounds,
                quick ? Effort.QUICK : Effort.FULL,
                List.of("-Xms512m", "-Xmx" + heap));
        Path folder =
                output == null ? (quick ? work() : root().resolve("amqp-frontend/docs")) : output.toAbsolutePath();
        List<String> arguments = spec.commandLine().getParseResult().originalArgs();
        String command =
                "examples/load/" + spec.name() + " " + String.join(" ", arguments.subList(OF_SCRIPT, arguments.size()));
        var series =
                new Series(root(), work(), options, disk, spec.commandLine().getOut());
        try {
            return series.run(folder, command.trim()) ? 0 : 1;
        } catch (IllegalArgumentException e) {
            throw wrong(String.valueOf(e.getMessage()));
        }
    }

    /** What to throw when an option is wrong. */
    ParameterException wrong(String why) {
        if (spec == null) {
            throw new IllegalStateException("used without picocli");
        }
        return new ParameterException(spec.commandLine(), why);
    }
}
