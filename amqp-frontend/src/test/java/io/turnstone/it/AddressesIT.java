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

@DisplayName("An address")
@Timeout(60)
class AddressesIT {

    @RegisterExtension
    static final BrokerFixture broker = BrokerFixture.with("""
            exchanges:
              orders: { type: topic }
              "a/b c": { type: direct }
            queues:
              eu: {}
              "with space/and slash": {}
            bindings:
              - { exchange: orders, queue: eu, key: "order.eu" }
              - { exchange: "a/b c", queue: eu, key: "k/1" }
            """);

    @ParameterizedTest(name = "{0} reaches the queue")
    @CsvSource({
        "/queues/eu",
        "eu",
        "queue://eu",
        "eu::eu",
        "orders/order.eu",
        "/exchanges/orders/order.eu",
        "/exchanges/a%2Fb%20c/k%2F1"
    })
    void reachesTheQueueInEveryDialect(String target) {
        try (TestClient client = broker.connect(ClientKind.PROTONJ2)) {
            assertThat(client.send(Outgoing.to(target, "here")).outcome()).isEqualTo("accepted");

            assertThat(client.receive("/queues/eu", Settle.ACCEPTED))
                    .map(Incoming::body)
                    .contains("here");
        }
    }

    @ParameterizedTest(name = "{0} takes from the queue")
    @CsvSource({"/queues/eu", "eu", "queue://eu", "eu::eu"})
    void takesFromTheQueueInEveryDialect(String source) {
        try (TestClient client = broker.connect(ClientKind.PROTONJ2)) {
            client.send(Outgoing.to("/queues/eu", "here"));

            assertThat(client.receive(source, Settle.ACCEPTED))
                    .map(Incoming::body)
                    .contains("here");
        }
    }

    @Test
    void ofAnExchangeAloneRoutesBySubject() {
        try (TestClient client = broker.connect(ClientKind.PROTONJ2)) {
            var message = Outgoing.to("orders", "here").subject("order.eu");
            assertThat(client.send(message).outcome()).isEqualTo("accepted");

            assertThat(client.receive("eu", Settle.ACCEPTED))
                    .map(Incoming::body)
                    .contains("here");
        }
    }

    @ParameterizedTest(name = "{0}")
    @EnumSource
    void mayHaveAnyCharacterPercentEncoded(ClientKind kind) {
        try (TestClient client = broker.connect(kind)) {
            String address = "/queues/with%20space%2Fand%20slash";
            assertThat(client.send(Outgoing.to(address, "here")).outcome()).isEqualTo("accepted");

            assertThat(client.receive(address, Settle.ACCEPTED))
                    .map(Incoming::body)
                    .contains("here");
        }
    }

    @ParameterizedTest(name = "{0}")
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "RABBITMQ") // it knows paths only
    void thatIsAPlainNameBecomesAQueueOnFirstUse(ClientKind kind) {
        try (TestClient client = broker.connect(kind)) {
            String name = "fresh." + kind;
            assertThat(client.send(Outgoing.to(name, "here")).outcome()).isEqualTo("accepted");

            assertThat(client.receive(name, Settle.ACCEPTED))
                    .map(Incoming::body)
                    .contains("here");
            assertThat(broker.queue(name)).isPresent();
        }
    }

    @ParameterizedTest(name = "{0}")
    @EnumSource
    void ofAnUnknownQueueIsNotFound(ClientKind kind) {
        try (TestClient client = broker.connect(kind)) {
            Published published = client.send(Outgoing.to("/queues/nowhere", "lost"));

            assertThat(published.outcome()).isEqualTo("refused");
            assertThat(published.names("amqp:not-found"))
                    .as(published.toString())
                    .isTrue();
            assertThat(client.send(Outgoing.to("/queues/eu", "goes on")).outcome())
                    .as("after the refusal")
                    .isEqualTo("accepted");
        }
    }

    @ParameterizedTest(name = "{0} is {1}")
    @CsvSource({
        "/exchanges/nowhere/k, amqp:not-found",
        "/nonsense,            amqp:invalid-field",
        "/queue/eu,            amqp:invalid-field",
        "/queues/%zz,          amqp:invalid-field",
        "/exchanges/amq.default/eu, amqp:invalid-field",
    })
    void thatMakesNoSenseIsRefused(String target, String condition) {
        try (TestClient client = broker.connect(ClientKind.PROTONJ2)) {
            Published published = client.send(Outgoing.to(target, "lost"));

            assertThat(published.outcome()).isEqualTo("refused");
            assertThat(published.condition()).isEqualTo(condition);
        }
    }
}
