package io.turnstone.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.api.ExchangeSpec;
import io.turnstone.api.QueueSpec;
import io.turnstone.broker.config.BrokerConfig;
import io.turnstone.broker.security.ScramHash;
import io.turnstone.broker.security.ScramVerifier;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.apache.qpid.protonj2.client.Client;
import org.apache.qpid.protonj2.client.Connection;
import org.apache.qpid.protonj2.client.Message;
import org.apache.qpid.protonj2.client.Sender;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

@DisplayName("The command line")
class MainTest {

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    private Path folder;

    private int run(String... args) {
        CommandLine commandLine = Main.commandLine(args);
        commandLine.setOut(new PrintWriter(out));
        commandLine.setErr(new PrintWriter(err));
        return commandLine.execute(args);
    }

    @Test
    void asksForACommand() {
        assertThat(run()).isEqualTo(2);
        assertThat(err.toString()).contains("Name a command").contains("start").contains("check");
    }

    @Test
    void leavesTheLogToTheCommandThatRuns() {
        System.clearProperty("turnstone.log");
        assertThat(run("version")).isZero();
        assertThat(System.getProperty("turnstone.log")).isNull();
    }

    @Test
    void helps() {
        assertThat(run("--help")).isZero();
        assertThat(out.toString()).contains("Usage: turnstone").contains("hash-password");
    }

    @Test
    void tellsItsVersion() {
        assertThat(run("version")).isZero();
        assertThat(run("--version")).isZero();
        assertThat(out.toString()).isEqualTo(("turnstone " + Version.text() + System.lineSeparator()).repeat(2));
    }

    @Test
    void refusesFlagsItDoesNotKnow() {
        assertThat(run("start", "--prot", "1")).isEqualTo(2);
        assertThat(run("start", "--port", "70000")).isEqualTo(2);
        assertThat(err.toString()).contains("--port must be 0 to 65535, not 70000");
    }

    @Test
    void checksFilesAndFolders() throws Exception {
        Path good = Files.writeString(folder.resolve("good.yaml"), "loops: 1\n");
        assertThat(run("check", good.toString())).isZero();

        Files.writeString(folder.resolve("bad.yaml"), "loop: 1\nqueues:\n  q: { ttl: -1s }\n");
        assertThat(run("check", folder.toString())).isEqualTo(2);

        assertThat(out.toString().lines())
                .containsExactly(
                        good + ": ok",
                        folder.resolve("bad.yaml") + ":1:1: unknown key 'loop'; did you mean 'loops'?",
                        folder.resolve("bad.yaml")
                                + ":3:13: queue 'q': ttl must not be negative, as '-1s' is; write a duration such as 10s",
                        good + ": ok");
    }

    @Test
    void doesNotStartWithABadFile() throws Exception {
        Path bad = Files.writeString(folder.resolve("bad.yaml"), "loop: 1\n");

        assertThat(run("start", "--config", bad.toString())).isEqualTo(2);
        assertThat(err.toString()).isEqualTo(bad + ":1:1: unknown key 'loop'; did you mean 'loops'?\n");
    }

    @Test
    void hashesAPassword() {
        InputStream before = System.in;
        System.setIn(new ByteArrayInputStream("pencil\n".getBytes(StandardCharsets.UTF_8)));
        try {
            assertThat(run("hash-password", "--iterations", "4096")).isZero();
        } finally {
            System.setIn(before);
        }
        assertThat(ScramVerifier.parse(out.toString().trim()).matches("pencil".toCharArray()))
                .isTrue();
    }

    @Test
    void hashesForAnotherMechanism() {
        InputStream before = System.in;
        try {
            System.setIn(new ByteArrayInputStream("pencil\n".getBytes(StandardCharsets.UTF_8)));
            assertThat(run("hash-password", "--iterations", "4096", "--mechanism", "SCRAM-SHA-512"))
                    .isZero();
        } finally {
            System.setIn(before);
        }
        var verifier = ScramVerifier.parse(out.toString().trim());
        assertThat(verifier.hash()).isEqualTo(ScramHash.SHA_512);
        assertThat(verifier.matches("pencil".toCharArray())).isTrue();
        assertThat(run("hash-password", "--mechanism", "MD5")).isEqualTo(2);
        assertThat(err.toString()).contains("--mechanism must be SCRAM-SHA-256 or SCRAM-SHA-512, not 'MD5'");
    }

    @Test
    void warnsOfCertificatesThatHaveExpired(@TempDir Path certificates) throws Exception {
        var expired = TestCertificate.make(certificates, "expired", "EC", "-startdate", "-20d", "-validity", "10");
        Path file = Files.writeString(
                certificates.resolve("broker.yaml"),
                "listeners:\n  - { tls: { cert: " + expired.cert() + ", key: " + expired.key() + " } }\n");

        assertThat(run("check", file.toString())).isZero();

        assertThat(out.toString())
                .contains("broker.yaml:2:")
                .contains("warning: listener 1: tls: cert has a certificate that expired on ")
                .contains("broker.yaml: ok");
    }

