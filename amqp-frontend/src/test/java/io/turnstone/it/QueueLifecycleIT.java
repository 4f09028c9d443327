package io.turnstone.it;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.turnstone.it.client.Outgoing;
import io.turnstone.it.client.Protonj2Client;
import java.time.Duration;
import org.apache.qpid.protonj2.client.Receiver;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@DisplayName("A queue")
@Timeout(60)
class QueueLifecycleIT {

    @Test
    void thatExpiresIsGoneWhenNobodyUsedItForSoLong() throws Exception {
        try (BrokerFixture broker = BrokerFixture.start("queues: { idle: { expires: 400ms } }")) {
            await().atMost(10, SECONDS).until(() -> broker.queue("idle").isEmpty());
        }
    }

    @Test
    void thatExpiresStaysWhileItHasAConsumer() throws Exception {
        try (BrokerFixture broker = BrokerFixture.start("queues: { idle: { expires: 1500ms } }");
                Protonj2Client client = broker.protonj2()) {
            Receiver receiver = client.connection().openReceiver("idle");
            receiver.openFuture().get(10, SECONDS);

            await().during(Duration.ofMillis(2500))
                    .atMost(Duration.ofSeconds(4))
                    .until(() -> broker.queue("idle").isPresent());
            receiver.close();

            await().atMost(10, SECONDS).until(() -> broker.queue("idle").isEmpty());
        }
    }

    @Test
    void thatIsAutoDeletedGoesWithItsLastConsumer() throws Exception {
        try (BrokerFixture broker = BrokerFixture.start("queues: { brief: { auto-delete: true } }");
                Protonj2Client client = broker.protonj2()) {
            client.send(Outgoing.to("brief", "before any consumer"));
            Receiver first = client.connection().openReceiver("brief");
            Receiver second = client.connection().openReceiver("brief");
            first.openFuture().get(10, SECONDS);
            second.openFuture().get(10, SECONDS);

            first.close();
            assertThat(broker.queue("brief")).isPresent();
            second.close();

            await().atMost(10, SECONDS).until(() -> broker.queue("brief").isEmpty());
        }
    }
}
