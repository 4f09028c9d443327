package io.turnstone.load;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * The command line. Exit codes: 0 each message arrived once, 1 something was lost, repeated, refused or
 * damaged, 2 wrong options, 3 the broker was not there or ended the run.
 */
@Command(
        name = "load",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Sends and receives messages through any AMQP 1.0 broker, and measures and counts them.",
        subcommands = {ConnectCommand.class, RequestReplyCommand.class, QueuesCommand.class})
final class Load implements Callable<Integer> {

    @Mixin
    private BrokerOptions broker = new BrokerOptions();

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

    @Option(names = "--warm-up", description = "Not measured, before: messages (20000) or time (5s). Default: 0")
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

    @Option(names = "--settled-sends", description = "Pre-settled by producers alone.")
    private boolean settledSends;

    @Option(names = "--settled-receives", description = "Pre-settled for consumers alone.")
    private boolean settledReceives;

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

    @ArgGroup(exclusive = false, heading = "What stands around the body:%n")
    private EnvelopeOptions envelope = new EnvelopeOptions();

    @Option(names = "--verify", description = "Compare each body received with what was sent.")
    private boolean verify;

    @Option(
            names = "--timeout",
            defaultValue = "10",
            description = "Give up after so many seconds without progress. Default: ${DEFAULT-VALUE}")
    private double timeout;

    private Load() {}

    /** Runs one command line and exits. */
    public static void main(String[] arguments) {
        var out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        System.exit(new CommandLine(new Load()).setOut(out).execute(arguments));
    }

    @Override
    public Integer call() throws InterruptedException {
        return broker.run((url, process) -> {
            Figures figures = new Run(plan(url), process).measure();
            var report = new Report(figures);
            if (broker.json()) {
                report.json(broker.out());
            } else {
                report.text(broker.out());
            }
            return figures.good() ? 0 : 1;
        });
    }

    private Plan plan(BrokerUrl url) {
        if (count != null && seconds != null) {
            throw new IllegalArgumentException("--count and --seconds exclude each other");
        }
        int defaultConnections = Math.min(2, Math.max(1, producers + consumers));
        return new Plan(
                url,
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
                new Plan.Messages(
                        size,
                        durable,
                        settled || settledSends,
                        settled || settledReceives,
                        window,
                        verify,
                        envelope.envelope()),
                new Plan.Pace(
                        warmUp == null || warmUp.equals("0") ? null : Plan.Amount.parse("--warm-up", warmUp),
                        seconds != null
                                ? Plan.Amount.seconds(seconds)
                                : Plan.Amount.messages(count == null ? 100_000 : count),
                        rate,
                        (long) (timeout * 1000)));
    }
}