    @Test
    void printsTheSchema() {
        assertThat(run("schema")).isZero();
        assertThat(new JsonObject(out.toString()).getJsonObject("properties").fieldNames())
                .contains("listeners", "queues", "bindings");
    }

    @Test
    void saysThatNoBrokerRuns() {
        assertThat(run("status", "--data", folder.toString())).isEqualTo(1);
        assertThat(err.toString())
                .isEqualTo("turnstone: no broker runs on data folder " + folder
                        + "; start one, or name its folder with --data\n");
    }

    @Test
    void empties() throws Exception {
        var config = BrokerConfig.builder(folder)
                .autoCreateQueues(true)
                .queue(QueueSpec.named("declared").build())
                .build();
        try (Broker broker = Broker.start(config);
                Client client = Client.create();
                Connection connection = client.connect("127.0.0.1", broker.port())) {
            try (Sender sender = connection.openSender("work")) {
                for (int i = 0; i < 3; i++) {
                    sender.send(Message.create("x").durable(true)).awaitAccepted(20, TimeUnit.SECONDS);
                }
            }
            assertThat(run("queue", "delete", "work", "--data", folder.toString()))
                    .isEqualTo(1);
            assertThat(run("queue", "purge", "work", "--data", folder.toString()))
                    .isZero();
            assertThat(run("queue", "delete", "work", "--data", folder.toString()))
                    .isZero();
            assertThat(run("queue", "purge", "work", "--data", folder.toString()))
                    .isEqualTo(1);
            assertThat(run("queue", "delete", "work", "--data", folder.toString()))
                    .isEqualTo(1);
            assertThat(run("queue", "delete", "declared", "--data", folder.toString()))
                    .isEqualTo(1);
            assertThat(broker.view().queues()).extracting("name").containsExactly("declared");
        }
        assertThat(out.toString().lines())
                .containsExactly("purged queue 'work' messages=3", "deleted queue 'work' messages=0");
        assertThat(err.toString().lines())
                .containsExactly(
                        "turnstone: queue 'work' has messages: purge it first",
                        "turnstone: no queue 'work'",
                        "turnstone: no queue 'work'",
                        "turnstone: queue 'declared' is declared in the configuration; remove it there");
    }

    @Test
    void asksForACommandForQueues() {
        assertThat(run("queue")).isEqualTo(2);
        assertThat(err.toString()).contains("turnstone queue purge NAME", "delete");
    }

    @Test
    void tellsInOneLineWhyABrokerCannotStart() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "");

        assertThat(run("start", "--port", "0", "--data", file.resolve("data").toString()))
                .isEqualTo(1);
        assertThat(err.toString().lines())
                .singleElement()
                .asString()
                .isEqualTo("turnstone: data folder " + file.resolve("data") + " cannot be used: there is a file " + file
                        + "; check that it is a folder you may write to");
    }

    @Test
    void checksThatPluginsAreThere() throws Exception {
        Path bad = Files.writeString(folder.resolve("bad.yaml"), """
                plugin-folder: plugins
                plugins:
                  - { name: absent }
                  - { name: perhaps, optional: true }
                """);

        assertThat(run("check", bad.toString())).isEqualTo(2);

        assertThat(out.toString())
                .isEqualTo(bad + ":3:13: plugin 'absent' is not installed: there is no JAR in "
                        + folder.resolve("plugins").resolve("absent")
                        + "; install it there or remove it from 'plugins:'\n");
    }

    @Test
    void showsTheStatusOfARunningBroker() {
        var config = BrokerConfig.builder(folder)
                .node("here")
                .queue(QueueSpec.named("orders").build())
                .exchange(ExchangeSpec.of("events", "topic"))
                .build();
        try (Broker broker = Broker.start(config)) {
            assertThat(run("status", "--data", folder.toString())).isZero();
            assertThat(out.toString())
                    .contains(
                            "node      here",
                            "health    ok",
                            "store     fsync always",
                            "amqp=127.0.0.1:" + broker.port(),
                            "orders",
                            "exchanges: 1",
                            "events")
                    .containsPattern("published +acked +expired +dropped +dead-lettered")
                    .containsPattern("published +unroutable +dropped");

            out.getBuffer().setLength(0);
            assertThat(run("status", "--json", "--data", folder.toString())).isZero();
            assertThat(new JsonObject(out.toString())
                            .getJsonArray("queues")
                            .getJsonObject(0)
                            .getString("name"))
                    .isEqualTo("orders");
        }
    }
}
