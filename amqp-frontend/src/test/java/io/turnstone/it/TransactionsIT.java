package io.turnstone.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.turnstone.it.client.ClientKind;
import io.turnstone.it.client.Outgoing;
import io.turnstone.it.client.Protonj2Client;
import io.turnstone.it.client.QpidJmsClient;
import io.turnstone.it.client.TestClient;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import org.apache.qpid.protonj2.client.Session;
import org.apache.qpid.protonj2.client.exceptions.ClientException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@DisplayName("A transaction")
@Timeout(60)
class TransactionsIT {

    @RegisterExtension
    static final BrokerFixture broker = BrokerFixture.with("queues: { q: {} }");

    @Test
    void isRefusedToJmsWhichGoesOn() throws Exception {
        try (Connection connection = QpidJmsClient.open(broker.uri(), "guest", "guest")) {
            assertThatThrownBy(() -> connection.createSession(true, 0))
                    .isInstanceOf(JMSException.class)
                    .hasMessageContaining("transactions are not offered");

            var session = connection.createSession();
            session.createProducer(session.createQueue("q")).send(session.createTextMessage("goes on"));
        }
        broker.awaitMessages("q", 1);
    }

    @Test
    void isRefusedToProtonj2WhichGoesOn() throws Exception {
        try (Protonj2Client client = broker.protonj2()) {
            Session session = client.connection().openSession();

            assertThatThrownBy(session::beginTransaction).isInstanceOf(ClientException.class);
        }
        try (TestClient client = broker.connect(ClientKind.PROTONJ2)) {
            assertThat(client.send(Outgoing.to("q", "goes on")).outcome()).isEqualTo("accepted");
        }
    }
}
