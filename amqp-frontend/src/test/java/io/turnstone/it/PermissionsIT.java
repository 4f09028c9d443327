package io.turnstone.it;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.turnstone.amqp.Spec;
import io.turnstone.it.client.ClientKind;
import io.turnstone.it.client.Incoming;
import io.turnstone.it.client.Outgoing;
import io.turnstone.it.client.Protonj2Client;
import io.turnstone.it.client.Published;
import io.turnstone.it.client.Settle;
import io.turnstone.it.client.TestClient;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@DisplayName("A user with permissions")
@Timeout(60)
class PermissionsIT {

    private static final String UNAUTHORIZED = "amqp:unauthorized-access";

    @RegisterExtension
    static final BrokerFixture broker = BrokerFixture.with("""
            anonymous: never
            users:
              shop:
                password: "%1$s"
                permissions: [ { allow: [publish], on: "/exchanges/orders/order.*" } ]
              packer:
                password: "%1$s"
                permissions: [ { allow: [publish, consume], on: "/queues/eu*" } ]
              root: { password: "%1$s" }
            exchanges:
              orders: { type: topic }
            queues: { eu: {}, us: {} }
            bindings:
              - { exchange: orders, queue: eu, key: "#" }
            """.formatted(BrokerFixture.verifier("secret")));

    @ParameterizedTest(name = "{0}")
    @EnumSource
    void doesWhatTheyAllow(ClientKind kind) {
        try (TestClient shop = kind.connect(broker.port(), "shop", "secret");
                TestClient packer = kind.connect(broker.port(), "packer", "secret")) {
            assertThat(shop.send(Outgoing.to("/exchanges/orders/order.eu", "allowed"))
                            .outcome())
                    .isEqualTo("accepted");

            assertThat(packer.receive("/queues/eu", Settle.ACCEPTED))
                    .map(Incoming::body)
                    .contains("allowed");
        }
    }

    @Test
    @Spec(section = "2.8.15", says = "unauthorized-access: the user may not")
    void maySendNowhereElse() {
        try (TestClient shop = ClientKind.PROTONJ2.connect(broker.port(), "shop", "secret")) {
            for (String target : new String[] {"/queues/eu", "/exchanges/orders/invoice.eu", "us"}) {
                Published published = shop.send(Outgoing.to(target, "forbidden"));

                assertThat(published.outcome()).as(target).isEqualTo("refused");
                assertThat(published.condition()).as(target).isEqualTo(UNAUTHORIZED);
                assertThat(published.description()).contains("publish");
            }
        }
    }

    @Test
    void isCheckedPerMessageOnTheAnonymousTerminus() {
        try (TestClient shop = ClientKind.PROTONJ2.connect(broker.port(), "shop", "secret")) {
            assertThat(shop.send(Outgoing.anonymouslyTo("/exchanges/orders/order.eu", "allowed"))
                            .outcome())
                    .isEqualTo("accepted");

            Published published = shop.send(Outgoing.anonymouslyTo("/queues/us", "forbidden"));

            assertThat(published.outcome()).isEqualTo("rejected");
            assertThat(published.condition()).isEqualTo(UNAUTHORIZED);
            assertThat(broker.messages("us")).isZero();
        }
    }

    @Test
    void isCheckedPerMessageWhenTheKeyComesWithIt() {
        try (TestClient shop = ClientKind.PROTONJ2.connect(broker.port(), "shop", "secret")) {
            Published published = shop.send(Outgoing.to("orders", "forbidden").subject("invoice.eu"));

            assertThat(published.condition()).isEqualTo(UNAUTHORIZED);
            assertThat(broker.messages("eu")).isZero();
        }
    }

    @Test
    void mayTakeFromNowhereElse() {
        try (Protonj2Client packer = new Protonj2Client(broker.port(), "packer", "secret")) {
            assertThatThrownBy(() -> packer.connection()
                            .openReceiver("/queues/us")
                            .openFuture()
                            .get(10, SECONDS))
                    .hasMessageContaining(UNAUTHORIZED);
        }
    }

    @Test
    void doesNotCreateQueuesWithoutDeclare() {
        try (TestClient packer = ClientKind.PROTONJ2.connect(broker.port(), "packer", "secret")) {
            Published published = packer.send(Outgoing.to("eu.new", "forbidden"));

            assertThat(published.outcome()).isEqualTo("refused");
            assertThat(published.condition()).isEqualTo(UNAUTHORIZED);
            assertThat(broker.queue("eu.new")).isEmpty();
        }
    }

    @Test
    void isUnlikeOneWithoutWhoMayDoEverything() {
        try (TestClient root = ClientKind.PROTONJ2.connect(broker.port(), "root", "secret")) {
            assertThat(root.send(Outgoing.to("brand.new", "allowed")).outcome()).isEqualTo("accepted");
        }
    }
}
