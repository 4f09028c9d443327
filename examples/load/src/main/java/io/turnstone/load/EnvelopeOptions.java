package io.turnstone.load;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of the command line for what stands around the body of each message. */
final class EnvelopeOptions {

    @Option(
            names = "--priorities",
            defaultValue = "1",
            description = "Messages take priorities 0 to PRIORITIES-1 in turn. Default: none")
    private int priorities = 1;

    @Option(names = "--ttl", defaultValue = "0", description = "Time to live of each message in ms. Default: none")
    private long ttlMs;

    @Option(names = "--subject", description = "Subject of each message: the routing key for many brokers.")
    private @Nullable String subject;

    @Option(names = "--message-to", description = "Address in each message, with --to '' for the anonymous terminus.")
    private @Nullable String to;

    @Option(
            names = "--keys",
            defaultValue = "1",
            description = "How many keys %%k stands for in --subject and --message-to, in turn.")
    private int keys = 1;

    /** @throws IllegalArgumentException naming the option and what is wrong with it */
    Plan.Envelope envelope() {
        return new Plan.Envelope(priorities, ttlMs, keys, to, subject);
    }
}
