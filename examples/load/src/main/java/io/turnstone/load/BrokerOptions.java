package io.turnstone.load;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options that each command has, and how each ends. */
final class BrokerOptions {

    static final int BROKEN = 3;

    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec spec;

    @Option(
            names = "--url",
            defaultValue = "amqp://guest:guest@localhost:5672",
            description = "Broker and login (SASL PLAIN; ANONYMOUS without a login). Default: ${DEFAULT-VALUE}")
    private String url = "";

    @Option(
            names = "--broker-pid",
            description = "The broker's process; 0 for none. Default: who listens on the port, if on this machine.")
    private @Nullable Long brokerPid;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    boolean json() {
        return json;
    }

    PrintWriter out() {
        return spec().commandLine().getOut();
    }

    /** What a command does with the broker; its result is the exit code. */
    interface Action {
        int run(BrokerUrl url, Optional<BrokerProcess> process) throws IOException, InterruptedException;
    }

    /** Runs it and turns what goes wrong into a sentence and an exit code. */
    int run(Action action) throws InterruptedException {
        try {
            BrokerUrl broker = BrokerUrl.parse(url);
            return action.run(broker, process(broker));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec().commandLine(), String.valueOf(e.getMessage()), e);
        } catch (IOException e) {
            spec().commandLine().getErr().println(spec().name() + ": " + e.getMessage());
            return BROKEN;
        }
    }

    private Optional<BrokerProcess> process(BrokerUrl broker) {
        if (brokerPid != null) {
            return brokerPid == 0 ? Optional.empty() : Optional.of(BrokerProcess.of(brokerPid));
        }
        return BrokerProcess.listeningAt(broker);
    }

    /** Prints figures one per line, or as one JSON object. */
    void print(Map<String, Double> figures) {
        if (json) {
            var object = new StringJoiner(", ", "{", "}");
            figures.forEach((name, value) -> object.add(String.format(Locale.ROOT, "\"%s\": %.3f", name, value)));
            out().println(object);
        } else {
            figures.forEach((name, value) -> out().println(String.format(Locale.ROOT, "  %-28s %,14.3f", name, value)));
        }
        out().flush();
    }

    private CommandSpec spec() {
        if (spec == null) {
            throw new IllegalStateException("used without picocli");
        }
        return spec;
    }
}
