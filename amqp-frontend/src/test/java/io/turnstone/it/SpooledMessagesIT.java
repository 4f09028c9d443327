package io.turnstone.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.turnstone.it.client.ClientKind;
import io.turnstone.it.client.Incoming;
import io.turnstone.it.client.LongText;
import io.turnstone.it.client.Outgoing;
import io.turnstone.it.client.Settle;
import io.turnstone.it.client.TestClient;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.apache.qpid.protonj2.client.Client;
import org.apache.qpid.protonj2.client.Connection;
import org.apache.qpid.protonj2.client.ConnectionOptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@DisplayName("A message as large as the broker's memory")
@Timeout(240)
class SpooledMessagesIT {

    private static final int HEAP_MIB = 128;
    private static final String HUGE = LongText.ofLength(100 << 20);
    private static final String LARGE = LongText.ofLength(10 << 20);

    private static final String YAML = """
            loops: 2
            exchanges:
              all: { type: fanout }
            queues:
              big: { retry: { attempts: 2 }, dead-letter: { queue: dead } }
              dead: {}
              one: {}
              two: {}
              fleeting: { durable: false }
              short: { ttl: 500ms, dead-letter: { queue: dead } }
            bindings:
              - { exchange: all, queue: one }
              - { exchange: all, queue: two }
              - { exchange: all, queue: fleeting }
            """;

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path folder;

    private final Set<String> digests = ConcurrentHashMap.newKeySet();
    private ForkedBroker broker;

    @BeforeEach
    void start() {
        broker = ForkedBroker.start(folder, YAML, HEAP_MIB);
    }

    @AfterEach
    void stop() {
        broker.close();
    }

    private TestClient connect() {
        return ClientKind.PROTONJ2.connect(broker.port());
    }

    private static void send(TestClient client, Outgoing message) {
        assertThat(client.send(message).outcome()).isEqualTo("accepted");
    }

    private static void takes(TestClient client, String queue, Settle settle, String body) {
        Optional<Incoming> received = client.receive(queue, settle);
        assertThat(received).map(Incoming::body).contains(LongText.brief(body));
    }

    private long files() {
        try (var files = Files.walk(folder.resolve("data"))) {
            return files.filter(file -> file.toString().endsWith(".body")).count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void awaitNoFiles() {
        await().atMost(Duration.ofSeconds(20)).until(() -> files() == 0);
    }

    @ParameterizedTest(name = "{0}")
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "VERTX") // makes more copies than this heap has room for
    void arrivesWhole(ClientKind kind) {
        try (TestClient client = kind.connect(broker.port())) {
            send(client, Outgoing.to("/queues/big", HUGE));

            takes(client, "/queues/big", Settle.ACCEPTED, HUGE);
        }
        awaitNoFiles();
    }

    @Test
    void arrivesWholeWithoutBeingDurable() {
        try (TestClient client = connect()) {
            send(client, Outgoing.to("/queues/fleeting", HUGE).transientMessage());

            takes(client, "/queues/fleeting", Settle.ACCEPTED, HUGE);
        }
        awaitNoFiles();
    }

    @Test
    void comesWithOthersAtTheSameTime() throws Exception {
        var work = new ArrayList<CompletableFuture<Void>>();
        for (int i = 0; i < 4; i++) {
            int number = i;
            work.add(CompletableFuture.runAsync(() -> streams(number, 100 << 20)));
        }
        for (var each : work) {
            each.get(200, TimeUnit.SECONDS);
        }
        awaitNoFiles();
    }

    /** Sends and takes a message that is in the client's memory at no time either. */
    private void streams(int seed, int length) {
        var options = new ConnectionOptions().user("guest").password("guest");
        try (Client client = Client.create();
                Connection connection = client.connect("127.0.0.1", broker.port(), options);
                var sender = connection.openStreamSender("/queues/big");
                var receiver = connection.openStreamReceiver("/queues/big")) {
            var message = sender.beginMessage();
            message.durable(true);
            try (var out = new DigestOutputStream(message.body(), MessageDigest.getInstance("SHA-256"))) {
                var random = new Random(seed);
                var piece = new byte[100_000];
                for (int left = length; left > 0; left -= piece.length) {
                    random.nextBytes(piece);
                    out.write(piece, 0, Math.min(left, piece.length));
                }
                digests.add(HexFormat.of().formatHex(out.getMessageDigest().digest()));
            }
            assertThat(message.tracker()
                            .awaitSettlement(60, TimeUnit.SECONDS)
                            .remoteState()
                            .isAccepted())
                    .isTrue();

            var delivery = receiver.receive(60, TimeUnit.SECONDS);
            try (var in = new DigestInputStream(delivery.message().body(), MessageDigest.getInstance("SHA-256"))) {
                assertThat(in.transferTo(OutputStream.nullOutputStream())).isEqualTo(length);
                // Of whoever it is that the queue gave it to.
                assertThat(digests.remove(
                                HexFormat.of().formatHex(in.getMessageDigest().digest())))
                        .isTrue();
            }
            delivery.accept();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void isOneFileForManyQueues() {
        try (TestClient client = connect()) {
            send(client, Outgoing.to("/exchanges/all", LARGE));
            assertThat(files()).isEqualTo(1);

            takes(client, "/queues/one", Settle.ACCEPTED, LARGE);
            takes(client, "/queues/two", Settle.ACCEPTED, LARGE);
            takes(client, "/queues/fleeting", Settle.ACCEPTED, LARGE);
        }
    }

    @Test
    void isRetriedAndDeadLetteredAndLookedAt() {
        try (TestClient client = connect()) {
            send(client, Outgoing.to("/queues/big", LARGE).property("n", 1));
            takes(client, "/queues/big", Settle.FAILED, LARGE);
            takes(client, "/queues/big", Settle.FAILED, LARGE);

            await().atMost(Duration.ofSeconds(10))
                    .until(() -> client.browse("/queues/dead").size() == 1);
            assertThat(client.browse("/queues/dead").get(0).body()).isEqualTo(LongText.brief(LARGE));
            takes(client, "/queues/dead", Settle.ACCEPTED, LARGE);
        }
    }

    @Test
    void expiresLikeAnyOther() {
        try (TestClient client = connect()) {
            send(client, Outgoing.to("/queues/short", LARGE));

            takes(client, "/queues/dead", Settle.ACCEPTED, LARGE);
        }
        awaitNoFiles();
    }

    @Test
    void isThereAfterARestart() throws Exception {
        try (TestClient client = connect()) {
            send(client, Outgoing.to("/exchanges/all", LARGE));
            takes(client, "/queues/one", Settle.ACCEPTED, LARGE);
        }
        assertThat(broker.terminate()).isZero();
        start();

        try (TestClient client = connect()) {
            takes(client, "/queues/two", Settle.ACCEPTED, LARGE);
        }
        awaitNoFiles();
    }

    @Test
    void isThereAfterAKillIfItWasAcceptedAndElseLeavesNothing() throws Exception {
        try (TestClient client = connect()) {
            send(client, Outgoing.to("/queues/big", LARGE));
        }
        var unfinished = new Thread(() -> {
            try (TestClient client = connect()) {
                client.send(Outgoing.to("/queues/one", HUGE));
            }
        });
        unfinished.setUncaughtExceptionHandler((thread, expected) -> {});
        unfinished.start();
        await().atMost(Duration.ofSeconds(20)).until(() -> files() == 2);
        broker.kill();
        unfinished.join();
        start();

        try (TestClient client = connect()) {
            takes(client, "/queues/big", Settle.ACCEPTED, LARGE);
        }
    }
}
