package io.turnstone.load.compare;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command line of the comparison. Exit codes: 0 done, 1 some of it failed (see its remarks), 2 wrong options. */
@Command(
        name = "compare",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description =
                "Measures Turnstone beside Apache Artemis and Apache Qpid Broker-J, and writes a table and a plot.")
final class Compare implements Callable<Integer> {

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
    private List<String> names = List.of();

    @Mixin
    private final SeriesOptions series = new SeriesOptions();

    private Compare() {}

    /** Runs one command line and exits. */
    public static void main(String[] arguments) {
        SeriesOptions.main(new Compare(), arguments);
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        var disk = new DiskFloor(series.work().resolve("disk"));
        List<Contender> contenders = contenders(disk);
        List<String> peers =
                contenders.stream().filter(Contender::peer).map(Contender::name).toList();
        return series.run(
                new SeriesOptions.Asked("Turnstone and its peers", "comparison", workloads, contenders, peers),
                asked(disk));
    }

    private @Nullable DiskFloor asked(DiskFloor disk) {
        return names.contains(DiskFloor.NAME) ? disk : null;
    }

    private List<Contender> contenders(DiskFloor disk) throws IOException {
        var all = new ArrayList<Contender>();
        for (String name : names) {
            switch (name) {
                case "turnstone" -> all.add(new Turnstone(series.root()));
                case "artemis" -> all.add(new Artemis(series.root(), disk.writeNanos()));
                case "broker-j" -> all.add(new BrokerJ(series.root()));
                case "null" -> all.add(new NullContender(series.root()));
                case DiskFloor.NAME -> {}
                default ->
                    throw series.wrong("--contenders: nobody is called '" + name
                            + "'; there are turnstone, artemis, broker-j, null and disk");
            }
        }
        return all;
    }
}
