package io.turnstone.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.turnstone.api.QueueStatus;
import jakarta.jms.InvalidClientIDRuntimeException;
import jakarta.jms.InvalidDestinationRuntimeException;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.qpid.jms.JmsConnectionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

@DisplayName("Topics of JMS 2.0")
class JmsTopicsIT {

    private static final long PATIENCE_MS = 10_000;
    private static final String TOPIC = "prices/of.tea.*";

    @RegisterExtension
    static final BrokerFixture BROKER = BrokerFixture.with("");

    private final List<JMSContext> contexts = new ArrayList<>();

    @AfterEach
    void close() {
        contexts.forEach(JMSContext::close);
    }

    private JMSContext context(String clientId) {
        var factory = new JmsConnectionFactory("guest", "guest", "amqp://127.0.0.1:" + BROKER.port());
        JMSContext context = factory.createContext(JMSContext.AUTO_ACKNOWLEDGE);
        if (clientId != null) {
            context.setClientID(clientId);
        }
        context.start();
        contexts.add(context);
        return context;
    }

    private static void send(JMSContext context, String... texts) {
        Topic topic = context.createTopic(TOPIC);
        for (String text : texts) {
            context.createProducer().setProperty("text", text).send(topic, text);
        }
    }

    private static List<String> receive(JMSConsumer consumer, int count) {
        var texts = new ArrayList<String>();
        for (int i = 0; i < count; i++) {
            texts.add(consumer.receiveBody(String.class, PATIENCE_MS));
        }
        assertThat((Object) consumer.receiveNoWait()).as("one more message").isNull();
        return texts;
    }

    private static List<String> subscriptionQueues() {
        return BROKER.view().queues().stream()
                .map(QueueStatus::name)
                .filter(name -> name.startsWith("amq.sub"))
                .toList();
    }

    /** A detach is answered before the queue is gone. */
    private static void awaitNoSubscriptions() {
        await("no subscriptions")
                .atMost(Duration.ofMillis(PATIENCE_MS))
                .until(() -> subscriptionQueues().isEmpty());
    }

    @Test
    void reachWhoeverListensNow() {
        var context = context(null);
        send(context, "before");
        JMSConsumer one = context.createConsumer(context.createTopic(TOPIC));
        JMSConsumer other = context(null).createConsumer(context.createTopic(TOPIC), "text <> 'b'");

        send(context, "a", "b", "c");

        assertThat(receive(one, 3)).containsExactly("a", "b", "c");
        assertThat(receive(other, 2)).containsExactly("a", "c");
        one.close();
        other.close();
        awaitNoSubscriptions();
        await("no topic")
                .atMost(Duration.ofMillis(PATIENCE_MS))
                .until(() -> BROKER.view().exchanges().stream()
                        .noneMatch(exchange -> exchange.name().equals(TOPIC)));
        var producer = context.createProducer();
        producer.send(context.createTopic("nobody"), "lost");
    }

    @Test
    void keepTheMessagesOfADurableSubscriber() {
        var publisher = context(null);
        var context = context("app-1");
        context.createDurableConsumer(context.createTopic(TOPIC), "tea", "text <> 'x'", false)
                .close();
        send(publisher, "1", "x", "2");
        context.close();
        assertThat(BROKER.messages("amq.sub.app-1.tea")).isEqualTo(2);

        var again = context("app-1");
        JMSConsumer consumer = again.createDurableConsumer(again.createTopic(TOPIC), "tea", "text <> 'x'", false);
        assertThat(receive(consumer, 2)).containsExactly("1", "2");
        assertThatThrownBy(() -> again.unsubscribe("tea")).isInstanceOf(JMSRuntimeException.class);
        consumer.close();
        again.unsubscribe("tea");

        awaitNoSubscriptions();
        assertThatThrownBy(() -> again.unsubscribe("tea")).isInstanceOf(InvalidDestinationRuntimeException.class);
    }

