package io.turnstone.load;

import java.util.LinkedHashMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Opens connections, leaves them idle and tells what they cost. */
@Command(
        name = "connect",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description =
                "Opens connections one after the other, each with a receiver, leaves them idle and tells what each cost.")
final class ConnectCommand implements Callable<Integer> {

    @Mixin
    private BrokerOptions broker = new BrokerOptions();

    @Option(names = "--address", defaultValue = "load", description = "Where they receive. Default: ${DEFAULT-VALUE}")
    private String address = "";

    @Option(names = "--connections", defaultValue = "1000", description = "How many. Default: ${DEFAULT-VALUE}")
    private int connections;

    @Option(
            names = "--warm-up",
            defaultValue = "200",
            description = "Opened before, not measured. Default: ${DEFAULT-VALUE}")
    private int warmUp;

    @Option(
            names = "--memory",
            description =
                    "Also ask the broker's Java virtual machine what it keeps for as many more (collects garbage there).")
    private boolean memory;

    @Override
    public Integer call() throws InterruptedException {
        return broker.run((url, process) -> {
            try (var connects = new Connects(url, address, process)) {
                if (warmUp > 0) {
                    connects.open(warmUp);
                }
                Connects.Cost cost = connects.open(connections);
                var figures = new LinkedHashMap<String, Double>();
                figures.put("connectionsPerSecond", cost.rate());
                cost.brokerCpuMs().ifPresent(ms -> figures.put("brokerCpuMsPerConnect", ms));
                if (memory) {
                    Connects.Held held = connects.held(connections);
                    figures.put("heapKiBPerConnection", held.heapBytes() / 1024.0 / connections);
                    held.directBytes()
                            .ifPresent(bytes -> figures.put("directKiBPerConnection", bytes / 1024.0 / connections));
                }
                broker.print(figures);
            }
            return 0;
        });
    }
}
