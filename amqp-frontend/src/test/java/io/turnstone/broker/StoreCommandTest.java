package io.turnstone.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.api.QueueSpec;
import io.turnstone.broker.config.BrokerConfig;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.RandomAccessFile;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.qpid.protonj2.client.Client;
import org.apache.qpid.protonj2.client.Connection;
import org.apache.qpid.protonj2.client.ConnectionOptions;
import org.apache.qpid.protonj2.client.Message;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("turnstone store")
class StoreCommandTest {

    @TempDir
    private Path folder;

    private StringWriter out = new StringWriter();
    private StringWriter err = new StringWriter();
    private Client client;

    @BeforeEach
    void open() {
        client = Client.create();
    }

    @AfterEach
    void close() throws Exception {
        client.close();
    }

    private int run(String... args) {
        out = new StringWriter();
        err = new StringWriter();
        var commandLine = Main.commandLine(args);
        commandLine.setOut(new PrintWriter(out));
        commandLine.setErr(new PrintWriter(err));
        return commandLine.execute(args);
    }

    private Path data() {
        return folder.resolve("data");
    }

    private Broker broker(Path data) {
        return Broker.start(BrokerConfig.builder(data)
                .stopTimeoutMs(2_000)
                .queue(QueueSpec.named("orders").durable(true).build())
                .build());
    }

    private Connection connect(Broker broker) throws Exception {
        var options = new ConnectionOptions();
        options.reconnectEnabled(false);
        return client.connect("127.0.0.1", broker.port(), options).openFuture().get(20, TimeUnit.SECONDS);
    }

    private void send(Broker broker, int from, int to) throws Exception {
        try (var connection = connect(broker);
                var sender = connection.openSender("/queues/orders")) {
            for (int i = from; i < to; i++) {
                sender.send(Message.create("order " + i).durable(true))
                        .settlementFuture()
                        .get(20, TimeUnit.SECONDS);
            }
        }
    }

    private List<String> received(Broker broker, int count) throws Exception {
        var bodies = new ArrayList<String>();
        try (var connection = connect(broker);
                var receiver = connection.openReceiver("/queues/orders")) {
            for (int i = 0; i < count; i++) {
                var delivery = receiver.receive(20, TimeUnit.SECONDS);
                bodies.add((String) delivery.message().body());
                delivery.accept();
            }
        }
        return bodies;
    }

    private static List<String> orders(int to) {
        return java.util.stream.IntStream.range(0, to)
                .mapToObj(i -> "order " + i)
                .toList();
    }

    private JsonObject json() {
        return new JsonObject(out.toString());
    }

    @Test
    void verifiesAndCountsWhileTheBrokerRunsAndAfterwards() throws Exception {
        try (var broker = broker(data())) {
            send(broker, 0, 20);
            assertThat(run("store", "verify", "--data", data().toString())).isZero();
            assertThat(out.toString()).containsPattern("orders +20 .*").contains("damage: 0");
            assertThat(run("store", "stats", "--json", "--data", data().toString()))
                    .isZero();
            assertThat(json().getJsonArray("queues").getJsonObject(0).getInteger("inJournal"))
                    .isEqualTo(20);
            send(broker, 20, 30);
        }
        assertThat(run("store", "verify", "--json", "--data", data().toString()))
                .isZero();
        assertThat(json().getJsonArray("queues").getJsonObject(0).getInteger("messages"))
                .isEqualTo(30);
        assertThat(run("store", "stats", "--data", data().toString())).isZero();
        assertThat(out.toString()).contains("format    4").contains("mapdb-1.db");
    }

    @Test
    void exitsWithThreeWhenTheStoreIsDamaged() throws Exception {
        try (var broker = broker(data())) {
            send(broker, 0, 20);
        }
        damage(data().resolve("store/mapdb-1.db"), "order 7");

        assertThat(run("store", "verify", "--data", data().toString())).isEqualTo(3);
        assertThat(out.toString()).contains("queue 'orders': 20 of 20 messages cannot be read");
    }

    private static void damage(Path path, String text) throws IOException {
        int at = Files.readString(path, StandardCharsets.ISO_8859_1).indexOf(text);
        try (var file = new RandomAccessFile(path.toFile(), "rw")) {
            file.seek(at);
            file.write('x');
        }
    }

