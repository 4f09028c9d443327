package io.turnstone.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.apache.qpid.protonj2.client.Client;
import org.apache.qpid.protonj2.client.Connection;
import org.apache.qpid.protonj2.client.ConnectionOptions;
import org.apache.qpid.protonj2.client.Delivery;
import org.apache.qpid.protonj2.client.Message;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("The distribution")
class DistributionIT {

    private record Ran(int exitCode, String out, String err) {}

    @TempDir
    private Path folder;

    private Client client;

    @BeforeEach
    void open() {
        client = Client.create();
    }

    @AfterEach
    void close() {
        client.close();
    }

    private Ran run(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(RunningBroker.COMMAND.toString()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).directory(folder.toFile()).start();
        process.getOutputStream().close();
        String out = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        String err = new String(process.getErrorStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return new Ran(process.exitValue(), out, err);
    }

    private Connection connect(RunningBroker broker, ConnectionOptions options) throws Exception {
        options.reconnectEnabled(false);
        return client.connect("127.0.0.1", broker.port(), options).openFuture().get(20, TimeUnit.SECONDS);
    }

    private static void sendOne(Connection connection) throws Exception {
        connection
                .openSender("kept")
                .openFuture()
                .get(20, TimeUnit.SECONDS)
                .send(Message.create("x").durable(true))
                .awaitAccepted(20, TimeUnit.SECONDS);
    }

    @Test
    void startsWithoutAnyConfigurationAndStopsOnSigterm() throws Exception {
        try (RunningBroker broker = RunningBroker.start(folder, "--port", "0")) {
            List<String> ends = new CopyOnWriteArrayList<>();
            var options = new ConnectionOptions();
            options.disconnectedHandler((connection, event) -> ends.add(String.valueOf(event.failureCause())));
            sendOne(connect(broker, options));

            broker.signal("TERM");

            assertThat(broker.exitCode()).isZero();
            assertThat(broker.rest()).isEmpty();
            await().untilAsserted(
                            () -> assertThat(ends).singleElement().asString().contains("amqp:connection:forced"));
            assertThat(folder.resolve("turnstone-data/log/turnstone.log"))
                    .content()
                    .contains("started node=", "stopped node=");
        }
        try (RunningBroker broker = RunningBroker.start(folder, "--port", "0")) {
            Delivery delivery = connect(broker, new ConnectionOptions())
                    .openReceiver("kept")
                    .receive(20, TimeUnit.SECONDS);
            assertThat(delivery.message().body()).isEqualTo("x");
        }
    }

    @Test
    void keepsWhatItLoadedForItsNextStart() throws Exception {
        startAndStop();

        assertThat(loadedByTheNext()).contains("io.turnstone.broker.Main source: shared objects file (top)");
    }

    @Test
    void keepsWhatAConnectionNeedsWhereNobodyCame() throws Exception {
        try (var kept = Files.list(RunningBroker.COMMAND.resolveSibling("../cache"))) {
            for (Path each : kept.toList()) {
                Files.delete(each);
            }
        }
        startAndStop();
        Path loaded = folder.resolve("loaded.txt");
        try (RunningBroker broker =
                RunningBroker.startWith("-Xlog:class+load:file=" + loaded, folder, "--port", "0", "--data", "d")) {
            sendOne(connect(broker, new ConnectionOptions()));
        }

        assertThat(loaded)
                .content()
                .contains(
                        "io.turnstone.amqp.AmqpConnection source: shared objects file (top)",
                        "io.turnstone.amqp.IncomingLink source: shared objects file (top)",
                        "io.turnstone.router.queue.MessageQueue source: shared objects file (top)");
    }

    @Test
    void keepsItAnewWhereAProcessEndedWhileItWroteThat() throws Exception {
        startAndStop();
        try (var kept = Files.list(RunningBroker.COMMAND.resolveSibling("../cache"))) {
            for (Path each : kept.toList()) {
                Files.delete(each);
                Files.write(each, new byte[100_000]); // its first bytes are written last
            }
        }
        startAndStop();

        assertThat(loadedByTheNext()).contains("io.turnstone.broker.Main source: shared objects file (top)");
    }

    @Test
    void takesAnotherCollectorOfMemoryThanItsOwn() throws Exception {
        var next = new ProcessBuilder(RunningBroker.COMMAND.toString(), "--version");
        next.environment().put("TURNSTONE_OPTS", "-XX:+UseSerialGC -Xmx64m");

        assertThat(next.start().waitFor()).isZero();
    }

    /** The name is made by the shell, since this process may be in such a locale too. */
    @Test
    void takesNamesBeyondAsciiWhereTheLocaleDoesNot() throws Exception {
        var named = new ProcessBuilder(
                        "sh",
                        "-c",
                        "file=$(printf 'gr\\303\\266\\303\\237e.yaml'); echo 'queues: {}' > \"$file\"; exec \"$0\" check \"$file\"",
                        RunningBroker.COMMAND.toString())
                .directory(folder.toFile())
                .redirectErrorStream(true);
        named.environment().put("LC_ALL", "C");
        Process process = named.start();

        assertThat(process.getInputStream().readAllBytes())
                .asString(StandardCharsets.UTF_8)
                .isEqualTo("größe.yaml: ok\n");
        assertThat(process.waitFor()).isZero();
    }

    @Test
    void leavesNoLogOfACommandThatAsks() throws Exception {
        Path temporary = Files.createDirectory(folder.resolve("tmp"));
        for (var command : List.of(List.of("status"), List.of("store", "stats"))) {
            var asking = new ProcessBuilder(RunningBroker.COMMAND.toString());
            asking.command().addAll(command);
            asking.command().addAll(List.of("--data", "nowhere"));
            asking.environment().put("TURNSTONE_OPTS", "-Djava.io.tmpdir=" + temporary);
            assertThat(asking.directory(folder.toFile()).start().waitFor()).isEqualTo(1);
        }

        assertThat(temporary).isEmptyDirectory();
    }

    @Test
    void leavesNoTemporaryFilesWhenItIsKilled() throws Exception {
        Path temporary = Files.createDirectory(folder.resolve("temporary"));
        try (RunningBroker broker =
                RunningBroker.startWith("-Djava.io.tmpdir=" + temporary, folder, "--port", "0", "--data", "d")) {
            sendOne(connect(broker, new ConnectionOptions()));

            broker.signal("KILL");

            assertThat(broker.exitCode()).isNotZero();
            assertThat(temporary).isEmptyDirectory();
        }
    }

    private void startAndStop() throws Exception {
        try (RunningBroker broker = RunningBroker.start(folder, "--port", "0", "--data", "d")) {
            broker.signal("TERM");
            assertThat(broker.exitCode()).isZero();
        }
    }

    private String loadedByTheNext() throws Exception {
        Path loaded = folder.resolve("loaded.txt");
        var next = new ProcessBuilder(RunningBroker.COMMAND.toString(), "--version");
        next.environment().put("TURNSTONE_OPTS", "-Xlog:class+load:file=" + loaded);
        assertThat(next.start().waitFor()).isZero();
        return Files.readString(loaded);
    }

    @Test
    void refusesAFolderThatAnotherProcessUses() throws Exception {
        try (RunningBroker broker = RunningBroker.start(folder, "--port", "0", "--data", "d")) {
            Ran second = run("start", "--port", "0", "--data", "d");

            assertThat(second.exitCode()).isEqualTo(1);
            assertThat(second.out()).isEmpty();
            assertThat(second.err().lines())
                    .singleElement()
                    .asString()
                    .matches("turnstone: data folder .*/d is in use by another broker \\(process \\d+\\);"
                            + " stop it, or choose another folder with --data or store: path");
            assertThat(broker.port()).isPositive();
        }
    }

    @Test
    void refusesAPortThatAnotherProcessUses() throws Exception {
        try (RunningBroker broker = RunningBroker.start(folder, "--port", "0", "--data", "d")) {
            Ran second = run("start", "--port", Integer.toString(broker.port()), "--data", "other");

            assertThat(second.exitCode()).isEqualTo(1);
            assertThat(second.err()).contains("turnstone: cannot listen on amqp 127.0.0.1:" + broker.port());
        }
    }

    @Test
    void tellsHowItIs() throws Exception {
        try (RunningBroker broker = RunningBroker.start(folder, "--port", "0", "--data", "d")) {
            connect(broker, new ConnectionOptions())
                    .openSender("work")
                    .openFuture()
                    .get(20, TimeUnit.SECONDS);

            Ran status = run("status", "--data", "d", "--json");

            assertThat(status.exitCode()).isZero();
            var report = new JsonObject(status.out());
            assertThat(report.getString("health")).isEqualTo("ok");
            assertThat(report.getJsonArray("queues").getJsonObject(0).getString("name"))
                    .isEqualTo("work");
            assertThat(report.getJsonArray("connections")).hasSize(1);
        }
        assertThat(run("status", "--data", "d").exitCode()).isEqualTo(1);
    }

    @Test
    void readsItsFileAgainOnSighup() throws Exception {
        Path file = folder.resolve("broker.yaml");
        Files.writeString(file, "queues:\n  old: {}\n");
        try (RunningBroker broker =
                RunningBroker.start(folder, "--config", file.toString(), "--port", "0", "--data", "d")) {
            Files.writeString(file, "loops: 9\nqueues:\n  new: { priorities: 10 }\n");
            broker.signal("HUP");
            await().atMost(Duration.ofSeconds(60)).until(() -> broker.log().contains("configuration reloaded"));

            assertThat(queues()).containsExactly("new");
            assertThat(broker.log()).contains("configuration: a change of 'loops' waits for a restart");

            Files.writeString(file, "queues:\n  newer: { tll: 1h }\n");
            broker.signal("HUP");
            await().atMost(Duration.ofSeconds(60)).until(() -> broker.log().contains("not reloaded"));

            assertThat(queues()).containsExactly("new");
            assertThat(broker.log())
                    .contains("nothing was changed: " + file + ":2:12: queue 'newer' has an unknown key 'tll';"
                            + " did you mean 'ttl'?");
        }
    }

    private List<String> queues() throws Exception {
        return new JsonObject(run("status", "--data", "d", "--json").out())
                .getJsonArray("queues").stream()
                        .map(queue -> ((JsonObject) queue).getString("name"))
                        .toList();
    }

    @Test
    void runsItsPlugins() throws Exception {
        Path file = folder.resolve("broker.yaml");
        Files.writeString(file, """
                exchanges:
                  shards: { type: consistent-hash }
                plugins:
                  - { name: consistent-hash }
                  - { name: metrics, config: { port: 0 } }
                """);
        try (RunningBroker broker =
                RunningBroker.start(folder, "--config", file.toString(), "--port", "0", "--data", "d")) {
            assertThat(broker.log()).contains("plugin=consistent-hash started", "plugin=metrics started");
        }
    }

    @Test
    void checksWhatItsPluginsKnow() throws Exception {
        Files.writeString(folder.resolve("bad.yaml"), """
                exchanges:
                  shards: { type: consistent-hash, arguments: { hash-haeder: id } }
                  more: { type: consistent-hash }
                queues: { q: {} }
                bindings:
                  - { exchange: more, queue: q, key: heavy }
                plugins:
                  - { name: consistent-hash }
                """);

        Ran check = run("check", "bad.yaml");

        assertThat(check.exitCode()).isEqualTo(2);
        assertThat(check.out().lines())
                .containsExactly(
                        "bad.yaml:2:47: exchange 'shards': unknown argument 'hash-haeder'; a consistent-hash exchange takes"
                                + " hash-header",
                        "bad.yaml:6:38: binding of 'q' to 'more': key 'heavy' must be its weight, 1 to 1000");
        assertThat(run("start", "--config", "bad.yaml").err()).isEqualTo(check.out());
    }

    @Test
    void namesWhoSpeaksAnotherProtocol() throws Exception {
        try (RunningBroker broker = RunningBroker.start(folder, "--port", "0", "--data", "d")) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), broker.port())) {
                socket.setSoTimeout(20_000);
                socket.getOutputStream().write(new byte[] {'A', 'M', 'Q', 'P', 0, 0, 9, 1});
                assertThat(socket.getInputStream().readAllBytes()).startsWith('A', 'M', 'Q', 'P');
            }
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> broker.log().contains("speaks AMQP 0-9-1; Turnstone speaks AMQP 1.0"));
        }
    }

    @Test
    void namesWhoCannotSpeakTls() throws Exception {
        var certificate = TestCertificate.make(folder, "one");
        Files.writeString(folder.resolve("tls.yaml"), """
                listeners:
                  - { port: 0 }
                  - { port: 0, tls: { cert: %s, key: %s } }
                """.formatted(certificate.cert(), certificate.key()));
        try (RunningBroker broker = RunningBroker.start(folder, "--config", "tls.yaml", "--data", "d")) {
            String listeners = new JsonObject(
                            run("status", "--data", "d", "--json").out())
                    .getJsonObject("listeners")
                    .getJsonArray("amqps")
                    .getString(0);
            int port = Integer.parseInt(listeners.substring(listeners.lastIndexOf(':') + 1));
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                socket.setSoTimeout(20_000);
                socket.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                socket.getInputStream().readAllBytes(); // an alert, then the end
            }
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> broker.log().contains("the peer does not speak TLS; connect with amqps"));
            assertThat(broker.log())
                    .contains("handshake failed remote=127.0.0.1:")
                    .doesNotContain("\tat ");
        }
    }

    @Test
    void answersBadFlags() throws Exception {
        assertThat(run("start", "--nonsense").exitCode()).isEqualTo(2);
        assertThat(run("--version").out()).startsWith("turnstone ");
        Files.writeString(folder.resolve("bad.yaml"), "queus: {}\n");
        Ran check = run("check", "bad.yaml");
        assertThat(check.exitCode()).isEqualTo(2);
        assertThat(check.out()).isEqualTo("bad.yaml:1:1: unknown key 'queus'; did you mean 'queues'?\n");
    }
}
