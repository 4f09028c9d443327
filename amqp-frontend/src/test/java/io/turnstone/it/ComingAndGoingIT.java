package io.turnstone.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.amqp.AmqpException;
import com.rabbitmq.client.amqp.Environment;
import com.rabbitmq.client.amqp.Management;
import com.rabbitmq.client.amqp.impl.AmqpEnvironmentBuilder;
import io.turnstone.api.QueueStatus;
import io.turnstone.it.client.Protonj2Client;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSProducer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.qpid.jms.JmsConnectionFactory;
import org.apache.qpid.protonj2.client.Delivery;
import org.apache.qpid.protonj2.client.Message;
import org.apache.qpid.protonj2.client.Receiver;
import org.apache.qpid.protonj2.client.ReceiverOptions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** For longer, and with other choices: {@code -Dturnstone.soak=SECONDS -Dturnstone.seed=N}. */
@DisplayName("Clients that come and go")
class ComingAndGoingIT {

    private static final int SOAK_SECONDS = Integer.getInteger("turnstone.soak", 8);
    private static final long SEED = Long.getLong("turnstone.seed", 1);
    private static final int THREADS = 6;
    private static final int PATIENCE_SECONDS = 60;

    @RegisterExtension
    static final BrokerFixture broker = BrokerFixture.with("""
            queues:
              kept: { retry: { attempts: 1000000 } }
              single: { single-active-consumer: true }
            """);

    private final Ledger kept = new Ledger("kept");
    private final AtomicInteger names = new AtomicInteger();
    private final List<Background.Work> errands = List.of(
            this::publish,
            this::publishInATransaction,
            this::take,
            this::vanish,
            this::subscribe,
            this::announce,
            this::ask,
            this::drain,
            this::makeAQueue,
            this::declare);

    @Test
    void loseNothingAndLeaveNothingBehind() {
        long end = System.nanoTime() + SECONDS.toNanos(SOAK_SECONDS);
        var threads = new ArrayList<CompletableFuture<Void>>();
        for (int i = 0; i < THREADS; i++) {
            var random = new Random(SEED + i);
            threads.add(Background.start(() -> {
                while (System.nanoTime() < end) {
                    errands.get(random.nextInt(errands.size())).run();
                }
            }));
        }

        threads.forEach(
                thread -> assertThat(thread).succeedsWithin(Duration.ofSeconds(SOAK_SECONDS + 2L * PATIENCE_SECONDS)));

        await("connections that are gone")
                .atMost(Duration.ofSeconds(PATIENCE_SECONDS))
                .until(() -> broker.view().connections().isEmpty());
        kept.check(left());
        await("queues that are gone")
                .atMost(Duration.ofSeconds(PATIENCE_SECONDS))
                .untilAsserted(() -> assertThat(broker.view().queues())
                        .extracting(QueueStatus::name)
                        .filteredOn(name -> !name.startsWith("churn"))
                        .containsExactlyInAnyOrder("kept", "single"));
        assertThat(kept.accepted()).isPositive();
    }

