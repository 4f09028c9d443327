package io.turnstone.it;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.turnstone.it.client.ClientKind;
import io.turnstone.it.client.Incoming;
import io.turnstone.it.client.LongText;
import io.turnstone.it.client.Outgoing;
import io.turnstone.it.client.Protonj2Client;
import io.turnstone.it.client.Published;
import io.turnstone.it.client.Settle;
import io.turnstone.it.client.TestClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.apache.qpid.protonj2.client.Message;
import org.apache.qpid.protonj2.client.Sender;
import org.apache.qpid.protonj2.client.Tracker;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A full queue")
@Timeout(60)
class QueueLimitsIT {

    @RegisterExtension
    static final BrokerFixture broker = BrokerFixture.with("""
            exchanges:
              all: { type: fanout }
            queues:
              rejects: { limit: { messages: 2, overflow: reject } }
              heavy: { limit: { bytes: 10KiB, overflow: reject } }
              drops: { limit: { messages: 2, overflow: drop-head } }
              buries: { limit: { messages: 2, overflow: dead-letter }, dead-letter: { queue: grave } }
              buries-oldest: { limit: { messages: 2, overflow: drop-head }, dead-letter: { queue: grave } }
              blocks: { limit: { messages: 10, overflow: block } }
              grave: {}
            bindings:
              - { exchange: all, queue: blocks }
            """);

    @ParameterizedTest(name = "{0}")
    @EnumSource
    void rejectsWhatIsTooMuch(ClientKind kind) {
        try (TestClient client = broker.connect(kind)) {
            client.send(Outgoing.to("/queues/rejects", "one"));
            client.send(Outgoing.to("/queues/rejects", "two"));

            Published published = client.send(Outgoing.to("/queues/rejects", "three"));

            assertThat(published.outcome()).isEqualTo("rejected");
            if (kind != ClientKind.RABBITMQ) { // says nothing more
                assertThat(published.names("amqp:resource-limit-exceeded"))
                        .as(published.toString())
                        .isTrue();
            }
            if (!published.info().isEmpty()) {
                assertThat(published.info()).containsEntry("queue", "rejects");
                assertThat(published.info().get("reason")).hasToString("maxlen");
            }
            broker.awaitMessages("rejects", 2);
            client.receive("/queues/rejects", Settle.ACCEPTED);
            broker.awaitMessages("rejects", 1);
            assertThat(client.send(Outgoing.to("/queues/rejects", "four")).outcome())
                    .isEqualTo("accepted");
        }
    }

    @Test
    void countsBytesToo() {
        try (TestClient client = broker.connect(ClientKind.PROTONJ2)) {
            assertThat(client.send(Outgoing.to("heavy", LongText.ofLength(6000)))
                            .outcome())
                    .isEqualTo("accepted");

            Published published = client.send(Outgoing.to("heavy", LongText.ofLength(6000)));

            assertThat(published.condition()).isEqualTo("amqp:resource-limit-exceeded");
            assertThat(client.send(Outgoing.to("heavy", "small")).outcome()).isEqualTo("accepted");
        }
    }

    @Test
    void dropsItsOldest() {
        try (TestClient client = broker.connect(ClientKind.PROTONJ2)) {
            for (String body : List.of("one", "two", "three")) {
                assertThat(client.send(Outgoing.to("drops", body)).outcome()).isEqualTo("accepted");
            }

            assertThat(client.browse("drops")).extracting(Incoming::body).containsExactly("two", "three");
        }
    }

    @Test
    void deadLettersItsOldestIfItDropsThemWithADeadLetter() {
        try (TestClient client = broker.connect(ClientKind.PROTONJ2)) {
            for (String body : List.of("one", "two", "three")) {
                client.send(Outgoing.to("buries-oldest", body));
            }

            broker.awaitMessages("grave", 1);
            assertThat(client.browse("buries-oldest"))
                    .extracting(Incoming::body)
                    .containsExactly("two", "three");
            Incoming buried = client.receive("grave", Settle.ACCEPTED).orElseThrow();
            assertThat(buried.body()).isEqualTo("one");
            assertThat(buried.annotations().get("x-first-death-reason")).hasToString("maxlen");
        }
    }

    @Test
    void deadLettersWhatIsTooMuch() {
        try (TestClient client = broker.connect(ClientKind.PROTONJ2)) {
            for (String body : List.of("one", "two", "three")) {
                assertThat(client.send(Outgoing.to("buries", body)).outcome()).isEqualTo("accepted");
            }

            assertThat(client.browse("buries")).extracting(Incoming::body).containsExactly("one", "two");
            Incoming buried = client.receive("grave", Settle.ACCEPTED).orElseThrow();
            assertThat(buried.body()).isEqualTo("three");
            assertThat(buried.annotations().get("x-first-death-reason")).hasToString("maxlen");
        }
    }

    @ParameterizedTest(name = "publishers to {0}")
    @ValueSource(strings = {"/queues/blocks", "/exchanges/all"})
    void blocksItsPublishersUntilThereIsRoom(String target) throws Exception {
        int count = 40;
        try (Protonj2Client publisher = broker.protonj2();
                Protonj2Client consumer = broker.protonj2();
                Sender sender = publisher.connection().openSender(target)) {
            var trackers = new CopyOnWriteArrayList<Tracker>();
            var sending = Background.start(() -> {
                for (String body : bodies(count)) {
                    trackers.add(sender.send(Message.create(body)));
                }
            });

            broker.awaitMessages("blocks", 10);
            await().during(Duration.ofMillis(300))
                    .atMost(Duration.ofSeconds(5))
                    .until(() -> accepted(trackers) == 10 && broker.messages("blocks") == 10);

            var received = new ArrayList<String>();
            while (received.size() < count) {
                received.add(consumer.receive("blocks", Settle.ACCEPTED)
                        .orElseThrow()
                        .body());
            }
            sending.get(10, SECONDS);
            await().atMost(10, SECONDS).until(() -> accepted(trackers) == count);
            assertThat(received).containsExactlyElementsOf(bodies(count));
        }
    }

    private static List<String> bodies(int count) {
        return IntStream.range(0, count).mapToObj(i -> "m" + i).toList();
    }

    private static long accepted(List<Tracker> trackers) {
        return trackers.stream()
                .filter(tracker ->
                        tracker.remoteSettled() && tracker.remoteState().isAccepted())
                .count();
    }
}
