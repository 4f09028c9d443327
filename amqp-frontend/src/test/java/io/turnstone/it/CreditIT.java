package io.turnstone.it;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.turnstone.amqp.Spec;
import io.turnstone.it.client.ClientKind;
import io.turnstone.it.client.Incoming;
import io.turnstone.it.client.Outgoing;
import io.turnstone.it.client.Protonj2Client;
import io.turnstone.it.client.TestClient;
import java.time.Duration;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Flow;
import org.apache.qpid.proton.amqp.transport.Role;
import org.apache.qpid.proton.amqp.transport.Transfer;
import org.apache.qpid.protonj2.client.Delivery;
import org.apache.qpid.protonj2.client.Message;
import org.apache.qpid.protonj2.client.Receiver;
import org.apache.qpid.protonj2.client.Sender;
import org.apache.qpid.protonj2.client.Tracker;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@DisplayName("Credit")
@Timeout(60)
class CreditIT {

    @RegisterExtension
    static final BrokerFixture broker = BrokerFixture.with("queues: { q: {} }");

    @ParameterizedTest(name = "{0}")
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"RABBITMQ", "VERTX"}) // cannot drain
    void thatIsDrainedBringsWhatIsThereOrNothing(ClientKind kind) {
        try (TestClient client = broker.connect(kind)) {
            assertThat(client.receiveNoWait("q")).isEmpty();

            client.send(Outgoing.to("q", "there"));

            assertThat(client.receiveNoWait("q")).map(Incoming::body).contains("there");
            assertThat(client.receiveNoWait("q")).isEmpty();
        }
    }

    @Test
    void isNeverExceeded() throws Exception {
        try (Protonj2Client client = broker.protonj2();
                Receiver receiver = client.connection().openReceiver("q", Protonj2Client.manual())) {
            for (int i = 0; i < 5; i++) {
                client.send(Outgoing.to("q", "m" + i));
            }
            receiver.addCredit(3);

            await().atMost(10, SECONDS).until(() -> receiver.queuedDeliveries() == 3);
            await().during(Duration.ofMillis(200))
                    .atMost(Duration.ofSeconds(2))
                    .until(() -> receiver.queuedDeliveries() == 3);
            assertThat(broker.queue("q").orElseThrow().ready()).isEqualTo(2);

            receiver.addCredit(10);
            await().atMost(10, SECONDS).until(() -> receiver.queuedDeliveries() == 5);
        }
    }

    @Test
    @Spec(section = "2.6.8", says = "a get that times out ends with a drain, and no message is lost on the way")
    void drainedLeavesNoneBehind() throws Exception {
        try (Protonj2Client client = broker.protonj2();
                Receiver receiver = client.connection().openReceiver("q", Protonj2Client.manual())) {
            client.send(Outgoing.to("q", "one"));
            receiver.addCredit(10);
            receiver.drain().get(10, SECONDS);
            assertThat(receiver.queuedDeliveries()).isEqualTo(1);

            client.send(Outgoing.to("q", "two"));

            assertThat(broker.queue("q").orElseThrow().ready()).isEqualTo(1);
            receiver.addCredit(1);
            await().atMost(10, SECONDS).until(() -> receiver.queuedDeliveries() == 2);
        }
    }

    @Test
    void thatIsDrainedAgainAndAgainEmptiesTheQueue() throws Exception {
        int count = 5000;
        try (Protonj2Client client = broker.protonj2();
                Sender sender = client.connection().openSender("q");
                Receiver receiver = client.connection().openReceiver("q", Protonj2Client.manual())) {
            Tracker last = sender.send(Message.create("m0"));
            for (int i = 1; i < count; i++) {
                last = sender.send(Message.create("m" + i));
            }
            last.awaitAccepted(10, SECONDS);

            int received = 0;
            while (received < count) {
                receiver.addCredit(100);
                receiver.drain().get(10, SECONDS);
                int before = received;
                for (Delivery delivery = receiver.tryReceive(); delivery != null; delivery = receiver.tryReceive()) {
                    assertThat(delivery.<String>message().body()).isEqualTo("m" + received);
                    delivery.accept();
                    received++;
                }
                assertThat(received).isEqualTo(before + 100);
            }
            receiver.addCredit(100);
            receiver.drain().get(10, SECONDS);
            assertThat(receiver.queuedDeliveries()).isZero();
        }
    }

    @Test
    void thatTransfersUsedUpIsNotAnsweredForAgain() throws Exception {
        try (RawPeer peer = RawPeer.opened(broker.port());
                TestClient client = broker.connect(ClientKind.PROTONJ2)) {
            client.send(Outgoing.to("q", "one"));
            peer.receiver(0, "q", 1);
            peer.await(Transfer.class);

            Flow late = RawPeer.credit(0, 1); // written before the transfer was read
            late.setDrain(true);
            peer.send(late);
            // passes through the queue behind the drain
            peer.send(RawPeer.attach("another", 1, Role.RECEIVER, "q"));

            assertThat(peer.next()).isInstanceOf(Attach.class);
        }
    }
}