    private List<String> left() throws AssertionError {
        var bodies = new ArrayList<String>();
        try (Protonj2Client client = broker.protonj2();
                Receiver receiver = receiver(client, "kept", 100)) {
            while (broker.messages("kept") > 0) {
                Delivery delivery = receiver.receive(100, MILLISECONDS);
                if (delivery != null) {
                    bodies.add((String) delivery.message().body());
                    delivery.accept();
                }
            }
            return bodies;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static Receiver receiver(Protonj2Client client, String queue, int credit) throws Exception {
        return client.connection()
                .openReceiver(queue, new ReceiverOptions().creditWindow(credit).autoAccept(false))
                .openFuture()
                .get(PATIENCE_SECONDS, SECONDS);
    }

    private void publish() throws Exception {
        try (Protonj2Client client = broker.protonj2();
                var sender = client.connection().openSender("kept")) {
            for (int i = 0; i < 20; i++) {
                String body = kept.nextBody();
                sender.send(Message.create(body).durable(i % 2 == 0)).awaitAccepted(PATIENCE_SECONDS, SECONDS);
                kept.accepted(body);
            }
        }
    }

    private void publishInATransaction() {
        try (JMSContext context = jms(JMSContext.SESSION_TRANSACTED)) {
            var bodies = new ArrayList<String>();
            for (int i = 0; i < 10; i++) {
                String body = kept.nextBody();
                context.createProducer().send(context.createQueue("kept"), body);
                bodies.add(body);
            }
            if (names.getAndIncrement() % 3 == 0) {
                context.rollback();
            } else {
                context.commit();
                bodies.forEach(kept::accepted);
            }
        }
    }

    private void take() throws Exception {
        try (Protonj2Client client = broker.protonj2();
                Receiver receiver = receiver(client, "kept", 5)) {
            for (int i = 0; i < 30; i++) {
                Delivery delivery = receiver.receive(20, MILLISECONDS);
                if (delivery != null && i % 5 == 0) {
                    delivery.release();
                } else if (delivery != null) {
                    kept.taken((String) delivery.message().body());
                    delivery.accept();
                }
            }
        }
    }

    private void vanish() throws Exception {
        RawPeer peer = RawPeer.opened(broker.port());
        peer.receiver(0, "kept", 5);
        peer.vanish();
    }

    private static JMSContext jms(int mode) {
        var factory = new JmsConnectionFactory("guest", "guest", broker.uri());
        factory.setRequestTimeout(SECONDS.toMillis(PATIENCE_SECONDS));
        factory.setSendTimeout(SECONDS.toMillis(PATIENCE_SECONDS));
        return factory.createContext(mode);
    }

    private void subscribe() {
        String name = "subscriber-" + names.getAndIncrement();
        try (JMSContext context = jms(JMSContext.AUTO_ACKNOWLEDGE)) {
            context.setClientID(name);
            try (var consumer = context.createDurableConsumer(context.createTopic("news"), "all")) {
                announce(context, name);
                var heard = new ArrayList<String>();
                while (heard.size() < 10) {
                    String text = consumer.receiveBody(String.class, SECONDS.toMillis(PATIENCE_SECONDS));
                    assertThat(text).as("the next after %s", heard).isNotNull();
                    if (text.startsWith(name + ":")) {
                        heard.add(text.substring(name.length() + 1));
                    }
                }
                assertThat(heard).containsExactly("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");
            }
            context.unsubscribe("all");
        }
    }

    private void announce() {
        try (JMSContext context = jms(JMSContext.AUTO_ACKNOWLEDGE)) {
            announce(context, "nobody");
        }
    }

    private static void announce(JMSContext context, String name) {
        JMSProducer producer = context.createProducer();
        for (int i = 0; i < 10; i++) {
            producer.send(context.createTopic("news"), name + ":" + i);
        }
    }

    private void ask() throws Exception {
        String queue = "asked-" + names.getAndIncrement();
        try (Environment environment = new AmqpEnvironmentBuilder().build();
                var connection = rabbitMq(environment)) {
            try (Management management = connection.management()) {
                management.queue(queue).exclusive(true).autoDelete(true).declare();
            }
            try (var responder = connection
                            .responderBuilder()
                            .requestQueue(queue)
                            .handler((context, request) -> context.message(request.body()))
                            .build();
                    var requester = connection
                            .requesterBuilder()
                            .requestAddress()
                            .queue(queue)
                            .requester()
                            .build()) {
                assertThat(responder).isNotNull();
                for (int i = 0; i < 50; i++) {
                    byte[] body = ("question " + i).getBytes(UTF_8);
                    assertThat(requester
                                    .publish(requester.message(body))
                                    .get(PATIENCE_SECONDS, SECONDS)
                                    .body())
                            .isEqualTo(body);
                }
            }
        }
    }

    private void drain() throws Exception {
        try (Protonj2Client client = broker.protonj2();
                Receiver receiver = receiver(client, "single", 0)) {
            for (int i = 0; i < 10; i++) {
                receiver.addCredit(3);
                receiver.drain().get(PATIENCE_SECONDS, SECONDS);
            }
        }
    }

    private void makeAQueue() throws Exception {
        try (Protonj2Client client = broker.protonj2();
                Receiver receiver = client.connection().openDynamicReceiver();
                var sender = client.connection().openSender(receiver.address())) {
            for (int i = 0; i < 10; i++) {
                sender.send(Message.create("message " + i));
            }
            for (int i = 0; i < 10; i++) {
                assertThat(receiver.receive(PATIENCE_SECONDS, SECONDS).message().body())
                        .isEqualTo("message " + i);
            }
        }
    }

    private void declare() {
        int number = names.getAndIncrement();
        String queue = "churn-" + number % 3;
        try (Environment environment = new AmqpEnvironmentBuilder().build();
                var connection = rabbitMq(environment);
                Management management = connection.management()) {
            switch (number % 4) {
                case 0, 1 -> management.queue(queue).declare();
                case 2 -> management.queuePurge(queue);
                default -> management.queueDelete(queue);
            }
        } catch (AmqpException.AmqpEntityDoesNotExistException e) {
            assertThat(e).hasMessageContaining(queue); // another thread was faster
        }
    }

    private static com.rabbitmq.client.amqp.Connection rabbitMq(Environment environment) {
        return environment
                .connectionBuilder()
                .host("127.0.0.1")
                .port(broker.port())
                .recovery()
                .activated(false)
                .connectionBuilder()
                .build();
    }
}
