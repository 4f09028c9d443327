package io.turnstone.load.compare;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line of the comparison. Exit codes: 0 done, 1 some of it failed (see its remarks), 2 wrong options. */
@Command(
        name = "compare",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description =
                "Measures Turnstone beside Apache Artemis and Apache Qpid Broker-J, and writes a table and a plot.")
final class Compare implements Callable<Integer> {

    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--root", required = true, hidden = true, description = "The repository.")
    private Path root = Path.of("");

    @Option(
            names = "--workloads",
            split = ",",
            description = "Some of ${COMPLETION-CANDIDATES}, with commas. Default: all")
    private List<Workload> workloads = List.of(Workload.values());

    @Option(
            names = "--contenders",
            split = ",",
            defaultValue = "turnstone,artemis,broker-j,null,disk",
            description = "Who is measured; null and disk are floors. Default: ${DEFAULT-VALUE}")
    private List<String> contenders = List.of();

    @Option(names = "--repetitions", description = "Of everything, taking turns. Default: 3, with --quick 1")
    private @Nullable Integer repetitions;

    @Option(names = "--quick", description = "Little of everything: shows that it works; its figures say little.")
    private boolean quick;

    @Option(names = "--heap", defaultValue = "2g", description = "Heap of each broker. Default: ${DEFAULT-VALUE}")
    private String heap = "";

    @Option(
            names = "--output",
            description = "Folder for comparison.md, .svg and .json. Default: amqp-frontend/docs, with --quick"
                    + " examples/load/target/compare")
    private @Nullable Path output;

    private Compare() {}

    /** Runs one command line and exits. */
    public static void main(String[] arguments) {
        var out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        System.exit(new CommandLine(new Compare())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setOut(out)
                .execute(arguments));
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (spec == null) {
            throw new IllegalStateException("used without picocli");
        }
        Path top = root.toRealPath();
        Path work = top.resolve("examples/load/target/compare");
        Path folder = output == null ? (quick ? work : top.resolve("amqp-frontend/docs")) : output.toAbsolutePath();
        int rounds = repetitions == null ? (quick ? 1 : 3) : repetitions;
        try {
            if (rounds < 1) {
                throw new IllegalArgumentException("--repetitions " + rounds + " must be ≥ 1");
            }
            var options = new Series.Options(
                    workloads,
                    contenders,
                    rounds,
                    quick ? Effort.QUICK : Effort.FULL,
                    List.of("-Xms512m", "-Xmx" + heap));
            var command = "examples/load/compare "
                    + String.join(
                            " ",
                            spec.commandLine()
                                    .getParseResult()
                                    .originalArgs()
                                    .subList(
                                            2,
                                            spec.commandLine()
                                                    .getParseResult()
                                                    .originalArgs()
                                                    .size()));
            return new Series(top, work, options, spec.commandLine().getOut()).run(folder, command.trim()) ? 0 : 1;
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }
}
