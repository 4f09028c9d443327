package io.turnstone.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.it.client.ClientKind;
import io.turnstone.it.client.Incoming;
import io.turnstone.it.client.Outgoing;
import io.turnstone.it.client.Published;
import io.turnstone.it.client.Settle;
import io.turnstone.it.client.TestClient;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@DisplayName("The anonymous terminus")
@Timeout(60)
class AnonymousTerminusIT {

    @RegisterExtension
    static final BrokerFixture broker = BrokerFixture.with("""
            exchanges:
              orders: { type: topic }
            queues:
              eu: {}
            bindings:
              - { exchange: orders, queue: eu, key: "order.eu" }
            """);

    @ParameterizedTest(name = "{0}")
    @EnumSource
    void routesEachMessageByItsTo(ClientKind kind) {
        try (TestClient client = broker.connect(kind)) {
            assertThat(client.send(Outgoing.anonymouslyTo("/queues/eu", "straight"))
                            .outcome())
                    .isEqualTo("accepted");
            assertThat(client.send(Outgoing.anonymouslyTo("/exchanges/orders/order.eu", "routed"))
                            .outcome())
                    .isEqualTo("accepted");

            assertThat(client.receive("/queues/eu", Settle.ACCEPTED))
                    .map(Incoming::body)
                    .contains("straight");
            assertThat(client.receive("/queues/eu", Settle.ACCEPTED))
                    .map(Incoming::body)
                    .contains("routed");
        }
    }

    @ParameterizedTest(name = "{0}")
    @EnumSource
    void rejectsAMessageToAnUnknownNode(ClientKind kind) {
        try (TestClient client = broker.connect(kind)) {
            Published published = client.send(Outgoing.anonymouslyTo("/queues/nowhere", "lost"));

            assertThat(published.outcome()).isEqualTo("rejected");
            assertThat(published.names("amqp:not-found") || kind == ClientKind.RABBITMQ)
                    .as(published.toString())
                    .isTrue();
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({"eu", "orders/order.eu"})
    void understandsPlainAddresses(String to) {
        try (TestClient client = broker.connect(ClientKind.PROTONJ2)) {
            assertThat(client.send(Outgoing.anonymouslyTo(to, "here")).outcome())
                    .isEqualTo("accepted");

            assertThat(client.receive("eu", Settle.ACCEPTED))
                    .map(Incoming::body)
                    .contains("here");
        }
    }

    @Test
    void makesNoQueueForAPlainName() {
        try (TestClient client = broker.connect(ClientKind.PROTONJ2)) {
            Published published = client.send(Outgoing.anonymouslyTo("unheard.of", "lost"));

            assertThat(published.outcome()).isEqualTo("rejected");
            assertThat(published.condition()).isEqualTo("amqp:not-found");
            assertThat(broker.queue("unheard.of")).isEmpty();
        }
    }

    @Test
    void releasesWhatNoBindingWants() {
        try (TestClient client = broker.connect(ClientKind.PROTONJ2)) {
            assertThat(client.send(Outgoing.anonymouslyTo("/exchanges/orders/order.us", "lost"))
                            .outcome())
                    .isEqualTo("released");
        }
    }
}
