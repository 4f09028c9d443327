package io.turnstone.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.it.client.ClientKind;
import io.turnstone.it.client.Incoming;
import io.turnstone.it.client.LongText;
import io.turnstone.it.client.Outgoing;
import io.turnstone.it.client.Protonj2Client;
import io.turnstone.it.client.Settle;
import io.turnstone.it.client.TestClient;
import org.apache.qpid.protonj2.client.Message;
import org.apache.qpid.protonj2.client.Sender;
import org.apache.qpid.protonj2.client.Tracker;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@DisplayName("A consumer that reads nothing")
@Timeout(60)
class SlowConsumersIT {

    private static final int COUNT = 500;
    private static final String BODY = LongText.ofLength(100_000);

    @RegisterExtension
    static final BrokerFixture broker = BrokerFixture.with("queues: { stuck: {}, other: {} }");

    @Test
    void takesAShareOfTheQueueAndLeavesTheRest() throws Exception {
        try (RawPeer deaf = RawPeer.opened(broker.port())) {
            deaf.receiver(0, "stuck", COUNT);

            publish();

            broker.awaitMessages("stuck", COUNT);
            assertThat(broker.queue("stuck").orElseThrow().ready()).isGreaterThan(COUNT / 2);
            try (TestClient client = broker.connect(ClientKind.PROTONJ2)) {
                client.send(Outgoing.to("other", "not held up"));
                assertThat(client.receive("other", Settle.ACCEPTED))
                        .map(Incoming::body)
                        .contains("not held up");
                assertThat(client.receive("stuck", Settle.ACCEPTED))
                        .map(Incoming::body)
                        .contains(LongText.brief(BODY));
            }
            deaf.vanish();
        }
        broker.awaitReady("stuck", COUNT - 1);
    }

    private static void publish() throws Exception {
        try (Protonj2Client client = broker.protonj2();
                Sender sender = client.connection().openSender("stuck")) {
            Tracker last = sender.send(Message.create(BODY));
            for (int i = 1; i < COUNT; i++) {
                last = sender.send(Message.create(BODY));
            }
            last.awaitAccepted();
        }
    }
}
