package io.turnstone.it;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.turnstone.it.client.Outgoing;
import io.turnstone.it.client.Protonj2Client;
import java.util.Map;
import org.apache.qpid.protonj2.client.Receiver;
import org.apache.qpid.protonj2.client.Sender;
import org.apache.qpid.protonj2.client.Tracker;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@DisplayName("Competing consumers")
@Timeout(60)
class FairnessIT {

    @RegisterExtension
    static final BrokerFixture broker = BrokerFixture.with("queues: { work: {} }");

    @Test
    void shareTheWorkEvenly() throws Exception {
        try (Protonj2Client first = broker.protonj2();
                Protonj2Client second = broker.protonj2()) {
            Receiver one = receiver(first, 100);
            Receiver two = receiver(second, 100);

            publish(100);

            awaitTotal(100, one, two);
            assertThat(one.queuedDeliveries()).isBetween(45L, 55L);
        }
    }

    @Test
    void getNoMoreThanTheirCredit() throws Exception {
        try (Protonj2Client first = broker.protonj2();
                Protonj2Client second = broker.protonj2()) {
            Receiver small = receiver(first, 10);
            Receiver large = receiver(second, 90);

            publish(100);

            awaitTotal(100, small, large);
            assertThat(small.queuedDeliveries()).isEqualTo(10);
            assertThat(large.queuedDeliveries()).isEqualTo(90);
        }
    }

    @Test
    void withoutCreditHoldUpNobody() throws Exception {
        try (Protonj2Client first = broker.protonj2();
                Protonj2Client second = broker.protonj2()) {
            Receiver idle = receiver(first, 0);
            Receiver busy = receiver(second, 50);

            publish(50);

            awaitTotal(50, busy);
            assertThat(idle.queuedDeliveries()).isZero();
        }
    }

    @Test
    void ofHigherPriorityAreServedFirst() throws Exception {
        try (Protonj2Client first = broker.protonj2();
                Protonj2Client second = broker.protonj2()) {
            Receiver normal = receiver(first, 100);
            Receiver preferred = second.connection()
                    .openReceiver("work", Protonj2Client.manual().properties(Map.of("rabbitmq:priority", 5)));
            preferred.addCredit(30);
            awaitConsumers(2);

            publish(50);

            awaitTotal(50, normal, preferred);
            assertThat(preferred.queuedDeliveries()).isEqualTo(30);
        }
    }

    private static Receiver receiver(Protonj2Client client, int credit) throws Exception {
        Receiver receiver = client.connection().openReceiver("work", Protonj2Client.manual());
        receiver.openFuture().get(10, SECONDS);
        if (credit > 0) {
            receiver.addCredit(credit);
        }
        // the broker answers in order: once it has opened this link, it has seen the credit
        client.connection()
                .openReceiver("work", Protonj2Client.manual())
                .openFuture()
                .get(10, SECONDS);
        return receiver;
    }

    private static void awaitConsumers(int atLeast) {
        await().atMost(10, SECONDS)
                .until(() -> broker.queue("work").orElseThrow().consumers() >= atLeast);
    }

    private static void publish(int count) throws Exception {
        try (Protonj2Client client = broker.protonj2();
                Sender sender = client.connection().openSender("work")) {
            Tracker last = null;
            for (int i = 0; i < count; i++) {
                last = sender.send(Protonj2Client.encoded(Outgoing.to("work", "m" + i)));
            }
            last.awaitAccepted(10, SECONDS);
        }
    }

    private static void awaitTotal(int count, Receiver... receivers) {
        await().atMost(10, SECONDS).until(() -> {
            long total = 0;
            for (Receiver receiver : receivers) {
                total += receiver.queuedDeliveries();
            }
            return total == count;
        });
    }
}
