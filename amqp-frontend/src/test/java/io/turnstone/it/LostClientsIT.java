package io.turnstone.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.it.client.ClientKind;
import io.turnstone.it.client.Incoming;
import io.turnstone.it.client.Outgoing;
import io.turnstone.it.client.Settle;
import io.turnstone.it.client.TestClient;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.qpid.proton.amqp.transport.Transfer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@DisplayName("A client that vanishes")
@Timeout(60)
class LostClientsIT {

    @RegisterExtension
    static final BrokerFixture broker = BrokerFixture.with("""
            queues:
              q: {}
              poison: { retry: { attempts: 2 }, dead-letter: { queue: dead } }
              dead: {}
            """);

    @Test
    void givesBackWhatItHeldInItsOldOrder() throws Exception {
        try (TestClient client = broker.connect(ClientKind.PROTONJ2)) {
            for (String body : List.of("one", "two", "three", "four")) {
                client.send(Outgoing.to("q", body));
            }

            holdAndVanish("q", 3);

            var again = new ArrayList<String>();
            for (int i = 0; i < 4; i++) {
                again.add(client.receive("q", Settle.ACCEPTED).orElseThrow().body());
            }
            assertThat(again).containsExactly("one", "two", "three", "four");
        }
    }

    @Test
    void isChargedWithItsOldestDeliveryAlone() throws Exception {
        try (TestClient client = broker.connect(ClientKind.PROTONJ2)) {
            client.send(Outgoing.to("poison", "deadly"));
            client.send(Outgoing.to("poison", "harmless"));

            holdAndVanish("poison", 2);
            broker.awaitReady("poison", 2);
            holdAndVanish("poison", 2);

            broker.awaitMessages("dead", 1);
            assertThat(client.receive("dead", Settle.ACCEPTED))
                    .map(Incoming::body)
                    .contains("deadly");
            assertThat(client.receive("poison", Settle.ACCEPTED))
                    .map(Incoming::body)
                    .contains("harmless");
        }
    }

    private static void holdAndVanish(String queue, int count) throws IOException {
        RawPeer peer = RawPeer.opened(broker.port());
        peer.receiver(0, queue, count);
        for (int i = 0; i < count; i++) {
            peer.await(Transfer.class);
        }
        peer.vanish();
    }
}
