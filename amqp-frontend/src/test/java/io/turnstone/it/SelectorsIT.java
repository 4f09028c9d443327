package io.turnstone.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.amqp.Connection;
import com.rabbitmq.client.amqp.Consumer;
import com.rabbitmq.client.amqp.impl.AmqpEnvironmentBuilder;
import io.turnstone.it.client.ClientKind;
import io.turnstone.it.client.Incoming;
import io.turnstone.it.client.Outgoing;
import io.turnstone.it.client.Protonj2Client;
import io.turnstone.it.client.QpidJmsClient;
import io.turnstone.it.client.Settle;
import io.turnstone.it.client.TestClient;
import jakarta.jms.DeliveryMode;
import jakarta.jms.InvalidSelectorException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.util.Collections;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.qpid.protonj2.client.Delivery;
import org.apache.qpid.protonj2.client.Receiver;
import org.apache.qpid.protonj2.client.ReceiverOptions;
import org.apache.qpid.protonj2.types.Symbol;
import org.apache.qpid.protonj2.types.UnknownDescribedType;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A selector")
@Timeout(60)
class SelectorsIT {

    @RegisterExtension
    static final BrokerFixture broker = BrokerFixture.with("""
            queues: { q: {} }
            exchanges: { events: { type: topic }, matched: { type: headers } }
            """);

    private static String address(ClientKind kind) {
        return kind == ClientKind.RABBITMQ ? "/queues/q" : "q";
    }

    @ParameterizedTest(name = "of {0}")
    @EnumSource
    void takesWhatItWantsAndLeavesTheRest(ClientKind kind) {
        try (TestClient client = broker.connect(kind)) {
            for (int n = 0; n < 4; n++) {
                client.send(Outgoing.to(address(kind), "message " + n)
                        .property("n", n)
                        .property("color", n % 2 == 0 ? "blue" : "red"));
            }

            assertThat(client.receiveWhere(address(kind), "color = 'red' AND n > 1"))
                    .map(Incoming::body)
                    .contains("message 3");
            assertThat(client.receiveWhere(address(kind), "color LIKE 'bl%' AND n IS NOT NULL AND NOT (n + 1 < 2)"))
                    .map(Incoming::body)
                    .contains("message 2");

            assertThat(client.receive(address(kind), Settle.ACCEPTED))
                    .map(Incoming::body)
                    .contains("message 0");
            assertThat(client.receive(address(kind), Settle.ACCEPTED))
                    .map(Incoming::body)
                    .contains("message 1");
        }
    }

