package io.turnstone.it;

import static org.awaitility.Awaitility.await;

import io.turnstone.api.QueueStatus;
import io.turnstone.api.plugin.BrokerView;
import io.turnstone.broker.Broker;
import io.turnstone.broker.config.BrokerConfig;
import io.turnstone.broker.config.ConfigFile;
import io.turnstone.broker.security.ScramVerifier;
import io.turnstone.it.client.ClientKind;
import io.turnstone.it.client.Protonj2Client;
import io.turnstone.it.client.TestClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A broker in this process, on a free port, with its data in a temporary folder. Registered as a static extension it
 * serves all tests of a class, each of which finds the queues empty.
 */
final class BrokerFixture implements BeforeAllCallback, BeforeEachCallback, AfterAllCallback, AutoCloseable {

    /** Two loops, so that hand-offs between loops happen even on a small machine. */
    private static final String DEFAULTS = """
            loops: 2
            """;

    private static final String LISTENER = """
            listeners: [ { protocol: amqp, host: 127.0.0.1, port: 0 } ]
            """;

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final String yaml;
    private Path folder;
    private Broker broker;

    private BrokerFixture(String yaml) {
        this.yaml = DEFAULTS + (yaml.contains("listeners:") ? "" : LISTENER) + yaml;
    }

    /** One that JUnit starts and stops. */
    static BrokerFixture with(String yaml) {
        return new BrokerFixture(yaml);
    }

    /** One that is started now and stopped by {@link #close}. */
    static BrokerFixture start(String yaml) {
        var fixture = new BrokerFixture(yaml);
        fixture.start();
        return fixture;
    }

    /** What stands for a password in the configuration. */
    static String verifier(String password) {
        return ScramVerifier.of(password.toCharArray(), ScramVerifier.MIN_ITERATIONS)
                .written();
    }

    private void start() {
        try {
            folder = Files.createTempDirectory("turnstone-it");
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        launch(yaml);
    }

    private void launch(String configuration) {
        BrokerConfig config = ConfigFile.parse("test.yaml", configuration, folder, Map.of());
        broker = Broker.start(config.with(config.listeners(), folder.resolve("data")));
    }

    /** Stops it and starts it again with its data, on the same port. */
    void restart() {
        String again = yaml.replace("port: 0", "port: " + port());
        broker.close();
        launch(again);
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        start();
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        // again and again: what consumers of an earlier test held comes back when their connections are gone
        await("empty queues").atMost(PATIENCE).until(() -> {
            for (QueueStatus queue : view().queues()) {
                broker.router()
                        .topology()
                        .purge(queue.name())
                        .toCompletableFuture()
                        .get();
            }
            return view().queues().stream().allMatch(queue -> queue.messages() == 0);
        });
    }

    @Override
    public void afterAll(ExtensionContext context) {
        close();
    }

    @Override
    public void close() {
        broker.close();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    int port() {
        return broker.port();
    }

    /** The port of the first listener of a scheme. */
    int port(String scheme) {
        return broker.port(scheme);
    }

    /** Where Qpid JMS finds it. */
    String uri() {
        return "amqp://127.0.0.1:" + port();
    }

    /** Connects a client as guest. */
    TestClient connect(ClientKind kind) {
        return kind.connect(port());
    }

    /** Connects protonj2 as guest, for scenarios that need its own API. */
    Protonj2Client protonj2() {
        return new Protonj2Client(port(), "guest", "guest");
    }

    /** The broker in figures. */
    BrokerView view() {
        return broker.view();
    }

    /** A queue in figures of this moment; those of {@link #view} may be of the turn before. */
    Optional<QueueStatus> queue(String name) {
        return broker.router()
                .topology()
                .status(name)
                .handle((status, absent) -> Optional.ofNullable(status))
                .toCompletableFuture()
                .orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS)
                .join();
    }

    /** How many queues there are. */
    int queueCount() {
        return view().queues().size();
    }

    /** How many messages a queue holds, those at consumers included; 0 when there is no such queue. */
    long messages(String queue) {
        return queue(queue).map(QueueStatus::messages).orElse(0L);
    }

    /** Waits until a queue holds so many. */
    void awaitMessages(String queue, long count) {
        await("messages in " + queue).atMost(PATIENCE).until(() -> messages(queue), now -> now == count);
    }

    /** Waits until so many messages of a queue are ready for consumers. */
    void awaitReady(String queue, long count) {
        await("ready in " + queue)
                .atMost(PATIENCE)
                .until(() -> queue(queue).map(QueueStatus::ready).orElse(0L), now -> now == count);
    }
}
