package io.turnstone.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.turnstone.amqp.Spec;
import io.turnstone.it.client.Protonj2Client;
import io.turnstone.it.client.QpidJmsClient;
import io.turnstone.it.client.ScriptClient;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.apache.qpid.protonj2.client.ConnectionOptions;
import org.apache.qpid.protonj2.client.Message;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("A WebSocket listener")
@Timeout(60)
class WebSocketIT {

    private static final byte[] SASL_HEADER = {'A', 'M', 'Q', 'P', 3, 1, 0, 0};

    @TempDir
    static Path folder;

    private static BrokerFixture broker;

    @BeforeAll
    static void start() throws Exception {
        TestCertificate certificate = TestCertificate.in(folder);
        broker = BrokerFixture.start("""
                listeners:
                  - { protocol: amqp-ws, host: 127.0.0.1, port: 0, websocket: { path: /amqp, origins: ["https://shop.example"] } }
                  - { protocol: amqp-wss, host: 127.0.0.1, port: 0, tls: { cert: "%s", key: "%s" } }
                queues: { q: {} }
                """.formatted(certificate.cert(), certificate.key()));
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({"amqp-ws, amqpws, /amqp", "amqp-wss, amqpwss, /anything"})
    void servesQpidJms(String scheme, String uriScheme, String path) throws Exception {
        String uri = uriScheme + "://localhost:" + broker.port(scheme) + path + "?jms.username=guest"
                + (uriScheme.endsWith("wss") ? "&transport.trustAll=true&transport.verifyHost=false" : "");
        try (var connection = QpidJmsClient.open(uri, "guest", "guest")) {
            var session = connection.createSession();
            var queue = session.createQueue("q");
            String large = "x".repeat(500_000);
            session.createProducer(queue).send(session.createTextMessage(large));

            assertThat(session.createConsumer(queue).receive(20_000).getBody(String.class))
                    .isEqualTo(large);
        }
    }

    @Test
    void servesProtonj2() throws Exception {
        var options = new ConnectionOptions();
        options.transportOptions().useWebSockets(true).webSocketPath("/amqp");
        try (var connection = Protonj2Client.open(broker.port("amqp-ws"), options);
                var receiver = connection.openReceiver("q");
                var sender = connection.openSender("q")) {
            sender.send(Message.create("hello")).awaitAccepted(20, TimeUnit.SECONDS);
            assertThat(receiver.receive(20, TimeUnit.SECONDS).message().body()).isEqualTo("hello");
        }
    }

    @Test
    void servesRhea() {
        String url = "ws://127.0.0.1:" + broker.port("amqp-ws") + "/amqp";
        try (ScriptClient rhea = ScriptClient.rhea(Map.of("websocket", url, "user", "guest", "password", "guest"))) {
            assertThat(rhea.send(io.turnstone.it.client.Outgoing.to("/queues/q", "hello"))
                            .outcome())
                    .isEqualTo("accepted");
            assertThat(rhea.receiveNoWait("/queues/q").orElseThrow().body()).isEqualTo("hello");
        }
    }

    @Test
    @Spec(section = "WebSocket 2.4", says = "a frame may span messages of the WebSocket")
    void readsFramesAcrossMessagesAndAnswersInBinary() throws Exception {
        var ear = new Ear();
        WebSocket socket = connect("/amqp", "amqp", ear);

        for (int i = 0; i < SASL_HEADER.length; i++) {
            boolean last = i % 2 == 1; // two fragments make one message
            socket.sendBinary(ByteBuffer.wrap(SASL_HEADER, i, 1), last).join();
        }

        assertThat(ear.firstBytes.get(20, TimeUnit.SECONDS)).startsWith(SASL_HEADER);
        assertThat(socket.getSubprotocol()).isEqualTo("amqp");
        socket.abort();
    }

    @Test
    @Spec(section = "WebSocket 2.4", says = "messages are binary")
    void refusesText() throws Exception {
        var ear = new Ear();
        WebSocket socket = connect("/amqp", "amqp", ear);

        socket.sendText("AMQP", true).join();

        assertThat(ear.closed.get(20, TimeUnit.SECONDS)).isEqualTo(1003);
    }

    @Test
    void saysGoodByeInItsOwnWay() throws Exception {
        var ear = new Ear();
        WebSocket socket = connect("/amqp", "amqp", ear);

        socket.sendBinary(ByteBuffer.wrap("GET / HT".getBytes(java.nio.charset.StandardCharsets.US_ASCII)), true)
                .join();

        assertThat(ear.closed.get(20, TimeUnit.SECONDS)).isEqualTo(1000);
    }

    @ParameterizedTest(name = "{0} with {1} is answered with {2}")
    @CsvSource({"/other, amqp, 404", "/amqp, mqtt, 400"})
    @Spec(section = "WebSocket 2.1", says = "the subprotocol is amqp")
    void refusesWhatIsNotItsOwn(String path, String subprotocol, int status) {
        assertThatThrownBy(() -> connect(path, subprotocol, new Ear()))
                .isInstanceOf(CompletionException.class)
                .cause()
                .isInstanceOfSatisfying(
                        WebSocketHandshakeException.class,
                        e -> assertThat(e.getResponse().statusCode()).isEqualTo(status));
    }

    @Test
    void tellsBrowsersWhatItIs() throws Exception {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + broker.port("amqp-ws") + "/amqp"))
                .build();

        var response = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());

        assertThat(response.statusCode()).isEqualTo(426);
        assertThat(response.body()).contains("amqp over WebSocket");
    }

    @ParameterizedTest(name = "{0} is answered with {1}")
    @CsvSource({"https://shop.example, 101", "https://evil.example, 403", "'', 101"})
    void letsInOnlyPagesThatAreListed(String origin, String status) throws Exception {
        try (var socket = new java.net.Socket(java.net.InetAddress.getLoopbackAddress(), broker.port("amqp-ws"))) {
            socket.setSoTimeout(20_000);
            String request = "GET /amqp HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
                    + "Sec-WebSocket-Protocol: amqp\r\n" + (origin.isEmpty() ? "" : "Origin: " + origin + "\r\n")
                    + "\r\n";
            socket.getOutputStream().write(request.getBytes(java.nio.charset.StandardCharsets.US_ASCII));

            assertThat(new String(socket.getInputStream().readNBytes(12), java.nio.charset.StandardCharsets.US_ASCII))
                    .isEqualTo("HTTP/1.1 " + status);
        }
    }

    private static WebSocket connect(String path, String subprotocol, Ear ear) {
        return HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .subprotocols(subprotocol)
                .buildAsync(URI.create("ws://127.0.0.1:" + broker.port("amqp-ws") + path), ear)
                .join();
    }

    /** What came back. */
    private static final class Ear implements WebSocket.Listener {
        final CompletableFuture<byte[]> firstBytes = new CompletableFuture<>();
        final CompletableFuture<Integer> closed = new CompletableFuture<>();

        @Override
        public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
            var bytes = new byte[data.remaining()];
            data.get(bytes);
            firstBytes.complete(bytes);
            socket.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
            closed.complete(status);
            return null;
        }
    }
}
