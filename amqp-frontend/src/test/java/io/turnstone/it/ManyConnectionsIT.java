package io.turnstone.it;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.turnstone.it.client.ClientKind;
import io.turnstone.it.client.Outgoing;
import io.turnstone.it.client.ScriptClient;
import io.turnstone.it.client.TestClient;
import java.util.ArrayList;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@DisplayName("A thousand connections at once")
@Timeout(120)
class ManyConnectionsIT {

    private static final int COUNT = 1000;

    @RegisterExtension
    static final BrokerFixture broker = BrokerFixture.with("queues: { crowd: {} }");

    @Test
    void eachSendAMessageFromRhea() {
        try (TestClient client = broker.connect(ClientKind.RHEA)) {
            var answer = ((ScriptClient) client)
                    .ask(Map.of(
                            "op", "crowd",
                            "count", COUNT,
                            "port", broker.port(),
                            "user", "guest",
                            "password", "guest",
                            "target", "crowd"));

            assertThat(answer).containsEntry("outcome", Integer.toString(COUNT));
            broker.awaitMessages("crowd", COUNT);
            assertThat(broker.view().connections()).hasSizeGreaterThanOrEqualTo(COUNT);
        }
        await().atMost(20, SECONDS).until(() -> broker.view().connections().isEmpty());
    }

    @Test
    void thatDoNothingLeaveRoomForOneThatDoes() throws Exception {
        var peers = new ArrayList<RawPeer>();
        try {
            for (int i = 0; i < COUNT; i++) {
                peers.add(RawPeer.opened(broker.port()));
            }

            try (TestClient client = broker.connect(ClientKind.PROTONJ2)) {
                assertThat(client.send(Outgoing.to("crowd", "in between")).outcome())
                        .isEqualTo("accepted");
            }
            assertThat(broker.view().connections()).hasSizeGreaterThanOrEqualTo(COUNT);
        } finally {
            for (RawPeer peer : peers) {
                peer.vanish();
            }
        }
        await().atMost(20, SECONDS).until(() -> broker.view().connections().isEmpty());
    }
}
