package io.turnstone.load.compare;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The command line of what features cost. Exit codes: 0 done, 1 some of it failed (see its remarks), 2 wrong options. */
@Command(
        name = "ourselves",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description =
                "Measures Turnstone with plain queues beside Turnstone with features on, and writes a table and a plot.")
final class Ourselves implements Callable<Integer> {

    @Mixin
    private final SeriesOptions series = new SeriesOptions();

    private Ourselves() {}

    /** Runs one command line and exits. */
    public static void main(String[] arguments) {
        SeriesOptions.main(new Ourselves(), arguments);
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        var asked = new SeriesOptions.Asked(
                "What a queue's features cost",
                "features",
                List.of(OwnWork.values()),
                Variant.all(new Turnstone(series.root())),
                List.of(Variant.PLAIN));
        return series.run(asked, null);
    }
}
