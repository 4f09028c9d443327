package io.turnstone.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.turnstone.api.Binding;
import io.turnstone.api.ExchangeSpec;
import io.turnstone.api.QueueSpec;
import io.turnstone.broker.config.Anonymous;
import io.turnstone.broker.config.BrokerConfig;
import io.turnstone.broker.config.Limits;
import io.turnstone.broker.config.ListenerConfig;
import io.turnstone.broker.config.PluginConfig;
import io.turnstone.broker.plugin.PluginJar;
import io.turnstone.broker.security.Glob;
import io.turnstone.broker.security.Permission;
import io.turnstone.broker.security.ScramVerifier;
import io.turnstone.broker.security.User;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.qpid.protonj2.client.Client;
import org.apache.qpid.protonj2.client.Connection;
import org.apache.qpid.protonj2.client.ConnectionOptions;
import org.apache.qpid.protonj2.client.Delivery;
import org.apache.qpid.protonj2.client.Message;
import org.apache.qpid.protonj2.client.Receiver;
import org.apache.qpid.protonj2.client.Sender;
import org.apache.qpid.protonj2.client.exceptions.ClientException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A broker in this JVM")
class BrokerTest {

    @TempDir
    private Path folder;

    private Client client;

    @BeforeEach
    void open() {
        client = Client.create();
    }

    @AfterEach
    void close() throws Exception {
        client.close();
    }

    private BrokerConfig.Builder config() {
        return BrokerConfig.builder(folder.resolve("data")).stopTimeoutMs(2_000);
    }

    private Connection connect(Broker broker) throws Exception {
        return connect(broker, new ConnectionOptions());
    }

    private Connection connect(Broker broker, ConnectionOptions options) throws Exception {
        options.reconnectEnabled(false);
        return client.connect("127.0.0.1", broker.port(), options).openFuture().get(20, TimeUnit.SECONDS);
    }

    private static ConnectionOptions as(String user, String password) {
        var options = new ConnectionOptions().user(user).password(password);
        options.saslOptions().addAllowedMechanism("PLAIN");
        return options;
    }

    @ParameterizedTest(name = "with {0} loops")
    @ValueSource(ints = {1, 3})
    void carriesMessages(int loops) throws Exception {
        try (Broker broker = Broker.start(config().loops(loops).build())) {
            Connection connection = connect(broker);
            Sender sender = connection.openSender("work").openFuture().get(20, TimeUnit.SECONDS);
            for (int i = 0; i < 100; i++) {
                sender.send(Message.create("body " + i).durable(true)).awaitAccepted(20, TimeUnit.SECONDS);
            }
            assertThat(receive(connect(broker), "work", 100)).first().isEqualTo("body 0");
            await().untilAsserted(() -> assertThat(broker.view().queues())
                    .singleElement()
                    .satisfies(queue -> assertThat(queue.accepted()).isEqualTo(100)));
            assertThat(broker.view().connections()).hasSize(2);
        }
    }

    @Test
    void keepsDurableMessagesThroughARestart() throws Exception {
        try (Broker broker = Broker.start(config().build())) {
            Sender sender = connect(broker).openSender("work").openFuture().get(20, TimeUnit.SECONDS);
            sender.send(Message.create("kept").durable(true)).awaitAccepted(20, TimeUnit.SECONDS);
        }
        try (Broker broker = Broker.start(config().build())) {
            assertThat(receive(connect(broker), "work", 1)).containsExactly("kept");
        }
    }

    @Test
    void routesByItsTopology() throws Exception {
        BrokerConfig config = config().exchange(ExchangeSpec.of("orders", "topic"))
                .queue(QueueSpec.named("eu").build())
                .binding(new Binding("orders", "eu", false, "order.eu.#", Map.of()))
                .build();
        try (Broker broker = Broker.start(config)) {
            Connection connection = connect(broker);
            Sender sender = connection
                    .openSender("/exchanges/orders/order.eu.paid")
                    .openFuture()
                    .get(20, TimeUnit.SECONDS);
            sender.send(Message.create("x")).awaitAccepted(20, TimeUnit.SECONDS);

            assertThat(receive(connection, "/queues/eu", 1)).containsExactly("x");
        }
    }