    @Test
    void backsUpARunningBrokerAndRestoresIt() throws Exception {
        Path backup = folder.resolve("backup");
        Path restored = folder.resolve("restored");
        try (var broker = broker(data())) {
            send(broker, 0, 20);
            assertThat(run("store", "backup", "--data", data().toString(), backup.toString()))
                    .isZero();
            assertThat(out.toString()).startsWith("backed up " + data() + " to " + backup + " bytes=");
            send(broker, 20, 25);
            assertThat(received(broker, 25)).isEqualTo(orders(25));
        }
        assertThat(run("store", "restore", "--data", restored.toString(), backup.toString()))
                .isZero();
        try (var broker = broker(restored)) {
            assertThat(received(broker, 20)).isEqualTo(orders(20));
        }
        try (var broker = broker(backup)) {
            assertThat(received(broker, 20)).isEqualTo(orders(20));
        }
    }

    @Test
    void exportsARunningBrokerAndImportsIntoANewOne() throws Exception {
        Path file = folder.resolve("all.ndjson.gz");
        Path other = folder.resolve("other");
        try (var broker = broker(data())) {
            send(broker, 0, 20);
            assertThat(run("store", "export", "--data", data().toString(), file.toString()))
                    .isZero();
            assertThat(run("store", "import", "--data", data().toString(), file.toString()))
                    .isEqualTo(1);
            assertThat(err.toString()).contains("is in use by another broker");
        }
        assertThat(run("store", "import", "--data", other.toString(), file.toString()))
                .isZero();
        assertThat(out.toString()).isEqualTo("imported " + file + " into " + other + " messages=20\n");
        try (var broker = broker(other)) {
            send(broker, 20, 30);
            assertThat(received(broker, 30)).isEqualTo(orders(30));
        }
    }

    @Test
    void salvagesADamagedStore() throws Exception {
        try (var broker = broker(data())) {
            send(broker, 0, 200);
        }
        damage(data().resolve("store/mapdb-1.db"), "order 7");
        Files.delete(data().resolve("store/MANIFEST"));
        Path clean = folder.resolve("clean");

        assertThat(run("store", "salvage", "--to", clean.toString(), data().toString()))
                .isEqualTo(3);
        assertThat(out.toString())
                .contains("MANIFEST is damaged or missing", "queue 'orders': 64 of 200 messages cannot be read");
        assertThat(run("store", "verify", "--data", clean.toString())).isZero();
        try (var broker = broker(clean)) {
            assertThat(received(broker, 136)).isEqualTo(orders(200).subList(64, 200));
        }
    }

    @Test
    void tellsOfAFileThatMustNotBeWrittenUntilTheBrokerHasHealedIt() throws Exception {
        try (var broker = broker(data())) {
            send(broker, 0, 20);
        }
        try (var file = new RandomAccessFile(data().resolve("store/mapdb-1.db").toFile(), "rw")) {
            file.write(new byte[4096]); // its head
        }
        assertThat(run("store", "verify", "--data", data().toString())).isEqualTo(3);
        assertThat(out.toString())
                .contains("damage: 1")
                .contains("mapdb-1.db is damaged where MapDB says how to read it");

        try (var broker = broker(data())) {
            assertThat(received(broker, 10)).isEqualTo(orders(10));
        }
        assertThat(run("store", "verify", "--data", data().toString())).isZero();
        assertThat(run("store", "stats", "--data", data().toString())).isZero();
        assertThat(out.toString()).contains("damaged-mapdb-1.db", "damage: 0");
        try (var broker = broker(data())) {
            assertThat(received(broker, 10)).isEqualTo(orders(20).subList(10, 20));
        }
    }

    @Test
    void overwritesNothingAndSaysSo() throws Exception {
        try (var broker = broker(data())) {
            send(broker, 0, 1);
            assertThat(run("store", "backup", "--data", data().toString(), folder.toString()))
                    .isEqualTo(1);
            assertThat(err.toString())
                    .isEqualTo("turnstone: " + folder
                            + " is not empty, and nothing is ever overwritten; name another folder\n");
        }
        assertThat(run("store", "restore", "--data", data().toString(), folder.toString()))
                .isEqualTo(1);
        assertThat(err.toString()).contains("is not empty");
    }

    @Test
    void saysThatThereIsNoStore() {
        assertThat(run("store", "verify", "--data", folder.toString())).isEqualTo(1);
        assertThat(err.toString()).contains("there is no store in " + folder.resolve("store"));
        assertThat(run("store")).isEqualTo(2);
    }
}
