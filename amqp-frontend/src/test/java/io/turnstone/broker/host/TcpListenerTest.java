package io.turnstone.broker.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.turnstone.amqp.Spec;
import io.turnstone.api.ConnectionStatus;
import io.turnstone.api.plugin.Protocol;
import io.turnstone.broker.config.ListenerConfig;
import io.turnstone.broker.config.LoopConfig;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A listener")
class TcpListenerTest {

    private final VertxHost host = new VertxHost(new LoopConfig(2, true), 10, 100);
    private final Set<Integer> loops = ConcurrentHashMap.newKeySet();
    private final List<String> told = new CopyOnWriteArrayList<>();

    @AfterEach
    void close() {
        host.stopListening(100);
        host.close();
    }

    private int port() {
        host.listen(ListenerConfig.amqp("127.0.0.1", 0), new Echo(), null);
        String address = host.addresses().get("amqp").get(0);
        return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
    }

    private static Socket connect(int port) throws Exception {
        var socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(20_000);
        return socket;
    }

    @Test
    void spreadsConnectionsOverAllLoops() throws Exception {
        int port = port();
        for (int i = 0; i < 4; i++) {
            try (Socket socket = connect(port)) {
                socket.getOutputStream().write("hi".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
                assertThat(socket.getInputStream().readNBytes(2)).asString().isEqualTo("hi");
            }
        }
        assertThat(loops).containsExactlyInAnyOrder(0, 1);
    }

    @Test
    void carriesMoreThanASocketBufferBothWays() throws Exception {
        int size = 8 << 20;
        try (Socket socket = connect(port())) {
            var sender = new Thread(() -> {
                try {
                    socket.getOutputStream().write(new byte[size]);
                } catch (java.io.IOException e) {
                    told.add(e.toString());
                }
            });
            sender.start();
            assertThat(socket.getInputStream().readNBytes(size)).hasSize(size);
            sender.join();
        }
        await().until(() -> told.contains("drained") && told.contains("closed"));
    }

    @Test
    @Spec(section = "Robustness", says = "a peer that reads nothing is given up")
    void givesUpAPeerThatReadsNothing() throws Exception {
        try (Socket socket = connect(port())) {
            socket.getOutputStream().write('f');
            await().until(() -> told.contains("closed"));
        }
    }

    @Test
    void deliversTheLastBytesBeforeItCloses() throws Exception {
        try (Socket socket = connect(port());
                InputStream in = socket.getInputStream()) {
            socket.getOutputStream().write("bye".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            assertThat(in.readAllBytes()).asString().isEqualTo("bye");
        }
        await().until(() -> told.contains("closed"));
    }

    @Test
    void endsOnlyTheConnectionWhoseProtocolFails() throws Exception {
        int port = port();
        try (Socket bad = connect(port);
                Socket good = connect(port)) {
            bad.getOutputStream().write('!');
            assertThat(bad.getInputStream().read()).isEqualTo(-1);
            good.getOutputStream().write('?');
            assertThat(good.getInputStream().read()).isEqualTo('?');
        }
    }

    @Test
    void saysThatAPortIsTaken() {
        int port = port();

        assertThat(failure("127.0.0.1", port))
                .startsWith("cannot listen on amqp 127.0.0.1:" + port)
                .endsWith("; another program has this port: stop it, or choose another with listeners: port or --port,"
                        + " 0 for a free one");
    }

    @Test
    void saysThatAnAddressIsNotOfThisMachine() {
        assertThat(failure("192.0.2.1", 0)) // an address of nobody (RFC 5737)
                .startsWith("cannot listen on amqp 192.0.2.1:0")
                .endsWith("; this machine has no such address: write one of its own, 127.0.0.1 or 0.0.0.0 as host");
    }

    @Test
    void saysThatAHostIsUnknown() {
        assertThat(failure("nowhere.invalid", 0)) // RFC 6761
                .startsWith("cannot listen on amqp nowhere.invalid:0")
                .endsWith("; no such host is known here: write an address of this machine, 127.0.0.1 or 0.0.0.0 as"
                        + " host");
    }

    private String failure(String address, int port) {
        var thrown = catchThrowableOfType(
                HostException.class, () -> host.listen(ListenerConfig.amqp(address, port), new Echo(), null));
        return String.valueOf(thrown.getMessage());
    }

    /** Sends back what it gets; closes after {@code bye}, floods at an f, fails at an exclamation mark. */
    private final class Echo implements Protocol {
        @Override
        public String name() {
            return "echo";
        }

        @Override
        public Connection accept(Channel channel, Protocol.Host ignored) {
            loops.add(channel.loop().index());
            return new Connection() {
                @Override
                public void received(ByteBuffer bytes) {
                    byte first = bytes.get(bytes.position());
                    if (first == '!') {
                        throw new IllegalStateException("on purpose");
                    }
                    while (bytes.hasRemaining()) {
                        channel.out(1).put(bytes.get());
                    }
                    if (first == 'f') {
                        for (int mib = 0; mib < 32; mib++) {
                            channel.out(1 << 20).put(new byte[1 << 20]);
                        }
                    }
                    if (first == 'b') {
                        channel.close();
                    }
                    // as the contract says: what peers make us queue is bounded by reading no more
                    channel.read(channel.pendingBytes() < (1 << 20));
                }

                @Override
                public void drained() {
                    told.add("drained");
                    channel.read(true);
                }

                @Override
                public void closed() {
                    told.add("closed");
                }

                @Override
                public void stop() {
                    channel.close();
                }

                @Override
                public Optional<ConnectionStatus> status() {
                    return Optional.empty();
                }
            };
        }
    }
}