    @Test
    void livesBesideOthers() throws Exception {
        try (Broker one =
                        Broker.start(BrokerConfig.builder(folder.resolve("one")).build());
                Broker two =
                        Broker.start(BrokerConfig.builder(folder.resolve("two")).build())) {
            connect(one).openSender("a").openFuture().get(20, TimeUnit.SECONDS);
            connect(two).openSender("b").openFuture().get(20, TimeUnit.SECONDS);

            assertThat(one.view().queues()).extracting("name").containsExactly("a");
            assertThat(two.view().queues()).extracting("name").containsExactly("b");
        }
    }

    @Test
    void refusesAFolderThatIsInUse() {
        try (Broker broker = Broker.start(config().build())) {
            assertThatExceptionOfType(BrokerException.class)
                    .isThrownBy(() -> Broker.start(config().build()))
                    .withMessageStartingWith("data folder " + broker.data() + " is in use by another broker");
        }
        Broker.start(config().build()).close();
    }

    @Test
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void keepsItsFolderToItself() throws Exception {
        try (Broker broker = Broker.start(config().build())) {
            assertThat(Files.getPosixFilePermissions(broker.data()))
                    .isEqualTo(PosixFilePermissions.fromString("rwx------"));
        }
    }

    @Test
    void saysWhichPortIsTaken() {
        try (Broker broker = Broker.start(config().build())) {
            var config = BrokerConfig.builder(folder.resolve("other"))
                    .listener(ListenerConfig.amqp("127.0.0.1", broker.port()))
                    .build();
            assertThatExceptionOfType(BrokerException.class)
                    .isThrownBy(() -> Broker.start(config))
                    .withMessageStartingWith("cannot listen on amqp 127.0.0.1:" + broker.port());
        }
    }

    @Test
    void saysGoodByeWhenItStops() throws Exception {
        Broker broker = Broker.start(config().build());
        List<String> ends = new ArrayList<>();
        var options = new ConnectionOptions();
        options.disconnectedHandler((connection, event) -> ends.add(String.valueOf(
                event.failureCause() == null ? "" : event.failureCause().getMessage())));
        connect(broker, options);

        broker.close();

        await().untilAsserted(() -> assertThat(ends).singleElement().asString().contains("amqp:connection:forced"));
    }

    @Test
    void letsGuestInAndNobodyElse() throws Exception {
        try (Broker broker = Broker.start(config().anonymous(Anonymous.NEVER).build())) {
            connect(broker, as("guest", "guest")).close();

            assertThatExceptionOfType(Exception.class)
                    .isThrownBy(() -> connect(broker, as("guest", "wrong")))
                    .withStackTraceContaining("SASL");
            assertThatExceptionOfType(Exception.class).isThrownBy(() -> connect(broker));
        }
    }

    @Test
    void enforcesPermissions() throws Exception {
        var permission = new Permission(
                Set.of(io.turnstone.api.plugin.Authorizer.Action.PUBLISH), List.of(Glob.of("/queues/in")));
        BrokerConfig config = config().queue(QueueSpec.named("in").build())
                .queue(QueueSpec.named("out").build())
                .user(User.of("joe", ScramVerifier.of("pw".toCharArray(), 4096), List.of(permission)))
                .build();
        try (Broker broker = Broker.start(config)) {
            Connection connection = connect(broker, as("joe", "pw"));
            connection
                    .openSender("/queues/in")
                    .openFuture()
                    .get(20, TimeUnit.SECONDS)
                    .send(Message.create("x"))
                    .awaitAccepted(20, TimeUnit.SECONDS);

            assertThatExceptionOfType(Exception.class)
                    .isThrownBy(() ->
                            connection.openSender("/queues/out").openFuture().get(20, TimeUnit.SECONDS))
                    .withStackTraceContaining("amqp:unauthorized-access");
            assertThatExceptionOfType(Exception.class)
                    .isThrownBy(() ->
                            connection.openReceiver("/queues/in").openFuture().get(20, TimeUnit.SECONDS))
                    .withStackTraceContaining("amqp:unauthorized-access");
        }
    }