    @Test
    void isRefusedWithThePlaceOfItsMistake() throws Exception {
        try (var connection = QpidJmsClient.open(broker.uri(), "guest", "guest")) {
            Session session = connection.createSession();

            // This client keeps the reason to itself.
            assertThatThrownBy(() -> session.createConsumer(session.createQueue("q"), "n = 2 AND color < 'x'"))
                    .isInstanceOf(InvalidSelectorException.class);
        }
        try (TestClient client = broker.connect(ClientKind.PROTONJ2)) {
            assertThatThrownBy(() -> client.receiveWhere("q", "n = 2 AND color < 'x'"))
                    .hasStackTraceContaining("line 1, column 19: strings can be compared with = and <> only");
        }
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(
            strings = {
                "JMSMessageID = '%s'",
                "JMSCorrelationID = 'c-1'",
                "JMSType = 'kind'",
                "JMSPriority = 7",
                "JMSTimestamp > 1000000000000",
                "JMSDeliveryMode = 'NON_PERSISTENT'",
                "JMSExpiration > JMSTimestamp",
                "NOT JMSRedelivered",
                "JMSXDeliveryCount = 1",
                "JMSXGroupID = 'g'",
                "JMSXGroupSeq = 3",
                "JMS_AMQP_TTL = 600000",
                "JMS_AMQP_REPLY_TO_GROUP_ID = 'r'",
                "JMSReplyTo = 'answers'",
                "\"amqp.correlation_id\" = 'c-1'",
                "\"m.x-opt-jms-msg-type\" = 5",
                "b = 1 AND s = 2 AND i = 3 AND l = 4 AND f = 0.5 AND d = 1.5 AND t = 'x' AND flag",
            })
    void seesWhatJmsShows(String selector) throws Exception {
        try (var connection = QpidJmsClient.open(broker.uri(), "guest", "guest")) {
            Session session = connection.createSession();
            Queue queue = session.createQueue("q");
            var producer = session.createProducer(queue);
            producer.send(session.createTextMessage("another"));
            Message message = message(session);
            producer.send(message, DeliveryMode.NON_PERSISTENT, 7, 600_000);
            connection.start();

            MessageConsumer consumer =
                    session.createConsumer(queue, selector.replace("%s", message.getJMSMessageID()) + " AND t = 'x'");

            assertThat(((TextMessage) consumer.receive(10_000)).getText()).isEqualTo("wanted");
        }
    }

    private static Message message(Session session) throws Exception {
        Message message = session.createTextMessage("wanted");
        message.setJMSCorrelationID("c-1");
        message.setJMSType("kind");
        message.setJMSReplyTo(session.createQueue("answers"));
        message.setStringProperty("JMSXGroupID", "g");
        message.setIntProperty("JMSXGroupSeq", 3);
        message.setStringProperty("JMS_AMQP_REPLY_TO_GROUP_ID", "r");
        message.setByteProperty("b", (byte) 1);
        message.setShortProperty("s", (short) 2);
        message.setIntProperty("i", 3);
        message.setLongProperty("l", 4);
        message.setFloatProperty("f", 0.5f);
        message.setDoubleProperty("d", 1.5);
        message.setStringProperty("t", "x");
        message.setBooleanProperty("flag", true);
        return message;
    }

    @Test
    void choosesWhatABrowserSees() throws Exception {
        try (var connection = QpidJmsClient.open(broker.uri(), "guest", "guest")) {
            Session session = connection.createSession();
            Queue queue = session.createQueue("q");
            var producer = session.createProducer(queue);
            for (int n = 0; n < 5; n++) {
                TextMessage message = session.createTextMessage(Integer.toString(n));
                message.setIntProperty("n", n);
                producer.send(message);
            }
            connection.start();

            var browser = session.createBrowser(queue, "n % 2 = 1");

            assertThat(Collections.list((java.util.Enumeration<?>) browser.getEnumeration()))
                    .extracting(message -> ((TextMessage) message).getText())
                    .containsExactly("1", "3");
        }
    }

    @Test
    void choosesAmongWhatAnExchangeCopies() throws Exception {
        try (var connection = QpidJmsClient.open(broker.uri(), "guest", "guest")) {
            Session session = connection.createSession();
            MessageConsumer consumer = session.createConsumer(session.createTopic("events"), "n > 1");
            MessageConsumer notOwn = session.createConsumer(session.createTopic("events"), null, true);
            var producer = session.createProducer(session.createTopic("events"));
            connection.start();
            for (int n = 0; n < 3; n++) {
                TextMessage message = session.createTextMessage(Integer.toString(n));
                message.setIntProperty("n", n);
                producer.send(message);
            }
            try (TestClient other = broker.connect(ClientKind.PROTONJ2)) {
                other.send(Outgoing.to("events", "theirs"));
            }

            assertThat(((TextMessage) consumer.receive(10_000)).getText()).isEqualTo("2");
            assertThat(((TextMessage) notOwn.receive(10_000)).getText()).isEqualTo("theirs");
        }
    }

    @Test
    void mayStandBesideTheBindingOfAnExchange() throws Exception {
        var client = (Protonj2Client) broker.connect(ClientKind.PROTONJ2);
        try (client) {
            Receiver byKey = receiver(
                    client,
                    "events",
                    Map.of(
                            "key", described("apache.org:legacy-amqp-topic-binding:string", "a.*"),
                            "selector", described("apache.org:selector-filter:string", "n > 1")));
            Receiver byHeaders = receiver(
                    client,
                    "/exchanges/matched",
                    Map.of(
                            "h",
                            described("apache.org:legacy-amqp-headers-binding:map", Map.of("n", 2, "x-match", "all"))));

            for (int n = 1; n < 3; n++) {
                client.send(Outgoing.to("events/b.c", "of another key").property("n", n));
                client.send(Outgoing.to("events/a.b", "event " + n).property("n", n));
                client.send(Outgoing.to("/exchanges/matched", "header " + n).property("n", n));
            }

            assertThat(next(byKey)).isEqualTo("event 2");
            assertThat(next(byHeaders)).isEqualTo("header 2");
        }
    }

    private static UnknownDescribedType described(String descriptor, Object value) {
        return new UnknownDescribedType(Symbol.valueOf(descriptor), value);
    }

    private static Receiver receiver(Protonj2Client client, String address, Map<String, Object> filters)
            throws Exception {
        ReceiverOptions options = Protonj2Client.manual();
        options.sourceOptions().filters(filters);
        Receiver receiver = client.connection().openReceiver(address, options);
        receiver.openFuture().get(10, TimeUnit.SECONDS);
        assertThat(receiver.source().filters()).containsOnlyKeys(filters.keySet());
        receiver.addCredit(10);
        return receiver;
    }

    private static String next(Receiver receiver) throws Exception {
        Delivery delivery = receiver.receive(10, TimeUnit.SECONDS);
        assertThat(delivery).isNotNull();
        delivery.accept();
        return Protonj2Client.decoded(delivery).body();
    }

    @Test
    void worksAsRabbitMqsFiltersDo() throws Exception {
        try (var environment = new AmqpEnvironmentBuilder().build();
                Connection connection = environment
                        .connectionBuilder()
                        .host("127.0.0.1")
                        .port(broker.port())
                        .build();
                TestClient sender = broker.connect(ClientKind.PROTONJ2)) {
            var taken = new LinkedBlockingQueue<String>();
            var builder = connection.consumerBuilder().queue("q");
            Consumer consumer =
                    builder.stream().filter().subject("&p:order.").property("color", "&s:ue").property("n", 2L).stream()
                            .builder()
                            .messageHandler((context, message) -> {
                                taken.add(message.subject());
                                context.accept();
                            })
                            .build();
            try {
                sender.send(
                        Outgoing.to("q", "").subject("order.1").property("n", 1).property("color", "blue"));
                sender.send(
                        Outgoing.to("q", "").subject("order.2").property("n", 2).property("color", "red"));
                sender.send(
                        Outgoing.to("q", "").subject("bill.3").property("n", 2).property("color", "blue"));
                sender.send(
                        Outgoing.to("q", "").subject("order.4").property("n", 2).property("color", "blue"));

                assertThat(taken.poll(10, TimeUnit.SECONDS)).isEqualTo("order.4");
                broker.awaitMessages("q", 3);
            } finally {
                consumer.close();
            }
        }
    }
}
