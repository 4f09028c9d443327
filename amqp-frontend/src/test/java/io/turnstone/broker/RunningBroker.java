package io.turnstone.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A broker in a process of its own, started from the built distribution. */
final class RunningBroker implements AutoCloseable {

    static final Path COMMAND = Path.of("target/turnstone/bin/turnstone").toAbsolutePath();

    private static final Pattern READY =
            Pattern.compile("turnstone ready amqp=127\\.0\\.0\\.1:(\\d+)\\b.* data=(\\S+)");

    private final Process process;
    private final BufferedReader out;
    private final Path log;
    private final int port;

    private RunningBroker(Process process, BufferedReader out, Path log, int port) {
        this.process = process;
        this.out = out;
        this.log = log;
        this.port = port;
    }

    /** Starts in a working directory, waits for the line that says it is ready. */
    static RunningBroker start(Path directory, String... arguments) throws IOException {
        return startWith("", directory, arguments);
    }

    /** The same with options for its Java. */
    static RunningBroker startWith(String options, Path directory, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(COMMAND.toString(), "start"));
        command.addAll(List.of(arguments));
        Path log = Files.createTempFile(directory, "stderr", ".txt");
        var builder = new ProcessBuilder(command).directory(directory.toFile()).redirectError(log.toFile());
        builder.environment().put("TURNSTONE_OPTS", options);
        Process process = builder.start();
        BufferedReader out = process.inputReader();
        String line = out.readLine();
        assertThat(line).as("first line; log: " + Files.readString(log)).isNotNull();
        Matcher ready = READY.matcher(line);
        assertThat(ready.matches()).as(line).isTrue();
        return new RunningBroker(process, out, log, Integer.parseInt(ready.group(1)));
    }

    int port() {
        return port;
    }

    String log() throws IOException {
        return Files.readString(log);
    }

    void signal(String name) throws IOException, InterruptedException {
        int result = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .start()
                .waitFor();
        assertThat(result).isZero();
    }

    /** Waits for the end of the process: its exit code. */
    int exitCode() throws InterruptedException {
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("the broker ends").isTrue();
        return process.exitValue();
    }

    /** Everything it printed after the first line. */
    List<String> rest() throws IOException {
        return out.lines().toList();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
