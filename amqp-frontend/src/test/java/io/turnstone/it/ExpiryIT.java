package io.turnstone.it;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofNanos;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.turnstone.amqp.Spec;
import io.turnstone.it.client.ClientKind;
import io.turnstone.it.client.Incoming;
import io.turnstone.it.client.Outgoing;
import io.turnstone.it.client.Protonj2Client;
import io.turnstone.it.client.Settle;
import io.turnstone.it.client.TestClient;
import java.time.Duration;
import org.apache.qpid.protonj2.client.Message;
import org.apache.qpid.protonj2.client.Sender;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@DisplayName("A message whose time ends")
@Timeout(60)
class ExpiryIT {

    private static final Duration BUSY_MACHINE = ofMillis(700);

    @RegisterExtension
    static final BrokerFixture broker = BrokerFixture.with("""
            queues:
              forgotten: { dead-letter: { queue: late } }
              short: { ttl: 300ms, dead-letter: { queue: late } }
              bare: {}
              late: {}
            """);

    @ParameterizedTest(name = "{0}")
    @EnumSource
    void isDeadLetteredWithoutAnyConsumer(ClientKind kind) {
        try (TestClient client = broker.connect(kind)) {
            client.send(Outgoing.to("/queues/forgotten", "old").ttlMs(200));

            broker.awaitMessages("late", 1);
            broker.awaitMessages("forgotten", 0);
            Incoming late = client.receive("/queues/late", Settle.ACCEPTED).orElseThrow();
            assertThat(late.body()).isEqualTo("old");
            if (!late.annotations().isEmpty()) { // JMS shows none
                assertThat(late.annotations()).containsEntry("x-first-death-queue", "forgotten");
                assertThat(late.annotations().get("x-first-death-reason")).hasToString("expired");
            }
        }
    }

    @Test
    void leavesThoseBeforeItInTheQueue() {
        try (TestClient client = broker.connect(ClientKind.PROTONJ2)) {
            client.send(Outgoing.to("forgotten", "stays"));
            client.send(Outgoing.to("forgotten", "goes").ttlMs(200));
            client.send(Outgoing.to("forgotten", "stays too").ttlMs(600_000));

            broker.awaitMessages("late", 1);

            assertThat(client.browse("forgotten")).extracting(Incoming::body).containsExactly("stays", "stays too");
        }
    }

    @Test
    void goesWithinASecondOfIt() {
        try (TestClient client = broker.connect(ClientKind.PROTONJ2)) {
            long before = System.nanoTime();
            client.send(Outgoing.to("forgotten", "old").ttlMs(500));
            long after = System.nanoTime();

            broker.awaitMessages("late", 1);
            long now = System.nanoTime();

            assertThat(ofNanos(now - before)).isGreaterThanOrEqualTo(ofMillis(500));
            assertThat(ofNanos(now - after)).isLessThan(ofMillis(1500).plus(BUSY_MACHINE));
        }
    }

    @Test
    void isHeldToTheSmallestOfItsLimits() {
        try (TestClient client = broker.connect(ClientKind.PROTONJ2)) {
            client.send(Outgoing.to("short", "by the queue's").ttlMs(600_000));
            client.send(Outgoing.to("short", "by its own").ttlMs(100));

            broker.awaitMessages("late", 2);

            assertThat(client.browse("late"))
                    .extracting(Incoming::body)
                    .containsExactly("by its own", "by the queue's");
        }
    }

    @Test
    @Spec(section = "3.2.4", says = "absolute-expiry-time is kept")
    void mayCarryItAsAMoment() throws Exception {
        try (Protonj2Client client = broker.protonj2();
                Sender sender = client.connection().openSender("forgotten")) {
            sender.send(Message.create("old").absoluteExpiryTime(System.currentTimeMillis() + 300))
                    .awaitAccepted();

            broker.awaitMessages("late", 1);
        }
    }

    @Test
    void isDroppedAndCountedWithoutADeadLetter() {
        try (TestClient client = broker.connect(ClientKind.PROTONJ2)) {
            long before = broker.queue("bare").orElseThrow().expired();
            client.send(Outgoing.to("bare", "old").ttlMs(100));

            await().atMost(ofSeconds(5)).untilAsserted(() -> {
                var bare = broker.queue("bare").orElseThrow();
                assertThat(bare.messages()).isZero();
                assertThat(bare.expired()).isEqualTo(before + 1);
            });
            assertThat(broker.queue("dlq.bare")).isEmpty();
        }
    }
}
