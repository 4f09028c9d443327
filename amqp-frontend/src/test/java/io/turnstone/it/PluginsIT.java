package io.turnstone.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.turnstone.broker.Broker;
import io.turnstone.broker.config.BrokerConfig;
import io.turnstone.broker.config.ConfigFile;
import io.turnstone.broker.plugin.PluginJar;
import io.turnstone.broker.plugin.PluginJars;
import io.turnstone.it.client.ClientFailure;
import io.turnstone.it.client.ClientKind;
import io.turnstone.it.client.Incoming;
import io.turnstone.it.client.Outgoing;
import io.turnstone.it.client.Settle;
import io.turnstone.it.client.TestClient;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("A plugin in a JAR")
@Timeout(120)
class PluginsIT {

    @TempDir
    private Path folder;

    private Broker start(String name, String yaml) throws IOException {
        Path file = folder.resolve("turnstone.yaml");
        Files.writeString(file, """
                plugin-folder: plugins
                plugins: [ { name: %s } ]
                queues: { q: {} }
                """.formatted(name) + yaml);
        try (var plugins = new PluginJars()) {
            BrokerConfig config = ConfigFile.read(file, plugins, warning -> {});
            return Broker.start(config.with(config.listeners(), folder.resolve("data")));
        }
    }

    private static final String AMQP = "listeners: [ { protocol: amqp, host: 127.0.0.1, port: 0 } ]\n";

    @Test
    void decidesWhoComesAndWhatHeMayDo() throws Exception {
        PluginJar.make(folder.resolve("plugins"), "door", """
                context.authenticator((user, password, remote) -> user.equals("eve") ? Optional.empty()
                        : Optional.of(new Identity(new String(password), "TEST")));
                context.authorizer((identity, action, resource) ->
                        action != Authorizer.Action.CONSUME || identity.name().equals("reader"));
                """);

        try (Broker broker = start("door", AMQP + "anonymous: never\n")) {
            assertThatThrownBy(() -> ClientKind.PROTONJ2
                            .connect(broker.port(), "eve", "reader")
                            .close())
                    .isInstanceOf(ClientFailure.class);
            try (TestClient writer = ClientKind.PROTONJ2.connect(broker.port(), "joe", "writer")) {
                assertThat(writer.send(Outgoing.to("/queues/q", "1")).outcome()).isEqualTo("accepted");
                assertThatThrownBy(() -> writer.receive("/queues/q", Settle.ACCEPTED))
                        .hasMessageContaining("amqp:unauthorized-access");
            }
            try (TestClient reader = ClientKind.PROTONJ2.connect(broker.port(), "joe", "reader")) {
                assertThat(reader.receive("/queues/q", Settle.ACCEPTED)).isPresent();
            }
        }
    }

    @Test
    void changesMessagesOnTheirWayAndHearsWhatHappens() throws Exception {
        PluginJar.make(folder.resolve("plugins"), "notes", """
                List<String> heard = new CopyOnWriteArrayList<>();
                context.listener(event -> heard.add(event.getClass().getSimpleName()));
                context.publishInterceptor((message, to, from) -> new PublishInterceptor.Verdict.Later(
                        CompletableFuture.supplyAsync(() -> new PublishInterceptor.Verdict.Replace(
                                message.format().read(new Body.Inline(
                                        new byte[] {0, 0x53, 0x77, (byte) 0xa1, 2, 'h', 'i'}, 0, 7))))));
                context.deliveryInterceptor((delivery, queue, to) -> Map.of("x-opt-heard", String.join(" ", heard)));
                """);

        try (Broker broker = start("notes", AMQP);
                TestClient client = ClientKind.PROTONJ2.connect(broker.port())) {
            assertThat(client.send(Outgoing.to("/queues/q", "hello")).outcome()).isEqualTo("accepted");

            Incoming received = client.receive("/queues/q", Settle.ACCEPTED).orElseThrow();

            assertThat(received.body()).isEqualTo("hi");
            assertThat(String.valueOf(received.annotations().get("x-opt-heard")))
                    .contains("QueueDeclared", "Connected");
        }
    }

    @Test
    void keepsTheMessagesInAStoreOfItsOwn() throws Exception {
        PluginJar.make(folder.resolve("plugins"), "heap", """
                context.storeProvider(new StoreProvider() {
                    public String type() { return "heap"; }
                    public MessageStore open(Path folder, Map<String, Object> options) { return new HeapStore(); }
                });
                """, """
                static final class HeapStore implements MessageStore {
                    private long last;
                    public void recover(Recovery recovery) { recovery.done(true); }
                    public synchronized void submit(StoreRecord record, Loop from, Committed committed) {
                        boolean written = !(record instanceof StoreRecord.Enqueue enqueue) || enqueue.written();
                        long position = written ? ++last : UNWRITTEN;
                        record.queues().stream().filter(queue -> queue.home() != from)
                                .forEach(queue -> queue.home().execute(() -> queue.apply(record, position)));
                        from.execute(() -> {
                            record.queues().stream().filter(queue -> queue.home() == from)
                                    .forEach(queue -> queue.apply(record, position));
                            if (committed != null) { committed.committed(position, null); }
                        });
                    }
                    public void read(StoredQueue queue, long[] positions, Loop loop, Loaded loaded) {
                        loop.execute(() -> loaded.loaded(null, new StoreException("all is in memory")));
                    }
                    public boolean reads() { return false; }
                    public int maxBodyBytes() { return 1 << 20; }
                    public boolean congested() { return false; }
                    public StoreStatus status() {
                        return new StoreStatus("ok", "", "", 0, 0, 0, 0, 0, new long[0], new long[] {0});
                    }
                    public void close() { Farewell.say(); }
                }
                static final class Farewell {
                    static void say() {
                        System.setProperty("plugin.heap.store",
                                System.getProperty("plugin.heap.closed") == null ? "closed first" : "closed last");
                    }
                }
                """);

        try (Broker broker = start("heap", AMQP + "store: { type: heap }\n");
                TestClient client = ClientKind.QPID_JMS.connect(broker.port())) {
            assertThat(client.send(Outgoing.to("/queues/q", "hello")).outcome()).isEqualTo("accepted");
            assertThat(client.receive("/queues/q", Settle.RELEASED)).isPresent();
            assertThat(client.receive("/queues/q", Settle.ACCEPTED).map(Incoming::body))
                    .contains("hello");
        }

        assertThat(System.getProperty("plugin.heap.store")).isEqualTo("closed first");
        assertThat(System.getProperty("plugin.heap.closed")).isEqualTo("true");
    }

