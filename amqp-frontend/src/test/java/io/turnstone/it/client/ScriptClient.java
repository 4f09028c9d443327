package io.turnstone.it.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A client in another language: a child process that is told what to do, one line of JSON each way. */
public final class ScriptClient implements TestClient {

    private static final Path TESTS = Path.of("src/test").toAbsolutePath();
    private static final long ANSWER_SECONDS = 60;

    /** How to start a script. */
    record Script(List<String> command) {}

    private final Process process;
    private final Writer requests;
    private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();

    /** Qpid Proton of the system's own Python; empty when it is not installed. */
    static Optional<Script> python() {
        var command =
                List.of("/usr/bin/python3", TESTS.resolve("python/client.py").toString());
        return runs("/usr/bin/python3", "-c", "import proton") ? Optional.of(new Script(command)) : Optional.empty();
    }

    /** rhea on Node; empty when one of them is not installed. */
    static Optional<Script> node() {
        var command = List.of("node", TESTS.resolve("node/client.js").toString());
        boolean installed = Files.isDirectory(TESTS.resolve("node/node_modules/rhea")) && runs("node", "--version");
        return installed ? Optional.of(new Script(command)) : Optional.empty();
    }

    private static boolean runs(String... command) {
        try {
            return new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false; // there is no such program
        } catch (InterruptedException e) {
            throw new ClientFailure(e);
        }
    }

    /** rhea, connected in a way of its own; aborts the test when it is not installed. */
    public static ScriptClient rhea(Map<String, ?> how) {
        return new ScriptClient(ClientKind.RHEA.installed(node()), how);
    }

    /** Qpid Proton, connected in a way of its own; aborts the test when it is not installed. */
    public static ScriptClient proton(Map<String, ?> how) {
        return new ScriptClient(ClientKind.PYTHON.installed(python()), how);
    }

    ScriptClient(Script script, int port, String user, String password) {
        this(script, Map.of("port", port, "user", user, "password", password));
    }

    private ScriptClient(Script script, Map<String, ?> how) {
        try {
            process = new ProcessBuilder(script.command())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        requests = process.outputWriter(UTF_8);
        var reader =
                new Thread(this::readAnswers, "answers of " + script.command().get(0));
        reader.setDaemon(true);
        reader.start();
        try {
            var connect = new LinkedHashMap<String, Object>(how);
            connect.put("op", "connect");
            ask(connect);
        } catch (ClientFailure e) {
            process.destroyForcibly();
            throw e;
        }
    }

    private void readAnswers() {
        try (var lines = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                answers.add(line);
            }
        } catch (IOException e) {
            answers.add(Json.write(Map.of("failure", "cannot read from the script: " + e)));
        }
    }

    /** Sends one request and waits for its answer. */
    public Map<String, Object> ask(Map<String, ?> request) {
        try {
            requests.write(Json.write(request));
            requests.write('\n');
            requests.flush();
            String answer = answers.poll(ANSWER_SECONDS, TimeUnit.SECONDS);
            if (answer == null) {
                throw new ClientFailure("no answer to " + request.get("op"));
            }
            Map<String, Object> fields = Json.read(answer);
            if (fields.get("failure") != null) {
                throw new ClientFailure(fields.get("failure") + " " + text(fields, "condition"));
            }
            return fields;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new ClientFailure(e);
        }
    }

    @Override
    public Published send(Outgoing message) {
        return published(ask(fields("send", message)));
    }

    private static Map<String, Object> fields(String op, Outgoing message) {
        var fields = new LinkedHashMap<String, Object>();
        fields.put("op", op);
        fields.put("body", message.body());
        fields.put("durable", message.durable());
        fields.put("priority", message.priority());
        fields.put("ttl", message.ttlMs());
        fields.put("delay", message.delayMs());
        fields.put("settled", message.settled());
        fields.put("properties", message.properties());
        fields.put("wait", 10_000);
        putIfPresent(fields, "target", message.target());
        putIfPresent(fields, "to", message.to());
        putIfPresent(fields, "subject", message.subject());
        putIfPresent(fields, "reply_to", message.replyTo());
        return fields;
    }

    private static void putIfPresent(Map<String, Object> fields, String name, @Nullable String value) {
        if (value != null) {
            fields.put(name, value);
        }
    }

    @SuppressWarnings("unchecked")
    private static Published published(Map<String, Object> fields) {
        return new Published(
                text(fields, "outcome"),
                text(fields, "condition"),
                text(fields, "description"),
                fields.get("info") instanceof Map<?, ?> info ? (Map<String, Object>) info : Map.of());
    }

    private static String text(Map<String, Object> fields, String name) {
        return fields.get(name) == null ? "" : fields.get(name).toString();
    }

    @Override
    public Optional<Incoming> receive(String address, Settle settle) {
        return incoming(ask(Map.of("op", "receive", "address", address, "wait", 10_000, "settle", settle.name())));
    }

    @Override
    public Optional<Incoming> receiveWhere(String address, String condition) {
        return incoming(ask(Map.of(
                "op", "receive", "address", address, "wait", 10_000, "settle", "ACCEPTED", "selector", condition)));
    }

    @Override
    public Optional<Incoming> receiveNoWait(String address) {
        return incoming(ask(Map.of("op", "receive", "address", address, "wait", 0, "settle", "ACCEPTED")));
    }

    @Override
    @SuppressWarnings("unchecked")
    public List<Incoming> browse(String address) {
        var seen = new ArrayList<Incoming>();
        for (Object message :
                (List<Object>) ask(Map.of("op", "browse", "address", address)).get("seen")) {
            seen.add(incoming((Map<String, Object>) message).orElseThrow());
        }
        return seen;
    }

    @Override
    public Optional<Incoming> request(Outgoing request) {
        return incoming(ask(fields("request", request)));
    }

    @SuppressWarnings("unchecked")
    private static Optional<Incoming> incoming(Map<String, Object> fields) {
        if (fields.get("none") != null) {
            return Optional.empty();
        }
        return Optional.of(new Incoming(
                text(fields, "body"),
                (String) fields.get("subject"),
                (String) fields.get("reply_to"),
                ((Number) fields.get("delivery_count")).longValue(),
                ((Number) fields.get("priority")).intValue(),
                (Map<String, Object>) fields.get("annotations")));
    }

    @Override
    public void close() {
        try {
            requests.close(); // the script ends with its input
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (IOException | InterruptedException e) {
            process.destroyForcibly();
        }
    }
}
