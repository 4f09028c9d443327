package io.turnstone.it;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The broker as a user has it: {@code bin/turnstone start} of the distribution, as a child process that may be killed. */
final class ForkedBroker implements AutoCloseable {

    private static final Path PROGRAM =
            Path.of("target/turnstone/bin/turnstone").toAbsolutePath();
    private static final Pattern READY = Pattern.compile("turnstone ready amqp=[^ ]*:(\\d+).*");
    private static final long START_SECONDS = 30;
    private static final int HEAP_MIB = 256;

    private final Process process;
    private final CompletableFuture<Integer> port = new CompletableFuture<>();
    private final CopyOnWriteArrayList<String> output = new CopyOnWriteArrayList<>();

    private ForkedBroker(Path folder, String yaml, int heapMib, String... before) {
        try {
            Path config = folder.resolve("turnstone.yaml");
            Files.writeString(config, yaml);
            var command = new ArrayList<>(List.of(before));
            command.addAll(List.of(PROGRAM.toString(), "start", "--config", config.toString()));
            command.addAll(List.of("--data", folder.resolve("data").toString(), "--port", "0"));
            var builder = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
            builder.environment()
                    .putAll(Map.of(
                            "TURNSTONE_OPTS",
                            "-Xmx" + heapMib + "m -XX:TieredStopAtLevel=1",
                            "JAVA_HOME",
                            System.getProperty("java.home")));
            process = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        var reader = new Thread(this::read, "output of the broker");
        reader.setDaemon(true);
        reader.start();
    }

    /** Starts one on a folder, which keeps its configuration and its data, and waits until it is ready. */
    static ForkedBroker start(Path folder, String yaml) {
        return start(folder, yaml, HEAP_MIB);
    }

    /** The same with another size of heap. */
    static ForkedBroker start(Path folder, String yaml, int heapMib) {
        return new ForkedBroker(folder, yaml, heapMib).ready();
    }

    /** The same, with a shell's command that comes first and ends with {@code exec "$0" "$@"}. */
    static ForkedBroker startAfter(String shell, Path folder, String yaml) {
        return new ForkedBroker(folder, yaml, HEAP_MIB, "sh", "-c", shell).ready();
    }

    private ForkedBroker ready() {
        try {
            port.get(START_SECONDS, TimeUnit.SECONDS);
            return this;
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            kill();
            throw new IllegalStateException("the broker did not start: " + output, e);
        }
    }

    /** Starts one that is not expected to become ready. */
    static ForkedBroker launch(Path folder, String yaml) {
        return new ForkedBroker(folder, yaml, HEAP_MIB);
    }

    private void read() {
        try (var lines = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                output.add(line);
                Matcher ready = READY.matcher(line);
                if (ready.matches()) {
                    port.complete(Integer.valueOf(ready.group(1)));
                }
            }
        } catch (IOException e) {
            output.add("cannot read from the broker: " + e);
        }
        port.completeExceptionally(new IllegalStateException("the broker ended"));
    }

    int port() {
        return port.join();
    }

    /** Everything it said so far. */
    String output() {
        return String.join("\n", output);
    }

    /** kill -9. */
    void kill() {
        try {
            process.destroyForcibly().waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** SIGTERM; answers the exit code. */
    int terminate() throws InterruptedException {
        process.destroy();
        return exitCode();
    }

    /** Waits for the end and answers the exit code. */
    int exitCode() throws InterruptedException {
        if (!process.waitFor(START_SECONDS, TimeUnit.SECONDS)) {
            throw new IllegalStateException("the broker did not stop: " + output());
        }
        return process.exitValue();
    }

    @Override
    public void close() {
        kill();
    }
}
