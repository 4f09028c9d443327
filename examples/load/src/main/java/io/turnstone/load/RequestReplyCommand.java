package io.turnstone.load;

import java.util.LinkedHashMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Measures round trips over temporary queues. */
@Command(
        name = "request-reply",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Asks and answers, one request at a time: the reply comes through a temporary queue.")
final class RequestReplyCommand implements Callable<Integer> {

    private static final double[] PERCENTILES = {50, 99, 99.9};

    @Mixin
    private BrokerOptions broker = new BrokerOptions();

    @Option(names = "--address", defaultValue = "load", description = "Where requests go. Default: ${DEFAULT-VALUE}")
    private String address = "";

    @Option(names = "--count", defaultValue = "10000", description = "Measured round trips. Default: ${DEFAULT-VALUE}")
    private int count;

    @Option(names = "--warm-up", defaultValue = "5000", description = "Round trips before. Default: ${DEFAULT-VALUE}")
    private int warmUp;

    @Option(names = "--size", defaultValue = "100", description = "Bytes of each body. Default: ${DEFAULT-VALUE}")
    private int size;

    @Override
    public Integer call() throws InterruptedException {
        return broker.run((url, process) -> {
            var measured = new RoundTrips(url, address, size, process).measure(warmUp, count);
            var figures = new LinkedHashMap<String, Double>();
            figures.put("roundTripsPerSecond", measured.rate());
            for (double percentile : PERCENTILES) {
                figures.put("p" + Report.trimmed(percentile) + "Micros", measured.percentileMs(percentile) * 1e3);
            }
            if (process.isPresent()) {
                figures.put("brokerCpuMicrosPerRoundTrip", measured.brokerCpuMicros());
            }
            broker.print(figures);
            return 0;
        });
    }
}