    @Test
    void publishesAndConsumesByItself() throws Exception {
        PluginJar.make(folder.resolve("plugins"), "clerk", """
                context.listener(event -> {
                    if (event instanceof BrokerEvent.Connected) { context.loop().execute(() -> work(context)); }
                });
                """, """
                private void work(PluginContext context) {
                    var copy = new CompletableFuture<Publisher>();
                    context.router().openPublisher(new Address.Queue("copies", true), context.peer(), context.loop(),
                            new Publisher.Listener() {
                                public void flow(boolean open) {}
                                public void closed(Refusal why) {}
                            }).thenAccept(copy::complete);
                    var taking = new CompletableFuture<io.turnstone.api.Consumer>();
                    context.router().openConsumer(
                            new ConsumerRequest(new Address.Queue("q", true), context.peer(),
                                    ConsumerRequest.Mode.TAKE, MessageFilter.ALL, 0, 1 << 20),
                            context.loop(), new io.turnstone.api.Consumer.Listener() {
                                public void deliver(Delivery delivery) {
                                    copy.thenAccept(publisher -> publisher.publish(delivery.message(), outcome ->
                                            taking.join().settle(delivery, Outcome.ACCEPTED, false)));
                                }
                                public void drained() {}
                                public void settled(Delivery delivery, Outcome outcome) {}
                                public void closed(Refusal why) {}
                            }).thenAccept(consumer -> {
                                taking.complete(consumer);
                                consumer.flow(10, false);
                            });
                }
                """);

        try (Broker broker = start("clerk", AMQP + """
                anonymous: never
                users:
                  alice: { password: "%s", permissions: [ { allow: [ publish, consume ], on: /queues/** } ] }
                """.formatted(BrokerFixture.verifier("wonderland")));
                TestClient client = ClientKind.QPID_JMS.connect(broker.port(), "alice", "wonderland")) {
            assertThat(client.send(Outgoing.to("/queues/q", "hello")).outcome()).isEqualTo("accepted");

            await().until(() -> broker.view().queues().stream()
                    .anyMatch(queue -> queue.name().equals("copies") && queue.ready() == 1));
            assertThat(client.receive("/queues/copies", Settle.ACCEPTED).map(Incoming::body))
                    .contains("hello");
        }
    }

    @Test
    void speaksAProtocolOfItsOwn() throws Exception {
        PluginJar.make(folder.resolve("plugins"), "line", "context.protocol(new Lines(context));", """
                record Lines(PluginContext context) implements Protocol {
                    public String name() { return "line"; }
                    public Connection accept(Channel channel, Host host) {
                        Peer peer = new Peer(host.nextConnectionId(), "line", "c", Identity.ANONYMOUS,
                                channel.remoteAddress());
                        return new Line(context, channel, host, peer);
                    }
                }
                record Line(PluginContext context, Protocol.Channel channel, Protocol.Host host, Peer peer)
                        implements Protocol.Connection, Publisher.Listener {
                    public void received(ByteBuffer bytes) {
                        byte[] text = StandardCharsets.UTF_8.decode(bytes).toString().strip().getBytes(StandardCharsets.UTF_8);
                        byte[] amqp = new byte[5 + text.length];
                        ByteBuffer.wrap(amqp).put(new byte[] {0, 0x53, 0x77, (byte) 0xa1, (byte) text.length}).put(text);
                        Message message = context.format("amqp-1.0").read(Body.Inline.of(amqp));
                        host.router().openPublisher(new Address.Queue("q", false), peer, channel.loop(), this)
                                .thenAccept(publisher -> publisher.publish(message, outcome -> say(outcome.toString())));
                    }
                    private void say(String text) {
                        byte[] line = (text + "\\n").getBytes(StandardCharsets.UTF_8);
                        channel.out(line.length).put(line);
                    }
                    public void flow(boolean open) {}
                    public void closed(Refusal reason) {}
                    public void drained() {}
                    public void closed() {}
                    public void stop() { channel.close(); }
                    public Optional<ConnectionStatus> status() { return Optional.empty(); }
                }
                """);
        String listeners = """
                listeners:
                  - { protocol: amqp, host: 127.0.0.1, port: 0 }
                  - { protocol: line, host: 127.0.0.1, port: 0 }
                """;

        try (Broker broker = start("line", listeners);
                var socket = new Socket(InetAddress.getLoopbackAddress(), broker.port("line"));
                TestClient client = ClientKind.QPID_JMS.connect(broker.port())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write("hello\n".getBytes(StandardCharsets.UTF_8));
            var answers = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));

            assertThat(answers.readLine()).contains("Accepted");
            assertThat(client.receive("/queues/q", Settle.ACCEPTED).map(Incoming::body))
                    .contains("hello");
        }
    }
}
