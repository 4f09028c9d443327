package io.turnstone.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.amqp.BackOffDelayPolicy;
import com.rabbitmq.client.amqp.Connection;
import com.rabbitmq.client.amqp.Consumer;
import com.rabbitmq.client.amqp.Environment;
import com.rabbitmq.client.amqp.Management;
import com.rabbitmq.client.amqp.Management.QueueType;
import com.rabbitmq.client.amqp.Message;
import com.rabbitmq.client.amqp.Publisher;
import com.rabbitmq.client.amqp.Requester;
import com.rabbitmq.client.amqp.Resource.State;
import com.rabbitmq.client.amqp.Responder;
import com.rabbitmq.client.amqp.impl.AmqpEnvironmentBuilder;
import io.turnstone.broker.Broker;
import io.turnstone.broker.config.BrokerConfig;
import io.turnstone.broker.config.ConfigFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("RabbitMQ's AMQP 1.0 client")
@Timeout(60)
class RabbitMqMessagingIT {

    @RegisterExtension
    static final BrokerFixture broker = BrokerFixture.with("");

    @TempDir
    static Path folder;

    private final Environment environment = new AmqpEnvironmentBuilder().build();
    private Connection connection;
    private Management management;

    @BeforeEach
    void connect() {
        connection = environment
                .connectionBuilder()
                .host("127.0.0.1")
                .port(broker.port())
                .build();
        management = connection.management();
    }

    @AfterEach
    void close() {
        environment.close();
    }

    private void publish(String queue, String... texts) throws Exception {
        try (Publisher publisher = connection.publisherBuilder().queue(queue).build()) {
            for (String text : texts) {
                assertThat(RabbitMqManagementIT.published(publisher, publisher.message(text.getBytes(UTF_8)))
                                .status())
                        .isEqualTo(Publisher.Status.ACCEPTED);
            }
        }
    }

    private static String text(Message message) {
        return new String(message.body(), UTF_8);
    }

    private static String take(BlockingQueue<String> taken) throws InterruptedException {
        String text = taken.poll(10, SECONDS);
        assertThat(text).as("a message").isNotNull();
        return text;
    }

    @Test
    void hearsAcceptedReleasedAndRejected() throws Exception {
        management.exchange("confirms").declare();
        management
                .queue("confirmed")
                .maxLength(1)
                .overflowStrategy("reject-publish")
                .declare();
        management
                .binding()
                .sourceExchange("confirms")
                .destinationQueue("confirmed")
                .key("k")
                .bind();

        try (Publisher bound = connection
                        .publisherBuilder()
                        .exchange("confirms")
                        .key("k")
                        .build();
                Publisher unbound = connection
                        .publisherBuilder()
                        .exchange("confirms")
                        .key("x")
                        .build();
                Publisher anonymous = connection.publisherBuilder().build()) {
            assertThat(RabbitMqManagementIT.published(bound, bound.message(new byte[1]))
                            .status())
                    .isEqualTo(Publisher.Status.ACCEPTED);
            Publisher.Context full = RabbitMqManagementIT.published(bound, bound.message(new byte[1]));
            assertThat(full.status()).isEqualTo(Publisher.Status.REJECTED);
            assertThat(full.failureCause()).hasMessageContaining("confirmed");
            assertThat(RabbitMqManagementIT.published(unbound, unbound.message(new byte[1]))
                            .status())
                    .isEqualTo(Publisher.Status.RELEASED);
            Message missing =
                    anonymous.message(new byte[1]).toAddress().queue("nobody").message();
            assertThat(RabbitMqManagementIT.published(anonymous, missing).status())
                    .isEqualTo(Publisher.Status.REJECTED);
        }
        management.exchangeDelete("confirms");
    }

