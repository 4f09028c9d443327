package io.turnstone.it;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.turnstone.it.client.ClientKind;
import io.turnstone.it.client.Incoming;
import io.turnstone.it.client.Outgoing;
import io.turnstone.it.client.Protonj2Client;
import io.turnstone.it.client.Settle;
import io.turnstone.it.client.TestClient;
import org.apache.qpid.protonj2.client.Receiver;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("Among exchanges")
@Timeout(60)
class ExchangeTopologyIT {

    @RegisterExtension
    static final BrokerFixture broker = BrokerFixture.with("""
            exchanges:
              orders: { type: topic, alternate: unrouted }
              unrouted: { type: fanout }
              front: { type: direct }
              back: { type: topic }
              ring-a: { type: fanout }
              ring-b: { type: fanout }
              inner: { type: direct, internal: true }
              news: { type: fanout }
            queues:
              twice: {}
              stray: {}
              far: {}
              ringed: {}
            bindings:
              - { exchange: orders, queue: twice, key: "order.*" }
              - { exchange: orders, queue: twice, key: "#.eu" }
              - { exchange: unrouted, queue: stray }
              - { exchange: front, to-exchange: back, key: "to.back" }
              - { exchange: back, queue: far, key: "to.#" }
              - { exchange: ring-a, to-exchange: ring-b }
              - { exchange: ring-b, to-exchange: ring-a }
              - { exchange: ring-b, queue: ringed }
            """);

    @Test
    void aMessageBoundTwiceToAQueueArrivesOnce() {
        try (TestClient client = broker.connect(ClientKind.PROTONJ2)) {
            client.send(Outgoing.to("/exchanges/orders/order.eu", "once"));

            assertThat(client.browse("twice")).extracting(Incoming::body).containsExactly("once");
        }
    }

    @Test
    void whatNobodyWantsFollowsTheAlternate() {
        try (TestClient client = broker.connect(ClientKind.PROTONJ2)) {
            assertThat(client.send(Outgoing.to("/exchanges/orders/invoice", "stray"))
                            .outcome())
                    .isEqualTo("accepted");

            assertThat(client.receive("stray", Settle.ACCEPTED))
                    .map(Incoming::body)
                    .contains("stray");
        }
    }

    @Test
    void oneBoundToAnotherPassesItsMessagesOn() {
        try (TestClient client = broker.connect(ClientKind.PROTONJ2)) {
            assertThat(client.send(Outgoing.to("/exchanges/front/to.back", "far"))
                            .outcome())
                    .isEqualTo("accepted");

            assertThat(client.receive("far", Settle.ACCEPTED))
                    .map(Incoming::body)
                    .contains("far");
        }
    }

    @Test
    void aRingCarriesAMessageRoundOnce() {
        try (TestClient client = broker.connect(ClientKind.PROTONJ2)) {
            assertThat(client.send(Outgoing.to("/exchanges/ring-a", "round")).outcome())
                    .isEqualTo("accepted");

            assertThat(client.browse("ringed")).extracting(Incoming::body).containsExactly("round");
        }
    }

    @Test
    void anInternalOneTakesNothingFromClients() {
        try (TestClient client = broker.connect(ClientKind.PROTONJ2)) {
            assertThat(client.send(Outgoing.to("/exchanges/inner/k", "no")).outcome())
                    .isIn("refused", "rejected");
        }
    }

    @ParameterizedTest(name = "{0} hears {1}")
    @CsvSource({
        "/exchanges/news,               /exchanges/news",
        "news,                          news",
        "/exchanges/orders/order.eu.%23, /exchanges/orders/order.eu.paid",
        "orders/order.eu.#,             orders/order.eu.paid",
        "topic://news,                  news",
    })
    void oneAsASourceIsAPrivateSubscription(String source, String target) throws Exception {
        try (Protonj2Client first = broker.protonj2();
                Protonj2Client second = broker.protonj2();
                Receiver one = subscribed(first, source);
                Receiver two = subscribed(second, source)) {
            first.send(Outgoing.to(target, "to all"));

            assertThat(one.receive(10, SECONDS).message().body()).isEqualTo("to all");
            assertThat(two.receive(10, SECONDS).message().body()).isEqualTo("to all");
        }
    }

    @Test
    void aSubscriptionGoesWithItsLink() throws Exception {
        try (Protonj2Client client = broker.protonj2()) {
            long before = broker.queueCount();
            Receiver receiver = subscribed(client, "news");
            assertThat(broker.queueCount()).isEqualTo(before + 1);

            receiver.close();

            await().atMost(10, SECONDS).until(() -> broker.queueCount() == before);
        }
    }

    private static Receiver subscribed(Protonj2Client client, String source) throws Exception {
        Receiver receiver = client.connection().openReceiver(source);
        receiver.openFuture().get(10, SECONDS);
        return receiver;
    }
}
