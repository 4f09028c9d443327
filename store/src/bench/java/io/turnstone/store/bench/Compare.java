package io.turnstone.store.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** All contenders side by side; each repetition begins with another one. */
@Command(
        name = "compare",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Measures the store beside its peers: enqueue, enqueue and removal, a backlog.")
final class Compare implements Callable<Integer> {

    private static final double WARM_UP_SECONDS = 0.3;
    private static final int WARM_UP_IN_FLIGHT = 100;

    @Mixin
    private Output output = new Output();

    @Option(names = "--quick", description = "One short repetition and a backlog of 100000; about two minutes.")
    private boolean quick;

    @Option(names = "--contenders", split = ",", description = "Who. Default: all that this machine can run.")
    private List<Contender> contenders = Contender.available();

    @Option(names = "--in-flight", split = ",", defaultValue = "1,10,100,1000", description = "${DEFAULT-VALUE}")
    private List<Integer> inFlight = List.of();

    @Option(names = "--seconds", defaultValue = "1.5", description = "Of each rate. Default: ${DEFAULT-VALUE}")
    private double seconds;

    @Option(names = "--repetitions", defaultValue = "3", description = "Default: ${DEFAULT-VALUE}")
    private int repetitions;

    @Option(
            names = "--backlog",
            defaultValue = "1000000",
            description = "Messages of the backlog; 0 for none. Default: ${DEFAULT-VALUE}")
    private long backlog;

    @Override
    public Integer call() throws IOException {
        if (quick) {
            seconds = Math.min(seconds, 0.5);
            repetitions = 1;
            backlog = Math.min(backlog, 100_000);
        }
        var results = new Results();
        var order = new ArrayList<>(contenders);
        warmUp(order);
        for (int i = 0; i < repetitions; i++) {
            rates(order, results, false, "enqueue until durable");
            rates(order, results, true, "enqueue and removal, steady");
            backlog(order, results);
            Collections.rotate(order, 1);
        }
        return output.print(results);
    }

    /** Once each, or the first one would pay for the compilation of what all use. */
    private void warmUp(List<Contender> order) throws IOException {
        Progress.line("warm-up");
        var rates = new Rates(output.folder(), WARM_UP_SECONDS);
        for (var contender : order) {
            FreshThread.measure(() -> rates.measure(contender, WARM_UP_IN_FLIGHT, true));
        }
    }

    private void rates(List<Contender> order, Results results, boolean removing, String test) throws IOException {
        var rates = new Rates(output.folder(), seconds);
        for (int each : inFlight) {
            String name = test + ", " + each + " in flight";
            Progress.line("%s", name);
            for (var contender : order) {
                var sample = FreshThread.measure(() -> rates.measure(contender, each, removing));
                results.add(name, contender.toString(), sample);
            }
        }
    }

    private void backlog(List<Contender> order, Results results) throws IOException {
        if (backlog == 0) {
            return;
        }
        String name = String.format(Locale.ROOT, "backlog of %,d", backlog);
        Progress.line("%s", name);
        for (var contender : order) {
            var sample = FreshThread.measure(() -> new Backlog(output.folder(), backlog).measure(contender));
            results.add(name, contender.toString(), sample);
        }
    }
}
