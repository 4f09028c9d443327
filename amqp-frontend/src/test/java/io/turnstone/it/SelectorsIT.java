package io.turnstone.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.turnstone.it.client.QpidJmsClient;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@DisplayName("A selector")
@Timeout(60)
class SelectorsIT {

    @RegisterExtension
    static final BrokerFixture broker = BrokerFixture.with("queues: { q: {} }");

    @Test
    void isRefusedSoThatNoMessageIsTakenThatIsForSomebodyElse() throws Exception {
        try (Connection connection = QpidJmsClient.open(broker.uri(), "guest", "guest")) {
            var session = connection.createSession();
            var queue = session.createQueue("q");
            session.createProducer(queue).send(session.createTextMessage("for anybody"));

            assertThatThrownBy(() -> session.createConsumer(queue, "n = 2"))
                    .isInstanceOf(JMSException.class)
                    .hasMessageContaining("filter 'jms-selector'");

            connection.start();
            assertThat(session.createConsumer(queue).receive(10_000)).isNotNull();
        }
    }
}