    @Test
    void takesOverAChangedTopologyAndUsers() throws Exception {
        try (Broker broker = Broker.start(config().anonymous(Anonymous.NEVER)
                .queue(QueueSpec.named("old").build())
                .build())) {
            boolean done = broker.reload(config().anonymous(Anonymous.NEVER)
                    .queue(QueueSpec.named("new").build())
                    .user(User.of("joe", ScramVerifier.of("pw".toCharArray(), 4096), List.of()))
                    .loops(7)
                    .build());

            assertThat(done).isTrue();
            assertThat(broker.view().queues()).extracting("name").containsExactly("new");
            connect(broker, as("joe", "pw")).close();
            assertThatExceptionOfType(Exception.class).isThrownBy(() -> connect(broker, as("guest", "guest")));
        }
    }

    @Test
    void limitsConnections() throws Exception {
        Limits limits = new Limits(
                2,
                1_000,
                65_536,
                1 << 20,
                1 << 20,
                60_000,
                10,
                10,
                10_000,
                Limits.DEFAULT.transactions(),
                Limits.DEFAULT.linkRecovery(),
                1);
        try (Broker broker = Broker.start(config().limits(limits).build());
                Socket one = new Socket(InetAddress.getLoopbackAddress(), broker.port());
                Socket two = new Socket(InetAddress.getLoopbackAddress(), broker.port())) {
            assertThat(List.of(one, two)).allMatch(Socket::isConnected);
            await().untilAsserted(() -> {
                try (Socket three = new Socket(InetAddress.getLoopbackAddress(), broker.port());
                        InputStream in = three.getInputStream()) {
                    three.setSoTimeout(5_000);
                    assertThat(in.read()).isEqualTo(-1);
                }
            });
        }
    }

    @Test
    void losesNoMessageToAPluginThatFails() throws Exception {
        Path plugins = folder.resolve("plugins");
        PluginJar.make(plugins, "flaky", """
                context.publishInterceptor((message, to, from) -> {
                    if (message.body().length() > 1000) { throw new IllegalStateException("too long for me"); }
                    return PublishInterceptor.Verdict.PASS;
                });
                context.exchangeType(new ExchangeType() {
                    public String name() { return "failing"; }
                    public Routes create(ExchangeSpec spec) {
                        return new Routes() {
                            public Routes with(Binding binding) { return this; }
                            public Routes without(Binding binding) { return this; }
                            public void route(Message message, String key, java.util.function.Consumer<Binding> to) {
                                throw new IllegalStateException("no way");
                            }
                            public boolean byKeyAlone() { return false; }
                        };
                    }
                });
                """);
        BrokerConfig config = config().plugin(new PluginConfig("flaky", false, Map.of()))
                .pluginFolder(plugins)
                .exchange(ExchangeSpec.of("x", "failing"))
                .exchange(ExchangeSpec.of("f", "fanout"))
                .queue(QueueSpec.named("q").build())
                .binding(new Binding("f", "q", false, "", Map.of()))
                .build();
        try (Broker broker = Broker.start(config)) {
            Connection connection = connect(broker);
            Sender sender = connection.openSender("/queues/q").openFuture().get(20, TimeUnit.SECONDS);
            var refused = sender.send(Message.create("x".repeat(2_000)));
            assertThat(refused.settlementFuture()
                            .get(20, TimeUnit.SECONDS)
                            .remoteState()
                            .getType())
                    .hasToString("REJECTED");

            Sender failing =
                    connection.openSender("/exchanges/x/k").openFuture().get(20, TimeUnit.SECONDS);
            var unrouted = failing.send(Message.create("lost?"));
            assertThat(unrouted.settlementFuture()
                            .get(20, TimeUnit.SECONDS)
                            .remoteState()
                            .getType())
                    .hasToString("RELEASED");

            Sender fanout = connection.openSender("/exchanges/f/k").openFuture().get(20, TimeUnit.SECONDS);
            fanout.send(Message.create("good")).awaitAccepted(20, TimeUnit.SECONDS);
            assertThat(receive(connection, "/queues/q", 1)).containsExactly("good");
        }
    }

    private static List<String> receive(Connection connection, String address, int count) throws ClientException {
        List<String> bodies = new ArrayList<>();
        Receiver receiver = connection.openReceiver(address);
        for (int i = 0; i < count; i++) {
            Delivery delivery = receiver.receive(20, TimeUnit.SECONDS);
            assertThat(delivery).as("delivery %d of %d", i + 1, count).isNotNull();
            bodies.add(String.valueOf(delivery.message().body()));
            delivery.accept();
        }
        return bodies;
    }
}
