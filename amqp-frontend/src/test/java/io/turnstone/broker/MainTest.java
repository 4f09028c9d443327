package io.turnstone.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.broker.config.BrokerConfig;
import io.turnstone.broker.security.ScramVerifier;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
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
        CommandLine commandLine = Main.commandLine();
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
    void showsTheStatusOfARunningBroker() {
        var config = BrokerConfig.builder(folder)
                .node("here")
                .queue(io.turnstone.api.QueueSpec.named("orders").build())
                .build();
        try (Broker broker = Broker.start(config)) {
            assertThat(run("status", "--data", folder.toString())).isZero();
            assertThat(out.toString())
                    .contains("node      here", "health    ok", "amqp=127.0.0.1:" + broker.port(), "orders");

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
