package io.turnstone.load.compare;

import io.turnstone.load.BrokerProcess;
import io.turnstone.load.BrokerUrl;
import io.turnstone.load.Client;
import io.turnstone.load.JavaMemory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** One contender's process, from its start to its end, which ours ending brings about, too. Owned by one thread. */
final class Broker implements AutoCloseable {

    private static final int READY_SECONDS = 120;
    private static final int STOP_SECONDS = 60;
    private static final int CONNECT_TIMEOUT_MS = 20_000;
    /** Nothing tells that another process listens; what a start takes is measured no finer than this. */
    private static final long POLL_MS = 5;

    private final Contender contender;
    private final Place place;
    private final Process process;
    private final long startNanos;
    private final Path log;
    private final Thread atExit;

    private Broker(Contender contender, Place place, Process process, long startNanos, Path log) {
        this.contender = contender;
        this.place = place;
        this.process = process;
        this.startNanos = startNanos;
        this.log = log;
        atExit = new Thread(process::destroyForcibly, "end-" + contender.name());
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    /** Starts it and waits until a client gets a connection. What is in the data folder stays. */
    static Broker start(Contender contender, Place place) throws IOException, InterruptedException {
        Files.createDirectories(place.folder());
        var command = contender.prepare(place);
        Path log = place.folder().resolve("log");
        var builder = new ProcessBuilder(command)
                .directory(place.folder().toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("TURNSTONE_OPTS", String.join(" ", place.javaOptions()));
        long start = System.nanoTime();
        var broker = new Broker(contender, place, builder.start(), start, log);
        try {
            broker.connect("ready").close();
            return broker;
        } catch (IOException | InterruptedException | RuntimeException e) {
            broker.close();
            throw e;
        }
    }

    /** A connection to it, as soon as it takes one. */
    private Client connect(String name) throws IOException, InterruptedException {
        while (true) {
            try {
                return Client.connect(url(), "turnstone-compare-" + name, CONNECT_TIMEOUT_MS);
            } catch (IOException e) {
                if (!process.isAlive() || seconds() > READY_SECONDS) {
                    throw new IOException(
                            contender.name() + (process.isAlive() ? " is not ready: " : " ended: ") + lastWords(), e);
                }
                Thread.sleep(POLL_MS);
            }
        }
    }

    private String lastWords() throws IOException {
        var lines = Files.readAllLines(log, StandardCharsets.UTF_8);
        return String.join("\n", lines.subList(Math.max(0, lines.size() - 20), lines.size()));
    }

    /** Since the process was started. */
    double seconds() {
        return (System.nanoTime() - startNanos) / 1e9;
    }

    /** With guest's login. */
    BrokerUrl url() {
        return BrokerUrl.parse("amqp://guest:guest@127.0.0.1:" + place.port());
    }

    /** Without a login. */
    BrokerUrl anonymousUrl() {
        int port = contender instanceof BrokerJ ? place.anonymousPort() : place.port();
        return BrokerUrl.parse("amqp://127.0.0.1:" + port);
    }

    BrokerProcess process() {
        return BrokerProcess.of(process.pid());
    }

    JavaMemory memory() {
        return new JavaMemory(process.pid());
    }

    /** What the data folder takes on the disk, in bytes. */
    long diskBytes() throws IOException, InterruptedException {
        var du = new ProcessBuilder("du", "-sk", place.data().toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String said = new String(du.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        du.waitFor();
        return Long.parseLong(said.split("\\s+")[0]) << 10;
    }

    /** Ends it as an operator would; by force if it does not go. */
    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        } catch (IllegalStateException exiting) {
            // Our own end has begun, and ends the broker.
        }
    }
}
