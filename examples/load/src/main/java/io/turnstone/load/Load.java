package io.turnstone.load;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The command line. Exit codes: 0 each message arrived once, 1 something was lost, repeated, refused or
 * damaged, 2 wrong options, 3 the broker was not there or ended the run.
 */
@Command(
        name = "load",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Sends and receives messages through any AMQP 1.0 broker, and measures and counts them.")
final class Load implements Callable<Integer> {

    private static final int BROKEN = 3;

    @Spec
    private @Nullable CommandSpec spec;

    @Option(
            names = "--url",
            defaultValue = "amqp://guest:guest@localhost:5672",
            description = "Broker and login (SASL PLAIN; ANONYMOUS without a login). Default: ${DEFAULT-VALUE}")
    private String url = "";

    @Option(
            names = "--address",
            defaultValue = "load",
            description = "Where to send and to receive; %%d becomes 0 to QUEUES-1. Default: ${DEFAULT-VALUE}")
    private String address = "";

    @Option(names = "--to", description = "Where to send, if not --address.")
    private @Nullable String to;

    @Option(names = "--from", description = "Where to receive, if not --address.")
    private @Nullable String from;

    @Option(names = "--queues", defaultValue = "1", description = "How many addresses %%d stands for.")
    private int queues;

    @Option(
            names = "--producers",
            defaultValue = "1",
            description = "Sending links; 0 to only receive. Default: ${DEFAULT-VALUE}")
    private int producers;

    @Option(
            names = "--consumers",
            defaultValue = "1",
            description = "Receiving links; 0 to only send. Default: ${DEFAULT-VALUE}")
    private int consumers;

    @Option(
            names = "--fan-out",
            description = "Each consumer gets each message (subscriptions), instead of sharing a queue.")
    private boolean fanOut;

    @Option(
            names = "--connections",
            description = "Connections over which the links are dealt. Default: 2, or 1 for a single link.")
    private @Nullable Integer connections;

    @Option(names = "--loops", defaultValue = "1", description = "Threads of the generator. Default: ${DEFAULT-VALUE}")
    private int loops;

    @Option(names = "--count", description = "Messages to measure, of all producers together. Default: 100000")
    private @Nullable Long count;

    @Option(names = "--seconds", description = "Or: how long to send (or, without producers, to receive).")
    private @Nullable Double seconds;

    @Option(names = "--warm-up", description = "Not measured, before: messages (20000) or time (5s).")
    private @Nullable String warmUp;

    @Option(
            names = "--size",
            defaultValue = "1024",
            description = "Bytes of each body, at least 32. Default: ${DEFAULT-VALUE}")
    private int size;

    @Option(names = "--durable", description = "Messages are durable.")
    private boolean durable;

    @Option(names = "--settled", description = "Pre-settled on both sides, instead of unsettled.")
    private boolean settled;

    @Option(
            names = "--window",
            defaultValue = "1000",
            description = "Unsettled messages per producer. Default: ${DEFAULT-VALUE}")
    private int window;

    @Option(names = "--credit", defaultValue = "1000", description = "Credit per consumer. Default: ${DEFAULT-VALUE}")
    private int credit;

    @Option(
            names = "--rate",
            defaultValue = "0",
            description =
                    "Messages per second of all producers together; latency counts from when each was due. 0: as fast as possible.")
    private double rate;

    @Option(names = "--verify", description = "Compare each body received with what was sent.")
    private boolean verify;

    @Option(
            names = "--broker-pid",
            description = "The broker's process; 0 for none. Default: who listens on the port, if on this machine.")
    private @Nullable Long brokerPid;

    @Option(
            names = "--timeout",
            defaultValue = "10",
            description = "Give up after so many seconds without progress. Default: ${DEFAULT-VALUE}")
    private double timeout;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    private Load() {}

    /** Runs one command line and exits. */
    public static void main(String[] arguments) {
        var out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        System.exit(new CommandLine(new Load()).setOut(out).execute(arguments));
    }

    @Override
    public Integer call() throws InterruptedException {
        CommandLine line = spec().commandLine();
        Plan plan;
        try {
            plan = plan();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(line, String.valueOf(e.getMessage()), e);
        }
        try {
            Figures figures = new Run(plan, broker(plan.broker())).measure();
            var report = new Report(figures);
            if (json) {
                report.json(line.getOut());
            } else {
                report.text(line.getOut());
            }
            return figures.good() ? 0 : 1;
        } catch (IOException e) {
            line.getErr().println("load: " + e.getMessage());
            return BROKEN;
        }
    }

    private Plan plan() {
        if (count != null && seconds != null) {
            throw new IllegalArgumentException("--count and --seconds exclude each other");
        }
        int defaultConnections = Math.min(2, Math.max(1, producers + consumers));
        return new Plan(
                BrokerUrl.parse(url),
                new Plan.Links(
                        to == null ? address : to,
                        from == null ? address : from,
                        queues,
                        producers,
                        consumers,
                        connections == null ? defaultConnections : connections,
                        loops,
                        credit,
                        fanOut),
                new Plan.Messages(size, durable, settled, window, verify),
                new Plan.Pace(
                        warmUp == null ? null : Plan.Amount.parse(warmUp),
                        seconds != null
                                ? Plan.Amount.seconds(seconds)
                                : Plan.Amount.messages(count == null ? 100_000 : count),
                        rate,
                        (long) (timeout * 1000)));
    }

    private Optional<BrokerProcess> broker(BrokerUrl broker) {
        if (brokerPid != null) {
            return brokerPid == 0 ? Optional.empty() : Optional.of(BrokerProcess.of(brokerPid));
        }
        return BrokerProcess.listeningAt(broker);
    }

    private CommandSpec spec() {
        if (spec == null) {
            throw new IllegalStateException("used without picocli");
        }
        return spec;
    }
}
