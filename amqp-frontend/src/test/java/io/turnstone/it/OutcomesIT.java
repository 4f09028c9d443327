package io.turnstone.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.amqp.Spec;
import io.turnstone.it.client.ClientKind;
import io.turnstone.it.client.Incoming;
import io.turnstone.it.client.Outgoing;
import io.turnstone.it.client.Settle;
import io.turnstone.it.client.TestClient;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@DisplayName("A delivery that a consumer")
@Timeout(60)
class OutcomesIT {

    private static final String WORK = "/queues/work";

    @RegisterExtension
    static final BrokerFixture broker = BrokerFixture.with("""
            queues:
              work: { dead-letter: { queue: dead } }
              dead: {}
            """);

    @ParameterizedTest(name = "{0}")
    @EnumSource
    @Spec(section = "3.3", says = "a message that is settled with an end is archived, and not seen again")
    @Spec(section = "3.5.2", says = "move takes messages from their queue")
    void acceptsIsGone(ClientKind kind) {
        try (TestClient client = broker.connect(kind)) {
            client.send(Outgoing.to(WORK, "one"));

            assertThat(client.receive(WORK, Settle.ACCEPTED))
                    .map(Incoming::body)
                    .contains("one");

            broker.awaitMessages("work", 0);
            assertThat(broker.messages("dead")).isZero();
        }
    }

    @ParameterizedTest(name = "{0}")
    @EnumSource
    void rejectsIsDeadLettered(ClientKind kind) {
        try (TestClient client = broker.connect(kind)) {
            client.send(Outgoing.to(WORK, "one"));

            client.receive(WORK, Settle.REJECTED);

            assertThat(client.receive("/queues/dead", Settle.ACCEPTED))
                    .map(Incoming::body)
                    .contains("one");
            broker.awaitMessages("work", 0);
        }
    }

    @ParameterizedTest(name = "{0}")
    @EnumSource
    @Spec(section = "3.3", says = "a message that is released is available again")
    void releasesComesBackUnchanged(ClientKind kind) {
        try (TestClient client = broker.connect(kind)) {
            client.send(Outgoing.to(WORK, "one"));

            client.receive(WORK, Settle.RELEASED);

            Incoming again = client.receive(WORK, Settle.ACCEPTED).orElseThrow();
            assertThat(again.body()).isEqualTo("one");
            assertThat(again.deliveryCount()).isZero();
        }
    }

    @ParameterizedTest(name = "{0}")
    @EnumSource
    @Spec(section = "3.4.5", says = "delivery-failed counts an attempt")
    void modifiesAsFailedComesBackCounted(ClientKind kind) {
        try (TestClient client = broker.connect(kind)) {
            client.send(Outgoing.to(WORK, "one"));

            client.receive(WORK, Settle.FAILED);

            Incoming again = client.receive(WORK, Settle.ACCEPTED).orElseThrow();
            assertThat(again.body()).isEqualTo("one");
            assertThat(again.deliveryCount()).isEqualTo(1);
        }
    }

    @ParameterizedTest(name = "{0}")
    @EnumSource
    void modifiesAsUndeliverableHereComesBackToAnotherLink(ClientKind kind) {
        try (TestClient client = broker.connect(kind)) {
            client.send(Outgoing.to(WORK, "one"));

            client.receive(WORK, Settle.UNDELIVERABLE);

            Incoming again = client.receive(WORK, Settle.ACCEPTED).orElseThrow();
            assertThat(again.body()).isEqualTo("one");
            assertThat(again.deliveryCount()).isEqualTo(1);
        }
    }
}
