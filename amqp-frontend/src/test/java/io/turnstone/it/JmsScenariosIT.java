package io.turnstone.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import jakarta.jms.BytesMessage;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.ObjectMessage;
import jakarta.jms.Queue;
import jakarta.jms.QueueBrowser;
import jakarta.jms.StreamMessage;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TemporaryTopic;
import jakarta.jms.TextMessage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import org.apache.qpid.jms.JmsConnectionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

@DisplayName("An application of JMS 2.0")
class JmsScenariosIT {

    private static final long PATIENCE_MS = 10_000;

    @RegisterExtension
    static final BrokerFixture BROKER = BrokerFixture.with("""
            queues:
              types: {}
              urgent: { priorities: 10 }
            """);

    private final List<JMSContext> contexts = new ArrayList<>();

    @AfterEach
    void close() {
        contexts.forEach(JMSContext::close);
    }

    private JMSContext context(int mode) {
        JMSContext context =
                new JmsConnectionFactory("guest", "guest", "amqp://127.0.0.1:" + BROKER.port()).createContext(mode);
        contexts.add(context);
        return context;
    }

    private JMSContext context() {
        return context(JMSContext.AUTO_ACKNOWLEDGE);
    }

    @Test
    void asksAndAnswersOverATemporaryQueue() throws JMSException {
        var client = context();
        var server = context();
        Queue service = client.createQueue("service");
        client.createConsumer(service).close();
        TemporaryQueue replies = client.createTemporaryQueue();
        JMSConsumer answers = client.createConsumer(replies);
        client.createProducer().setJMSReplyTo(replies).setJMSCorrelationID("7").send(service, "question");

        Message question = server.createConsumer(server.createQueue("service")).receive(PATIENCE_MS);
        server.createProducer()
                .setJMSCorrelationID(question.getJMSCorrelationID())
                .send(question.getJMSReplyTo(), "answer");

        Message answer = answers.receive(PATIENCE_MS);
        assertThat(answer.getBody(String.class)).isEqualTo("answer");
        assertThat(answer.getJMSCorrelationID()).isEqualTo("7");
        assertThatThrownBy(() -> server.createConsumer(question.getJMSReplyTo()))
                .isInstanceOf(JMSRuntimeException.class);
        assertThatThrownBy(replies::delete).isInstanceOf(JMSException.class);
        answers.close();
        String name = replies.getQueueName();
        replies.delete();
        await("the queue is gone")
                .atMost(Duration.ofMillis(PATIENCE_MS))
                .until(() -> BROKER.queue(name).isEmpty());
    }

    @Test
    void hearsOfWhatIsPublishedToItsTemporaryTopic() throws JMSException {
        var owner = context();
        var other = context();
        TemporaryTopic topic = owner.createTemporaryTopic();
        JMSConsumer one = owner.createConsumer(topic);
        JMSConsumer two = owner.createConsumer(topic);
        other.createProducer().send(topic, "news");

        assertThat(one.receiveBody(String.class, PATIENCE_MS)).isEqualTo("news");
        assertThat(two.receiveBody(String.class, PATIENCE_MS)).isEqualTo("news");
        one.close();
        two.close();
        topic.delete();
    }

    @Test
    void looksAtAQueueWithoutTakingAnything() throws JMSException {
        var context = context();
        Queue queue = context.createQueue("types");
        for (int i = 0; i < 5; i++) {
            context.createProducer().setProperty("n", i).send(queue, "m" + i);
        }

        try (QueueBrowser browser = context.createBrowser(queue, "n > 2")) {
            Enumeration<?> seen = browser.getEnumeration();
            assertThat(Collections.list(seen)).hasSize(2);
        }
        assertThat(BROKER.messages("types")).isEqualTo(5);
    }

    @Test
    void getsEveryTypeOfMessageAsItWasSent() throws JMSException {
        var context = context();
        Queue queue = context.createQueue("types");
        var producer = context.createProducer();
        producer.send(queue, "text");
        producer.send(queue, new byte[] {1, 2, 3});
        producer.send(queue, Map.of("key", 5L));
        producer.send(queue, (java.io.Serializable) List.of("object"));
        StreamMessage stream = context.createStreamMessage();
        stream.writeInt(42);
        stream.writeString("x");
        producer.send(queue, stream);
        producer.send(queue, context.createMessage());

        JMSConsumer consumer = context.createConsumer(queue);
        assertThat(((TextMessage) consumer.receive(PATIENCE_MS)).getText()).isEqualTo("text");
        assertThat(((BytesMessage) consumer.receive(PATIENCE_MS)).getBodyLength())
                .isEqualTo(3);
        assertThat(((MapMessage) consumer.receive(PATIENCE_MS)).getLong("key")).isEqualTo(5);
        assertThat((Object) ((ObjectMessage) consumer.receive(PATIENCE_MS)).getObject())
                .isEqualTo(List.of("object"));
        var streamed = (StreamMessage) consumer.receive(PATIENCE_MS);
        assertThat(streamed.readInt()).isEqualTo(42);
        assertThat(streamed.readString()).isEqualTo("x");
        assertThat((Object) consumer.receive(PATIENCE_MS)).isNotNull().isNotInstanceOf(TextMessage.class);
    }

    @Test
    void isServedByPriorityAndForgetsWhatIsOld() throws JMSException {
        var context = context();
        Queue queue = context.createQueue("urgent");
        context.createProducer().setTimeToLive(1).send(queue, "late");
        for (int priority : new int[] {1, 9, 5}) {
            context.createProducer().setPriority(priority).send(queue, "p" + priority);
        }
        await("the message expires").atMost(Duration.ofMillis(PATIENCE_MS)).until(() -> BROKER.messages("urgent") == 3);

        JMSConsumer consumer = context.createConsumer(queue);
        for (String expected : List.of("p9", "p5", "p1")) {
            assertThat(consumer.receiveBody(String.class, PATIENCE_MS)).isEqualTo(expected);
        }
        assertThat((Object) consumer.receiveNoWait()).isNull();
    }

    @Test
    void getsAgainWhatItRecovers() throws JMSException {
        var context = context(JMSContext.CLIENT_ACKNOWLEDGE);
        Queue queue = context.createQueue("types");
        context.createProducer().send(queue, "again");
        JMSConsumer consumer = context.createConsumer(queue);
        assertThat(consumer.receive(PATIENCE_MS).getJMSRedelivered()).isFalse();
        context.recover();

        Message again = consumer.receive(PATIENCE_MS);
        assertThat(again.getJMSRedelivered()).isTrue();
        assertThat(again.getIntProperty("JMSXDeliveryCount")).isEqualTo(2);
        again.acknowledge();
    }
}
