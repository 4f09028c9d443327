package io.turnstone.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.turnstone.amqp.Spec;
import io.turnstone.it.client.Protonj2Client;
import io.turnstone.it.client.QpidJmsClient;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@DisplayName("A transaction")
@Timeout(60)
class TransactionsIT {

    private static final int MANY = 10_000;

    @RegisterExtension
    static final BrokerFixture broker = BrokerFixture.with("""
            queues:
              a: {}
              b: {}
              passing: { durable: false }
              small: { limit: { messages: 2 } }
              tried: { retry: { attempts: 2 } }
              dlq.tried: {}
            exchanges: { t: { type: topic } }
            bindings:
              - { exchange: t, queue: a, key: "k.#" }
              - { exchange: t, queue: b, key: "#" }
              - { exchange: t, queue: passing, key: "k.1" }
            """);

    private Connection connection;
    private Session session;

    @BeforeEach
    void connect() throws JMSException {
        connection = QpidJmsClient.open(broker.uri(), "guest", "guest");
        session = connection.createSession(true, Session.SESSION_TRANSACTED);
    }

    @AfterEach
    void disconnect() throws JMSException {
        connection.close();
    }

    private void send(String address, String... texts) throws JMSException {
        try (MessageProducer producer = session.createProducer(session.createQueue(address))) {
            for (String text : texts) {
                producer.send(session.createTextMessage(text));
            }
        }
    }

    private List<String> receive(MessageConsumer consumer, int count) throws JMSException {
        var texts = new ArrayList<String>();
        for (int i = 0; i < count; i++) {
            Message message = consumer.receive(5_000);
            texts.add(message == null ? "nothing" : message.getBody(String.class));
        }
        return texts;
    }

    @Test
    @Spec(section = "4.3", says = "a discharge without fail commits everything at once")
    void sendsToSeveralQueuesAtOnce() throws JMSException {
        send("a", "1", "2");
        send("b", "3");
        send("/exchanges/t/k.1", "everywhere");
        assertThat(broker.messages("a") + broker.messages("b") + broker.messages("passing"))
                .isZero();

        session.commit();

        broker.awaitMessages("a", 3);
        broker.awaitMessages("b", 2);
        broker.awaitMessages("passing", 1);
    }

    @Test
    void sendsNothingWhenItIsRolledBack() throws JMSException {
        send("a", "never");
        session.rollback();
        send("a", "1");
        session.commit();

        assertThat(receive(session.createConsumer(session.createQueue("a")), 1)).containsExactly("1");
        session.commit();
        broker.awaitMessages("a", 0);
    }

    @Test
    void receivesAndSendsTogether() throws JMSException {
        send("a", "1", "2", "3");
        session.commit();
        MessageConsumer consumer = session.createConsumer(session.createQueue("a"));
        assertThat(receive(consumer, 2)).containsExactly("1", "2");
        send("b", "answer");
        session.commit();

        broker.awaitMessages("a", 1);
        broker.awaitMessages("b", 1);
    }

    @Test
    void deliversAgainWhatWasRolledBack() throws JMSException {
        send("a", "1", "2", "3");
        session.commit();
        MessageConsumer consumer = session.createConsumer(session.createQueue("a"));
        assertThat(receive(consumer, 2)).containsExactly("1", "2");
        session.rollback();

        Message again = consumer.receive(5_000);
        assertThat(again.getBody(String.class)).isEqualTo("1");
        assertThat(again.getJMSRedelivered()).isTrue();
        assertThat(again.getIntProperty("JMSXDeliveryCount")).isEqualTo(2);
        assertThat(receive(consumer, 2)).containsExactly("2", "3");
        session.commit();
        broker.awaitMessages("a", 0);
    }

    @Test
    void givesUpAMessageThatIsRolledBackTooOften() throws JMSException {
        send("tried", "poison");
        session.commit();
        MessageConsumer consumer = session.createConsumer(session.createQueue("tried"));
        for (int attempt = 0; attempt < 2; attempt++) {
            assertThat(receive(consumer, 1)).containsExactly("poison");
            session.rollback();
        }

        broker.awaitMessages("dlq.tried", 1);
        assertThat(broker.messages("tried")).isZero();
    }

    @Test
    void isRolledBackWhenAMessageOfItIsRefused() throws JMSException {
        send("a", "1");
        send("small", "1", "2", "3");

        assertThatThrownBy(session::commit)
                .isInstanceOf(JMSException.class)
                .hasMessageContaining("small")
                .hasMessageContaining("amqp:transaction:rollback");
        assertThat(broker.messages("a") + broker.messages("small")).isZero();
        send("a", "goes on");
        session.commit();
        broker.awaitMessages("a", 1);
    }

    @Test
    void endsWithItsConnection() throws JMSException {
        send("a", "1");
        session.commit();
        receive(session.createConsumer(session.createQueue("a")), 1);
        send("b", "never");
        connection.close();

        broker.awaitReady("a", 1);
        assertThat(broker.messages("b")).isZero();
    }

    @Test
    void takesTenThousandMessages() throws JMSException {
        try (MessageProducer producer = session.createProducer(session.createQueue("a"))) {
            for (int i = 0; i < MANY; i++) {
                producer.send(session.createTextMessage("message " + i));
            }
            assertThat(broker.messages("a")).isZero();
            session.commit();
        }
        broker.awaitMessages("a", MANY);

        MessageConsumer consumer = session.createConsumer(session.createQueue("a"));
        for (int i = 0; i < MANY; i++) {
            assertThat(consumer.receive(5_000).getBody(String.class)).isEqualTo("message " + i);
        }
        session.commit();
        broker.awaitMessages("a", 0);
    }

    @Test
    void worksWithProtonj2() throws Exception {
        try (Protonj2Client client = broker.protonj2()) {
            var working = client.connection().openSession();
            var sender = working.openSender("a");
            working.beginTransaction();
            sender.send(org.apache.qpid.protonj2.client.Message.create("1"));
            working.rollbackTransaction();
            working.beginTransaction();
            sender.send(org.apache.qpid.protonj2.client.Message.create("2"));
            assertThat(broker.messages("a")).isZero();
            working.commitTransaction();
            broker.awaitMessages("a", 1);

            var receiver = working.openReceiver("a");
            working.beginTransaction();
            assertThat(receiver.receive().message().body()).isEqualTo("2");
            working.commitTransaction();
            broker.awaitMessages("a", 0);
        }
    }
}
