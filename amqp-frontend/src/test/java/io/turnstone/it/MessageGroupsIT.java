package io.turnstone.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.it.client.QpidJmsClient;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("Message groups, for JMS clients,")
@Timeout(90)
class MessageGroupsIT {

    private static final int MESSAGES = 120;
    private static final int GROUPS = 6;
    private static final String YAML = """
            queues:
              q: { groups: true }
            """;

    /** By group, in order. */
    private final Map<String, List<Integer>> received = new HashMap<>();

    @TempDir
    Path folder;

    @Test
    void goToOneConsumerAtATimeInOrderAlsoAfterTheBrokerWasKilled() throws Exception {
        try (ForkedBroker broker = ForkedBroker.start(folder, YAML)) {
            try (Connection connection = connect(broker)) {
                send(connection);
                take(connection, 20);
            }
            broker.kill();
        }
        try (ForkedBroker broker = ForkedBroker.start(folder, YAML);
                Connection connection = connect(broker)) {
            take(connection, MESSAGES - 20);
        }
    }

    private static Connection connect(ForkedBroker broker) throws JMSException {
        Connection connection =
                QpidJmsClient.open("amqp://127.0.0.1:" + broker.port() + "?jms.prefetchPolicy.all=5", "guest", "guest");
        connection.start();
        return connection;
    }

    private static void send(Connection connection) throws JMSException {
        Session session = connection.createSession(Session.AUTO_ACKNOWLEDGE);
        var producer = session.createProducer(session.createQueue("q"));
        for (int i = 0; i < MESSAGES; i++) {
            TextMessage message = session.createTextMessage("" + i / GROUPS);
            message.setStringProperty("JMSXGroupID", "g" + i % GROUPS);
            producer.send(message);
        }
    }

    /** Three consumers, one after another, accept so many; what they had prefetched goes back. */
    private void take(Connection connection, int count) throws JMSException {
        List<MessageConsumer> consumers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Session session = connection.createSession(Session.CLIENT_ACKNOWLEDGE);
            consumers.add(session.createConsumer(session.createQueue("q")));
        }
        Map<String, MessageConsumer> owners = new HashMap<>();
        int taken = 0;
        for (int turn = 0; taken < count; turn++) {
            MessageConsumer consumer = consumers.get(turn % consumers.size());
            Message message = consumer.receive(taken == 0 ? 10_000 : 100);
            if (message != null) {
                String group = message.getStringProperty("JMSXGroupID");
                assertThat(owners.merge(group, consumer, (old, same) -> old)).isSameAs(consumer);
                received.computeIfAbsent(group, first -> new ArrayList<>())
                        .add(Integer.parseInt(message.getBody(String.class)));
                message.acknowledge();
                taken++;
            }
        }
        received.values()
                .forEach(numbers -> assertThat(numbers)
                        .isEqualTo(IntStream.range(0, numbers.size()).boxed().toList()));
    }
}
