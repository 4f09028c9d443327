package io.turnstone.it;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.amqp.Spec;
import io.turnstone.it.client.ClientKind;
import io.turnstone.it.client.Outgoing;
import io.turnstone.it.client.Settle;
import io.turnstone.it.client.TestClient;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.qpid.proton.amqp.transport.Close;
import org.apache.qpid.proton.amqp.transport.End;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("Garbage")
@Timeout(60)
class GarbageIT {

    @RegisterExtension
    static final BrokerFixture broker = BrokerFixture.with("queues: { q: {} }");

    @AfterEach
    void othersAreServedOn() {
        try (TestClient client = broker.connect(ClientKind.PROTONJ2)) {
            assertThat(client.send(Outgoing.to("q", "still here")).outcome()).isEqualTo("accepted");
            assertThat(client.receive("q", Settle.ACCEPTED)).isPresent();
        }
    }

    @Test
    void ofAnotherProtocolIsAnsweredWithOursAndClosed() throws Exception {
        try (var peer = new RawPeer(broker.port())) {
            peer.bytes("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(US_ASCII));

            assertThat(peer.header()).startsWith("AMQP");
            peer.awaitEnd();
        }
    }

    @Test
    void ofAnotherVersionIsAnsweredWithOursAndClosed() throws Exception {
        try (var peer = new RawPeer(broker.port())) {
            peer.bytes(new byte[] {'A', 'M', 'Q', 'P', 0, 0, 9, 1});

            assertThat(peer.header()).startsWith("AMQP");
            peer.awaitEnd();
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "a frame of no size,             00000000 02000000",
        "a frame smaller than its header, 00000007 020000",
        "a frame of 4 GiB,               ffffffff 02000000",
        "a frame over the maximum,       7fffffff 02000000",
        "a header without length,        00000008 00000000",
        "a header longer than its frame, 00000008 ff000000",
        "a frame of unknown type,        0000000c 02070000 00000000",
        "a performative of nothing,      00000009 02000000 40",
        "an unknown performative,        0000000c 02000000 00537745",
        "a string of 4 GiB,              00000015 02000000 005310d0 ffffffff 00000001 a1",
        "a list of 4 Gi elements,        00000014 02000000 005310d0 00000004 ffffffff",
        "an array of nothing endlessly,  0000001b 02000000 005310d0 00000010 00000001 f0 00000005 ff",
    })
    @Spec(section = "Robustness", says = "a length of 4 GiB takes no memory")
    void inAFrameEndsTheConnection(String what, String hex) throws Exception {
        try (var peer = new RawPeer(broker.port())) {
            peer.login();

            peer.bytes(HexFormat.of().parseHex(hex.replace(" ", "")));
            peer.finish();

            peer.awaitEnd();
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "a transfer on a channel without session, 00000014 02000007 005314c0 04034300 40",
        "a flow on a handle without link,          00000020 02000000 005313c0 10 09 43 52ff 43 52ff 52 63 43 43 40 40",
        "a second open,                            00000012 02000000 005310c0 05 01 a1 0161",
    })
    void onAnOpenConnectionIsAnsweredWithAnError(String what, String hex) throws Exception {
        try (RawPeer peer = RawPeer.opened(broker.port())) {
            byte[] frame = HexFormat.of().parseHex(hex.replace(" ", ""));
            ByteBuffer.wrap(frame).putInt(0, frame.length);
            peer.bytes(frame);

            Object answer = peer.next();
            assertThat(answer)
                    .as(what)
                    .satisfiesAnyOf(
                            it -> assertThat(((Close) it).getError()).isNotNull(),
                            it -> assertThat(((End) it).getError()).isNotNull());
        }
    }

    @Test
    void cutOffAnywhereIsNoHarm() throws Exception {
        byte[] whole = Conversation.bytes("q");
        for (int length = 0; length < whole.length; length += 3) {
            try (var peer = new RawPeer(broker.port())) {
                peer.bytes(Arrays.copyOf(whole, length));
                peer.finish();
                peer.awaitEnd();
            }
        }
    }

    @Test
    @Spec(section = "Robustness", says = "garbage is no harm to others")
    void ofEverySortIsNoHarm() throws Exception {
        byte[] whole = Conversation.bytes("q");
        for (long seed : IntStream.range(0, 300).asLongStream().toArray()) {
            byte[] mutated = mutated(whole, new Random(seed));
            try (var peer = new RawPeer(broker.port())) {
                peer.bytes(mutated);
                peer.finish();
                peer.awaitEnd();
            } catch (SocketException e) {
                assertThat(e).as("seed %d", seed).hasMessageMatching("(?i).*(reset|broken pipe).*");
            }
        }
    }

    private static byte[] mutated(byte[] whole, Random random) {
        byte[] mutated = whole.clone();
        for (int i = 1 + random.nextInt(8); i > 0; i--) {
            int at = RawPeer.SASL_HEADER.length + random.nextInt(mutated.length - RawPeer.SASL_HEADER.length);
            mutated[at] = (byte) random.nextInt(256);
        }
        return mutated;
    }
}
