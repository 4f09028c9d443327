package io.turnstone.it;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.turnstone.amqp.Spec;
import io.turnstone.it.client.ClientKind;
import io.turnstone.it.client.Incoming;
import io.turnstone.it.client.Outgoing;
import io.turnstone.it.client.Protonj2Client;
import io.turnstone.it.client.Settle;
import io.turnstone.it.client.TestClient;
import org.apache.qpid.protonj2.client.Receiver;
import org.apache.qpid.protonj2.client.exceptions.ClientException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@DisplayName("A dynamic node")
@Timeout(60)
class RequestReplyIT {

    @RegisterExtension
    static final BrokerFixture broker = BrokerFixture.with("queues: { requests: {} }");

    @ParameterizedTest(name = "{0}")
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "RABBITMQ") // it declares its reply queue through /management
    void carriesTheReplyToARequest(ClientKind kind) throws Exception {
        try (TestClient client = broker.connect(kind);
                Protonj2Client server = broker.protonj2()) {
            var served = Background.start(() -> {
                Incoming request = server.receive("requests", Settle.ACCEPTED).orElseThrow();
                server.send(
                        Outgoing.to(request.replyTo(), "re: " + request.body()).transientMessage());
            });

            assertThat(client.request(Outgoing.to("/queues/requests", "ping")))
                    .map(Incoming::body)
                    .contains("re: ping");
            served.get(10, SECONDS);
        }
    }

    @Test
    @Spec(section = "3.2.1", says = "durable messages are refused where nothing durable is")
    void carriesAReplyOverTheAnonymousTerminus() throws Exception {
        try (Protonj2Client client = broker.protonj2();
                Protonj2Client server = broker.protonj2()) {
            var served = Background.start(() -> {
                Incoming request = server.receive("requests", Settle.ACCEPTED).orElseThrow();
                server.send(Outgoing.anonymouslyTo(request.replyTo(), "re: " + request.body()));
            });

            assertThat(client.request(Outgoing.to("requests", "ping")))
                    .map(Incoming::body)
                    .contains("re: ping");
            served.get(10, SECONDS);
        }
    }

    @Test
    void vanishesWithItsConnection() throws Exception {
        String address;
        try (Protonj2Client owner = broker.protonj2()) {
            Receiver receiver = owner.connection().openDynamicReceiver();
            receiver.openFuture().get(10, SECONDS);
            address = receiver.address();
            assertThat(broker.queue(address)).isPresent();
        }

        await().atMost(10, SECONDS).until(() -> broker.queue(address).isEmpty());
        try (TestClient other = broker.connect(ClientKind.PROTONJ2)) {
            assertThat(other.send(Outgoing.anonymouslyTo(address, "late")).outcome())
                    .isEqualTo("rejected");
        }
    }

    @Test
    void vanishesWithItsLink() throws Exception {
        try (Protonj2Client owner = broker.protonj2()) {
            Receiver receiver = owner.connection().openDynamicReceiver();
            receiver.openFuture().get(10, SECONDS);
            String address = receiver.address();
            receiver.close();

            await().atMost(10, SECONDS).until(() -> broker.queue(address).isEmpty());
        }
    }

    @Test
    void isConsumedFromByItsOwnConnectionOnly() throws Exception {
        try (Protonj2Client owner = broker.protonj2();
                Protonj2Client other = broker.protonj2()) {
            Receiver receiver = owner.connection().openDynamicReceiver();
            receiver.openFuture().get(10, SECONDS);
            String address = receiver.address();

            assertThatThrownBy(() -> other.connection()
                            .openReceiver(address)
                            .openFuture()
                            .get(10, SECONDS))
                    .hasCauseInstanceOf(ClientException.class)
                    .hasMessageContaining("amqp:resource-locked");
            assertThat(other.send(Outgoing.to(address, "for you")).outcome()).isEqualTo("accepted");
            assertThat(receiver.receive(10, SECONDS).message().body()).isEqualTo("for you");
        }
    }
}
