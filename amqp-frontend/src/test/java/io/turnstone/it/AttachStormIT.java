package io.turnstone.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.amqp.Spec;
import io.turnstone.it.client.ClientKind;
import io.turnstone.it.client.Outgoing;
import io.turnstone.it.client.TestClient;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.apache.qpid.proton.amqp.transport.Close;
import org.apache.qpid.proton.amqp.transport.End;
import org.apache.qpid.proton.amqp.transport.Role;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@DisplayName("A storm of")
@Timeout(60)
class AttachStormIT {

    @RegisterExtension
    static final BrokerFixture broker = BrokerFixture.with("queues: { q: {} }");

    /** Sends one frame of a storm. */
    @FunctionalInterface
    private interface Gust {
        void send(RawPeer peer, int number) throws IOException;
    }

    @Test
    @Spec(section = "Robustness", says = "a storm of attaches ends with an error")
    void aMillionAttachesEndsWithAnError() throws Exception {
        endsWithAnError((peer, i) -> peer.send(RawPeer.attach("link-" + i, i, Role.SENDER, "q")));
    }

    @Test
    void aMillionReceiversEndsWithAnError() throws Exception {
        endsWithAnError((peer, i) -> peer.send(RawPeer.attach("link-" + i, i, Role.RECEIVER, "q")));
    }

    @Test
    @Spec(section = "Robustness", says = "a storm of begins ends with an error")
    void aMillionSessionsEndsWithAnError() throws Exception {
        endsWithAnError((peer, i) -> peer.write(0, (i + 1) & 0xffff, RawPeer.begin(), new byte[0]));
    }

    private static void endsWithAnError(Gust gust) throws Exception {
        try (RawPeer peer = RawPeer.opened(broker.port())) {
            CompletableFuture<Void> storm = Background.start(() -> {
                for (int i = 0; i < 1_000_000; i++) {
                    gust.send(peer, i);
                }
            });

            assertThat(error(peer)).isNotNull();

            try (TestClient client = broker.connect(ClientKind.PROTONJ2)) {
                assertThat(client.send(Outgoing.to("q", "meanwhile")).outcome()).isEqualTo("accepted");
            }
            peer.vanish();
            assertThat(storm.handle((done, failure) -> true).get()).isTrue();
        }
    }

    private static Object error(RawPeer peer) throws IOException {
        for (Object performative = peer.next(); performative != null; performative = peer.next()) {
            if (performative instanceof Close close) {
                return close.getError();
            }
            if (performative instanceof End end) {
                return end.getError();
            }
        }
        throw new IOException("the broker closed the socket without an error");
    }
}