    @Test
    void makeADurableSubscriptionAnewForAnotherSelectorOrTopic() {
        var context = context("app-2");
        Topic topic = context.createTopic(TOPIC);
        context.createDurableConsumer(topic, "s", "text = 'a'", false).close();
        send(context, "a", "b");

        JMSConsumer other = context.createDurableConsumer(topic, "s", "text = 'b'", false);
        send(context, "a2", "b");
        assertThat(receive(other, 1)).containsExactly("b");
        other.close();
        JMSConsumer elsewhere = context.createDurableConsumer(context.createTopic("elsewhere"), "s");
        send(context, "c");
        assertThat(receive(elsewhere, 0)).isEmpty();
        elsewhere.close();
        context.unsubscribe("s");
    }

    @Test
    void leaveOutWhatTheSubscriberPublishedItself() {
        var context = context("app-3");
        Topic topic = context.createTopic(TOPIC);
        JMSConsumer durable = context.createDurableConsumer(topic, "remote", null, true);
        JMSConsumer plain = context.createConsumer(topic, null, true);
        send(context, "own");
        send(context(null), "foreign");

        assertThat(receive(durable, 1)).containsExactly("foreign");
        assertThat(receive(plain, 1)).containsExactly("foreign");
        durable.close();
        context.unsubscribe("remote");
    }

    @Test
    void areSharedByThoseOfOneClient() {
        var context = context("app-4");
        Topic topic = context.createTopic(TOPIC);
        JMSConsumer one = context.createSharedConsumer(topic, "team");
        JMSConsumer other = context.createSharedConsumer(topic, "team");
        send(context, "1", "2", "3", "4");

        var all = new ArrayList<>(receiveAll(one, other, 4));
        assertThat(all).containsExactlyInAnyOrder("1", "2", "3", "4");
        assertThat(subscriptionQueues()).containsExactly("amq.sub.app-4.team.volatile");
        one.close();
        send(context, "5");
        assertThat(receive(other, 1)).containsExactly("5");
        other.close();
        awaitNoSubscriptions();
    }

    private static List<String> receiveAll(JMSConsumer one, JMSConsumer other, int count) {
        var texts = new ArrayList<String>();
        long end = System.nanoTime() + PATIENCE_MS * 1_000_000;
        while (texts.size() < count && System.nanoTime() < end) {
            for (JMSConsumer consumer : List.of(one, other)) {
                String text = consumer.receiveBody(String.class, 50);
                if (text != null) {
                    texts.add(text);
                }
            }
        }
        return texts;
    }

    @Test
    void areSharedByClientsWithoutName() {
        var here = context(null);
        var there = context(null);
        JMSConsumer one = here.createSharedDurableConsumer(here.createTopic(TOPIC), "world");
        JMSConsumer other = there.createSharedDurableConsumer(there.createTopic(TOPIC), "world");
        send(here, "1", "2");
        assertThat(receiveAll(one, other, 2)).containsExactlyInAnyOrder("1", "2");
        assertThat(subscriptionQueues()).containsExactly("amq.sub-global.world");

        one.close();
        other.close();
        send(here, "kept");
        var later = context(null);
        JMSConsumer again = later.createSharedDurableConsumer(later.createTopic(TOPIC), "world");
        assertThat(receive(again, 1)).containsExactly("kept");
        assertThatThrownBy(() -> here.unsubscribe("world")).isInstanceOf(JMSRuntimeException.class);
        again.close();
        here.unsubscribe("world");
        awaitNoSubscriptions();
    }

    @Test
    void refuseWhatIsInUseOtherwise() {
        var context = context("app-5");
        Topic topic = context.createTopic(TOPIC);
        JMSConsumer shared = context.createSharedDurableConsumer(topic, "both");
        assertThatThrownBy(() -> context.createDurableConsumer(topic, "both")).isInstanceOf(JMSRuntimeException.class);
        assertThatThrownBy(() -> context.createSharedDurableConsumer(topic, "both", "text = 'z'"))
                .isInstanceOf(JMSRuntimeException.class);
        shared.close();
        assertThatThrownBy(() -> context.createDurableConsumer(topic, "both")).isInstanceOf(JMSRuntimeException.class);
        context.unsubscribe("both");
    }

    @Test
    void knowOneConnectionPerClientId() {
        var context = context("only");
        assertThatThrownBy(() -> context("only")).isInstanceOf(InvalidClientIDRuntimeException.class);
        context.close();
        context("only").close();
    }
}
