package io.turnstone.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.amqp.Spec;
import io.turnstone.it.client.ClientKind;
import io.turnstone.it.client.Incoming;
import io.turnstone.it.client.Outgoing;
import io.turnstone.it.client.Settle;
import io.turnstone.it.client.TestClient;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@DisplayName("A message that fails")
@Timeout(60)
class RetryIT {

    @RegisterExtension
    static final BrokerFixture broker = BrokerFixture.with("""
            exchanges:
              jobs: { type: direct }
              graveyard: { type: topic }
            queues:
              thrice: { retry: { attempts: 3 }, dead-letter: { queue: dead } }
              patient: { retry: { attempts: 2, backoff: fixed, first: 1500ms }, dead-letter: { queue: dead } }
              routed: { retry: { attempts: 1 }, dead-letter: { exchange: graveyard, key: here.lies } }
              keeps-key: { retry: { attempts: 1 }, dead-letter: { exchange: graveyard } }
              once: { retry: { attempts: 1 } }
              dead: {}
              tombs: {}
            bindings:
              - { exchange: jobs, queue: thrice, key: job }
              - { exchange: jobs, queue: keeps-key, key: here.stays }
              - { exchange: graveyard, queue: tombs, key: "here.*" }
            """);

    @ParameterizedTest(name = "{0}")
    @EnumSource
    void isTriedAgainAndThenDeadLettered(ClientKind kind) {
        try (TestClient client = broker.connect(kind)) {
            client.send(Outgoing.to("/queues/thrice", "bad"));

            for (int attempt = 0; attempt < 3; attempt++) {
                Incoming incoming =
                        client.receive("/queues/thrice", Settle.FAILED).orElseThrow();
                assertThat(incoming.body()).isEqualTo("bad");
                assertThat(incoming.deliveryCount()).isEqualTo(attempt);
            }

            broker.awaitMessages("dead", 1);
            broker.awaitMessages("thrice", 0);
            assertThat(client.receive("/queues/dead", Settle.ACCEPTED))
                    .map(Incoming::body)
                    .contains("bad");
        }
    }

    @Test
    void carriesItsHistoryInTheWordsOfThreeBrokers() {
        try (TestClient client = broker.connect(ClientKind.PROTONJ2)) {
            client.send(Outgoing.to("/exchanges/jobs/job", "bad"));
            for (int attempt = 0; attempt < 3; attempt++) {
                client.receive("thrice", Settle.FAILED);
            }

            Map<String, Object> history =
                    client.receive("dead", Settle.ACCEPTED).orElseThrow().annotations();

            assertThat(history)
                    .containsEntry("x-first-death-queue", "thrice")
                    .containsEntry("x-last-death-queue", "thrice")
                    .containsEntry("x-first-death-exchange", "jobs")
                    .containsEntry("x-opt-ORIG-QUEUE", "thrice")
                    .containsEntry("x-opt-ORIG-ADDRESS", "jobs")
                    .containsKey("x-opt-deaths");
            assertThat(history.get("x-first-death-reason")).hasToString("delivery_limit");
            assertThat((Object[]) history.get("x-opt-deaths"))
                    .singleElement()
                    .satisfies(death -> assertThat(death).asString().contains("thrice", "delivery_limit", "jobs"));
        }
    }

    @Test
    @Spec(section = "3.4.3", says = "a message that was rejected is dead-lettered with the reason")
    void thatIsRejectedIsDeadAtOnceWithTheReason() {
        try (TestClient client = broker.connect(ClientKind.PROTONJ2)) {
            client.send(Outgoing.to("thrice", "bad"));
            client.receive("thrice", Settle.REJECTED);

            Map<String, Object> history =
                    client.receive("dead", Settle.ACCEPTED).orElseThrow().annotations();

            assertThat(history.get("x-first-death-reason")).hasToString("rejected");
            assertThat(history.values())
                    .anySatisfy(value -> assertThat(value).asString().contains("this one is bad"));
        }
    }

    @Test
    void waitsItsBackoffAndBlocksNobody() {
        try (TestClient client = broker.connect(ClientKind.PROTONJ2)) {
            client.send(Outgoing.to("patient", "bad"));
            client.send(Outgoing.to("patient", "good"));
            client.receive("patient", Settle.FAILED);
            long failedAt = System.nanoTime();

            assertThat(client.receive("patient", Settle.ACCEPTED))
                    .map(Incoming::body)
                    .contains("good");
            assertThat(client.receiveNoWait("patient")).isEmpty();
            Incoming again = client.receive("patient", Settle.ACCEPTED).orElseThrow();

            assertThat(again.body()).isEqualTo("bad");
            assertThat(again.deliveryCount()).isEqualTo(1);
            assertThat(Duration.ofNanos(System.nanoTime() - failedAt))
                    .isBetween(Duration.ofMillis(1400), Duration.ofMillis(6000));
        }
    }

    @Test
    void goesThroughAnExchangeWithANewKey() {
        try (TestClient client = broker.connect(ClientKind.PROTONJ2)) {
            client.send(Outgoing.to("routed", "bad"));
            client.receive("routed", Settle.FAILED);

            assertThat(client.receive("tombs", Settle.ACCEPTED))
                    .map(Incoming::body)
                    .contains("bad");
        }
    }

    @Test
    void goesThroughAnExchangeWithItsOwnKey() {
        try (TestClient client = broker.connect(ClientKind.PROTONJ2)) {
            client.send(Outgoing.to("/exchanges/jobs/here.stays", "bad"));
            client.receive("keeps-key", Settle.FAILED);

            assertThat(client.receive("tombs", Settle.ACCEPTED))
                    .map(Incoming::body)
                    .contains("bad");
        }
    }

    @Test
    void withoutADeadLetterGoesToAnAutomaticOne() {
        try (TestClient client = broker.connect(ClientKind.PROTONJ2)) {
            client.send(Outgoing.to("once", "bad"));
            client.receive("once", Settle.FAILED);

            broker.awaitMessages("dlq.once", 1);
            assertThat(client.receive("/queues/dlq.once", Settle.ACCEPTED))
                    .map(Incoming::body)
                    .contains("bad");
        }
    }
}
