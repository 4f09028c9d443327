package io.turnstone.load;

import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Puts one message into each of many queues. */
@Command(
        name = "queues",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Puts one durable message into each of many queues, to see what many queues cost.")
final class QueuesCommand implements Callable<Integer> {

    @Mixin
    private BrokerOptions broker = new BrokerOptions();

    @Option(
            names = "--address",
            defaultValue = "load-%d",
            description = "%%d becomes 0 to QUEUES-1. Default: ${DEFAULT-VALUE}")
    private String address = "";

    @Option(names = "--queues", defaultValue = "1000", description = "How many. Default: ${DEFAULT-VALUE}")
    private int queues;

    @Option(
            names = "--connections",
            defaultValue = "1",
            description = "Made from so many at a time. Default: ${DEFAULT-VALUE}")
    private int connections;

    @Option(names = "--size", defaultValue = "100", description = "Bytes of each body. Default: ${DEFAULT-VALUE}")
    private int size;

    @Override
    public Integer call() throws InterruptedException {
        return broker.run((url, process) -> {
            broker.print(Map.of("queuesPerSecond", new Queues(url, address, size).fill(queues, connections)));
            return 0;
        });
    }
}