    @Test
    void endsDeliveriesInAllItsWays() throws Exception {
        management.queue("dead").declare();
        management
                .queue("work")
                .type(QueueType.QUORUM)
                .deadLetterExchange("")
                .deadLetterRoutingKey("dead")
                .declare();
        publish("work", "accept", "discard", "annotate", "requeue", "count");
        var seen = new LinkedBlockingQueue<String>();
        Consumer consumer = connection
                .consumerBuilder()
                .queue("work")
                .priority(3)
                .messageHandler((context, message) -> {
                    String text = text(message);
                    boolean again = seen.contains(text);
                    seen.add(text);
                    if (text.equals("discard")) {
                        context.discard();
                    } else if (text.equals("annotate")) {
                        context.discard(Map.of("x-opt-why", "broken"));
                    } else if (text.equals("requeue") && !again) {
                        context.requeue();
                    } else if (text.equals("count") && !again) {
                        context.requeue(Map.of("x-opt-again", "yes"), true);
                    } else {
                        if (again) {
                            seen.add(text + " " + message.deliveryCount() + " " + message.annotation("x-opt-again"));
                        }
                        context.accept();
                    }
                })
                .build();

        await().atMost(10, SECONDS).until(() -> seen.contains("count 1 yes") && broker.messages("work") == 0);
        assertThat(seen).contains("requeue 0 null", "accept");
        consumer.close();
        var buried = new LinkedBlockingQueue<String>();
        Consumer gravedigger = connection
                .consumerBuilder()
                .queue("dead")
                .messageHandler((context, message) -> {
                    context.accept();
                    buried.add(text(message) + " " + message.annotation("x-opt-why"));
                })
                .build();
        assertThat(List.of(take(buried), take(buried))).containsExactlyInAnyOrder("discard null", "annotate broken");
        gravedigger.close();
    }

    @Test
    void waitsInLineForASingleActiveConsumer() throws Exception {
        management.queue("single").singleActiveConsumer(true).declare();
        var first = new LinkedBlockingQueue<String>();
        var second = new LinkedBlockingQueue<String>();
        Consumer active = taking("single", first);
        Consumer waiting = taking("single", second);
        publish("single", "1", "2");
        assertThat(List.of(take(first), take(first))).containsExactly("1", "2");

        active.close();
        publish("single", "3");

        assertThat(take(second)).isEqualTo("3");
        waiting.close();
    }

    private Consumer taking(String queue, BlockingQueue<String> taken) {
        return connection
                .consumerBuilder()
                .queue(queue)
                .messageHandler((context, message) -> {
                    context.accept();
                    taken.add(text(message));
                })
                .build();
    }

    @Test
    void settlesABatch() throws Exception {
        management.queue("batched").declare();
        publish("batched", "1", "2", "3", "4", "5");
        var settled = new CompletableFuture<Integer>();
        var batch = new Consumer.BatchContext[1];
        Consumer consumer = connection
                .consumerBuilder()
                .queue("batched")
                .messageHandler((context, message) -> {
                    if (batch[0] == null) {
                        batch[0] = context.batch(5);
                    }
                    batch[0].add(context);
                    if (batch[0].size() == 5) {
                        batch[0].accept();
                        settled.complete(batch[0].size());
                    }
                })
                .build();

        assertThat(settled.get(10, SECONDS)).isEqualTo(5);
        await().atMost(10, SECONDS)
                .until(() -> broker.queue("batched").orElseThrow().accepted() == 5);
        consumer.close();
    }

    @Test
    void pausesAndConsumesPreSettled() throws Exception {
        management.queue("paused").declare();
        var taken = new LinkedBlockingQueue<String>();
        Consumer consumer = connection
                .consumerBuilder()
                .queue("paused")
                .preSettled()
                .messageHandler((context, message) -> taken.add(text(message)))
                .build();
        publish("paused", "1");
        assertThat(take(taken)).isEqualTo("1");

        consumer.pause();
        publish("paused", "2");
        assertThat(management.queueInfo("paused").messageCount()).isEqualTo(1);
        consumer.unpause();

        assertThat(take(taken)).isEqualTo("2");
        consumer.close();
    }

