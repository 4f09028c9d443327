package io.turnstone.it;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.it.client.ClientKind;
import io.turnstone.it.client.Incoming;
import io.turnstone.it.client.Outgoing;
import io.turnstone.it.client.Protonj2Client;
import io.turnstone.it.client.Settle;
import io.turnstone.it.client.TestClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.qpid.protonj2.client.DeliveryState;
import org.apache.qpid.protonj2.client.Message;
import org.apache.qpid.protonj2.client.Receiver;
import org.apache.qpid.protonj2.client.Sender;
import org.apache.qpid.protonj2.client.Tracker;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A message that its publisher delays")
@Timeout(60)
class DelayedDeliveryIT {

    private static final long DELAY_MS = 700;

    @RegisterExtension
    static final BrokerFixture broker = BrokerFixture.with("""
            limits: { max-delay: 30d }
            exchanges: { x: { type: fanout } }
            queues: { q: {}, a: {}, b: { durable: false } }
            bindings: [ { exchange: x, queue: a }, { exchange: x, queue: b } ]
            """);

    @ParameterizedTest(name = "{0}")
    @EnumSource
    void comesBehindOneThatIsNotAndNotBeforeItsTime(ClientKind kind) {
        try (TestClient client = broker.connect(kind)) {
            long sentAtMs = System.currentTimeMillis();
            client.send(Outgoing.to("/queues/q", "late").delayMs(DELAY_MS));
            client.send(Outgoing.to("/queues/q", "soon"));

            assertThat(client.receive("/queues/q", Settle.ACCEPTED))
                    .map(Incoming::body)
                    .contains("soon");
            assertThat(client.receive("/queues/q", Settle.ACCEPTED))
                    .map(Incoming::body)
                    .contains("late");
            assertThat(System.currentTimeMillis()).isGreaterThanOrEqualTo(sentAtMs + DELAY_MS);
        }
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"x-opt-delivery-time", "x-opt-scheduled-enqueue-time", "x-qpid-not-valid-before"})
    void waitsInAllQueuesOfAnExchangeAsManyClientsSayIt(String annotation) throws Exception {
        try (Protonj2Client client = broker.protonj2();
                Sender sender = client.connection().openSender("/exchanges/x");
                Receiver receiver = client.connection().openReceiver("b")) {
            long dueAtMs = System.currentTimeMillis() + DELAY_MS;
            sender.send(Message.create("late").annotation(annotation, dueAtMs).annotation("x-opt-delivery-delay", 1L))
                    .awaitSettlement();
            broker.awaitMessages("a", 1);
            assertThat(broker.queue("a").orElseThrow().delayed()).isEqualTo(1);
            assertThat(client.browse("a")).isEmpty();

            assertThat(receiver.receive(10, SECONDS).message().body()).isEqualTo("late");
            assertThat(System.currentTimeMillis()).isGreaterThanOrEqualTo(dueAtMs);
            assertThat(client.receive("a", Settle.ACCEPTED)).isPresent();
        }
    }

    @Test
    void isRefusedWhenItsTimeIsTooFar() {
        try (TestClient client = broker.connect(ClientKind.PROTONJ2)) {
            var answer = client.send(
                    Outgoing.to("q", "far").delayMs(Duration.ofDays(31).toMillis()));

            assertThat(answer.outcome()).isEqualTo("rejected");
            assertThat(answer.description()).contains("limits.max-delay");
        }
    }

    @Test
    void isDelayedAgainByAConsumer() throws Exception {
        try (Protonj2Client client = broker.protonj2();
                Receiver receiver = client.connection().openReceiver("q", Protonj2Client.manual())) {
            client.send(Outgoing.to("q", "again"));
            receiver.addCredit(2);
            long dueAtMs = System.currentTimeMillis() + DELAY_MS;

            receiver.receive(10, SECONDS)
                    .disposition(DeliveryState.modified(false, false, Map.of("x-opt-delivery-time", dueAtMs)), true);

            assertThat(receiver.receive(10, SECONDS).message().deliveryCount()).isZero();
            assertThat(System.currentTimeMillis()).isGreaterThanOrEqualTo(dueAtMs);
        }
    }

    @Test
    void survivesKillsAndComesInTheOrderOfItsTime(@TempDir Path folder) throws Exception {
        String yaml = "queues: { q: {} }";
        long dueAtMs;
        try (ForkedBroker forked = ForkedBroker.start(folder, yaml);
                var client = new Protonj2Client(forked.port(), "guest", "guest");
                Sender sender = client.connection().openSender("q")) {
            dueAtMs = System.currentTimeMillis() + 8000; // none of them is due before all are sent
            Tracker last = null;
            for (int number = 0; number < 100; number++) {
                long farMs = number % 10 == 0 ? Duration.ofHours(1).toMillis() : 0;
                last = sender.send(Message.create("" + number)
                        .durable(true)
                        .annotation("x-opt-delivery-time", dueAtMs - number + farMs));
            }
            assertThat(last.awaitSettlement(20, SECONDS).remoteState().isAccepted())
                    .isTrue();
            forked.kill();
        }
        try (ForkedBroker forked = ForkedBroker.start(folder, yaml)) {
            forked.kill();
        }
        try (ForkedBroker forked = ForkedBroker.start(folder, yaml);
                var client = new Protonj2Client(forked.port(), "guest", "guest");
                Receiver receiver = client.connection().openReceiver("q")) {
            for (int number = 99; number >= 0; number--) {
                if (number % 10 != 0) {
                    assertThat(receiver.receive(30, SECONDS).message().body()).isEqualTo("" + number);
                    assertThat(System.currentTimeMillis()).isGreaterThanOrEqualTo(dueAtMs - number);
                }
            }
            assertThat(List.of(receiver.tryReceive() == null)).containsExactly(true);
        }
    }
}
