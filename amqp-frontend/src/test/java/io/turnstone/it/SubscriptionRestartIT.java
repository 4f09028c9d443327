package io.turnstone.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.it.client.QpidJmsClient;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("A durable subscription")
@Timeout(120)
class SubscriptionRestartIT {

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path folder;

    private static Connection open(ForkedBroker broker, String clientId) throws JMSException {
        String id = clientId == null ? "" : "?jms.clientID=" + clientId;
        return QpidJmsClient.open("amqp://127.0.0.1:" + broker.port() + id, "guest", "guest");
    }

    private static MessageConsumer subscribe(Connection connection) throws JMSException {
        Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
        return session.createDurableConsumer(session.createTopic("news"), "desk", "n % 2 = 0", false);
    }

    private static void publish(ForkedBroker broker, int first, int last) throws JMSException {
        try (Connection connection = open(broker, null)) {
            Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
            var producer = session.createProducer(session.createTopic("news"));
            for (int n = first; n <= last; n++) {
                TextMessage message = session.createTextMessage("n" + n);
                message.setIntProperty("n", n);
                producer.send(message);
            }
        }
    }

    @Test
    void outlivesTheBrokerWithItsBacklogAndItsSelector() throws Exception {
        try (ForkedBroker broker = ForkedBroker.start(folder, "")) {
            try (Connection connection = open(broker, "paper")) {
                subscribe(connection).close();
            }
            publish(broker, 1, 4);
            broker.kill();
        }
        try (ForkedBroker broker = ForkedBroker.start(folder, "")) {
            publish(broker, 5, 8);
            assertThat(broker.terminate()).isZero();
        }
        try (ForkedBroker broker = ForkedBroker.start(folder, "");
                Connection connection = open(broker, "paper")) {
            var texts = new ArrayList<String>();
            MessageConsumer consumer = subscribe(connection);
            for (int i = 0; i < 4; i++) {
                texts.add(((TextMessage) consumer.receive(10_000)).getText());
            }
            assertThat(texts).isEqualTo(List.of("n2", "n4", "n6", "n8"));
            assertThat(consumer.receiveNoWait()).isNull();
            consumer.close();
            Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
            session.unsubscribe("desk");
        }
    }
}