    @Test
    void asksAndAnswersOverDirectReplyTo() throws Exception {
        management.queue("rpc").declare();
        var replyTo = new LinkedBlockingQueue<String>();
        Responder responder = connection
                .responderBuilder()
                .requestQueue("rpc")
                .handler((context, request) -> {
                    replyTo.add(request.replyTo());
                    return context.message(("re: " + text(request)).getBytes(UTF_8));
                })
                .build();
        try (Requester requester = connection
                .requesterBuilder()
                .requestAddress()
                .queue("rpc")
                .requester()
                .build()) {
            for (int i = 0; i < 3; i++) {
                Message reply = requester
                        .publish(requester.message(("ask " + i).getBytes(UTF_8)))
                        .get(10, SECONDS);
                assertThat(text(reply)).isEqualTo("re: ask " + i);
            }
        }
        responder.close();
        assertThat(take(replyTo)).startsWith("/queues/amq.rabbitmq.reply-to.");
        await().atMost(10, SECONDS)
                .until(() -> broker.view().queues().stream()
                        .noneMatch(queue -> queue.name().startsWith("amq.rabbitmq.reply-to.")));
    }

    @Test
    void asksAndAnswersOverAReplyQueueOfItsOwn() throws Exception {
        management.queue("rpc2").declare();
        management.queue("replies").declare();
        Responder responder = connection
                .responderBuilder()
                .requestQueue("rpc2")
                .handler((context, request) -> context.message(request.body()))
                .build();
        try (Requester requester = connection
                .requesterBuilder()
                .replyToQueue("replies")
                .requestAddress()
                .queue("rpc2")
                .requester()
                .build()) {
            assertThat(text(requester
                            .publish(requester.message("echo".getBytes(UTF_8)))
                            .get(10, SECONDS)))
                    .isEqualTo("echo");
        }
        responder.close();
    }

    @Test
    void recoversItsTopologyPublishersAndConsumersAfterARestart() throws Exception {
        Broker first = start(0);
        int port = first.port();
        var states = new LinkedBlockingQueue<State>();
        try (Connection recovering = environment
                .connectionBuilder()
                .host("127.0.0.1")
                .port(port)
                .listeners(context -> states.add(context.currentState()))
                .recovery()
                .backOffDelayPolicy(BackOffDelayPolicy.fixed(Duration.ofMillis(100)))
                .connectionBuilder()
                .build()) {
            Management of = recovering.management();
            of.queue("kept").argument("x-queue-type", "quorum").declare();
            String own = of.queue().exclusive(true).declare().name();
            of.exchange("kept").declare();
            of.binding().sourceExchange("kept").destinationQueue(own).key("k").bind();
            var taken = new LinkedBlockingQueue<String>();
            recovering
                    .consumerBuilder()
                    .queue(own)
                    .messageHandler((context, message) -> {
                        context.accept();
                        taken.add(text(message));
                    })
                    .build();
            Publisher publisher =
                    recovering.publisherBuilder().exchange("kept").key("k").build();
            RabbitMqManagementIT.published(publisher, publisher.message("before".getBytes(UTF_8)));
            assertThat(take(taken)).isEqualTo("before");
            states.clear();

            first.close();
            try (Broker second = start(port)) {
                assertThat(second.router()
                                .topology()
                                .queue("kept")
                                .orElseThrow()
                                .arguments())
                        .isEqualTo(Map.of("x-queue-type", "quorum"));
                await().atMost(20, SECONDS).until(() -> states.contains(State.OPEN));
                await().atMost(20, SECONDS)
                        .ignoreExceptions()
                        .until(() ->
                                RabbitMqManagementIT.published(publisher, publisher.message("after".getBytes(UTF_8)))
                                                .status()
                                        == Publisher.Status.ACCEPTED);
                assertThat(take(taken)).isEqualTo("after");
                assertThat(of.queueInfo("kept").type()).isEqualTo(QueueType.QUORUM);
            }
        }
    }

    private static Broker start(int port) {
        String yaml = "listeners: [ { protocol: amqp, host: 127.0.0.1, port: " + port + " } ]\n";
        BrokerConfig config = ConfigFile.parse("test.yaml", yaml, folder, Map.of());
        return Broker.start(config.with(config.listeners(), folder.resolve("data")));
    }
}
