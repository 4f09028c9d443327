package io.turnstone.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.it.client.ClientKind;
import io.turnstone.it.client.Incoming;
import io.turnstone.it.client.Outgoing;
import io.turnstone.it.client.Settle;
import io.turnstone.it.client.TestClient;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@DisplayName("An exchange")
@Timeout(60)
class ExchangeRoutingIT {

    @RegisterExtension
    static final BrokerFixture broker = BrokerFixture.with("""
            exchanges:
              colours: { type: direct }
              news: { type: fanout }
              orders: { type: topic }
              papers: { type: headers }
            queues:
              red: {}
              blue: {}
              first: {}
              second: {}
              eu: {}
              paid: {}
              pdf: {}
              any: {}
            bindings:
              - { exchange: colours, queue: red, key: red }
              - { exchange: colours, queue: blue, key: blue }
              - { exchange: news, queue: first }
              - { exchange: news, queue: second }
              - { exchange: orders, queue: eu, key: "order.eu.#" }
              - { exchange: orders, queue: paid, key: "order.*.paid" }
              - { exchange: papers, queue: pdf, arguments: { x-match: all, format: pdf, pages: 2 } }
              - { exchange: papers, queue: any, arguments: { x-match: any, format: pdf, pages: 2 } }
            """);

    @ParameterizedTest(name = "{0}")
    @EnumSource
    void directTakesTheWholeKey(ClientKind kind) {
        try (TestClient client = broker.connect(kind)) {
            publish(client, Outgoing.to("/exchanges/colours/red", "stop"));

            assertThat(body(client, "/queues/red")).contains("stop");
            assertThat(broker.messages("blue")).isZero();
        }
    }

    @ParameterizedTest(name = "{0}")
    @EnumSource
    void fanoutCopiesToEveryQueue(ClientKind kind) {
        try (TestClient client = broker.connect(kind)) {
            publish(client, Outgoing.to("/exchanges/news", "hear"));

            assertThat(body(client, "/queues/first")).contains("hear");
            assertThat(body(client, "/queues/second")).contains("hear");
        }
    }

    @ParameterizedTest(name = "{0}")
    @EnumSource
    void topicMatchesWordByWord(ClientKind kind) {
        try (TestClient client = broker.connect(kind)) {
            publish(client, Outgoing.to("/exchanges/orders/order.eu.paid", "both"));
            publish(client, Outgoing.to("/exchanges/orders/order.us.paid", "one"));

            assertThat(body(client, "/queues/eu")).contains("both");
            assertThat(body(client, "/queues/paid")).contains("both");
            assertThat(body(client, "/queues/paid")).contains("one");
            broker.awaitMessages("eu", 0);
        }
    }

    @ParameterizedTest(name = "{0}")
    @EnumSource
    void headersMatchesAllOrAny(ClientKind kind) {
        try (TestClient client = broker.connect(kind)) {
            var pdf = Outgoing.to("/exchanges/papers", "both")
                    .property("format", "pdf")
                    .property("pages", 2);
            publish(client, pdf);
            publish(client, Outgoing.to("/exchanges/papers", "one").property("format", "pdf"));

            assertThat(body(client, "/queues/pdf")).contains("both");
            assertThat(body(client, "/queues/any")).contains("both");
            assertThat(body(client, "/queues/any")).contains("one");
            broker.awaitMessages("pdf", 0);
        }
    }

    @ParameterizedTest(name = "{0}")
    @EnumSource
    void releasesWhatNoBindingWants(ClientKind kind) {
        try (TestClient client = broker.connect(kind)) {
            assertThat(client.send(Outgoing.to("/exchanges/colours/green", "go"))
                            .outcome())
                    .isEqualTo("released");
        }
    }

    private static void publish(TestClient client, Outgoing message) {
        assertThat(client.send(message).outcome()).isEqualTo("accepted");
    }

    private static Optional<String> body(TestClient client, String address) {
        return client.receive(address, Settle.ACCEPTED).map(Incoming::body);
    }
}
