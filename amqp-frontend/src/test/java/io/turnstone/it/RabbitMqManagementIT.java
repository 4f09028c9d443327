package io.turnstone.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.amqp.AmqpException;
import com.rabbitmq.client.amqp.ByteCapacity;
import com.rabbitmq.client.amqp.Connection;
import com.rabbitmq.client.amqp.Environment;
import com.rabbitmq.client.amqp.Management;
import com.rabbitmq.client.amqp.Management.ExchangeType;
import com.rabbitmq.client.amqp.Management.OverflowStrategy;
import com.rabbitmq.client.amqp.Management.QueueInfo;
import com.rabbitmq.client.amqp.Management.QueueLeaderLocator;
import com.rabbitmq.client.amqp.Management.QueueType;
import com.rabbitmq.client.amqp.Publisher;
import com.rabbitmq.client.amqp.impl.AmqpEnvironmentBuilder;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@DisplayName("The management of RabbitMQ's AMQP 1.0 client")
@Timeout(60)
class RabbitMqManagementIT {

    @RegisterExtension
    static final BrokerFixture broker = BrokerFixture.with("""
            users:
              guest: { password: "%1$s" }
              limited: { password: "%1$s", permissions: [ { allow: declare, on: "/queues/mine.*" } ] }
            queues:
              owned: { ttl: 1h }
            """.formatted(BrokerFixture.verifier("guest")));

    private final Environment environment = new AmqpEnvironmentBuilder().build();
    private Connection connection;
    private Management management;

    @BeforeEach
    void connect() {
        connection = connected("guest");
        management = connection.management();
    }

    private Connection connected(String user) {
        return environment
                .connectionBuilder()
                .host("127.0.0.1")
                .port(broker.port())
                .username(user)
                .password("guest")
                .recovery()
                .activated(false)
                .connectionBuilder()
                .build();
    }

    @AfterEach
    void close() {
        environment.close();
    }

    @Test
    void declaresInspectsAndDeletesAClassicQueue() {
        QueueInfo made = management
                .queue("classic")
                .exclusive(false)
                .autoDelete(false)
                .messageTtl(Duration.ofMinutes(10))
                .expires(Duration.ofHours(1))
                .maxLength(1_000)
                .maxLengthBytes(ByteCapacity.MB(1))
                .overflowStrategy(OverflowStrategy.REJECT_PUBLISH)
                .deadLetterExchange("dlx")
                .deadLetterRoutingKey("dead")
                .leaderLocator(QueueLeaderLocator.BALANCED)
                .argument("x-custom-to-ignore", null)
                .classic()
                .maxPriority(10)
                .queue()
                .declare();

        assertThat(made.name()).isEqualTo("classic");
        assertThat(made.type()).isEqualTo(QueueType.CLASSIC);
        assertThat(made.durable()).isTrue();
        assertThat(made.messageCount()).isZero();
        assertThat(made.consumerCount()).isZero();
        assertThat(made.leader()).isEqualTo(broker.view().node());
        assertThat(made.members()).containsExactly(broker.view().node());
        QueueInfo seen = management.queueInfo("classic");
        assertThat(seen.arguments()).isEqualTo(made.arguments()).containsEntry("x-dead-letter-exchange", "dlx");

        management.queueDelete("classic");

        assertThatThrownBy(() -> management.queueInfo("classic"))
                .isInstanceOf(AmqpException.AmqpEntityDoesNotExistException.class);
        management.queueDelete("classic");
    }

    @Test
    void declaresAQuorumQueueTwiceAndNotOtherwise() {
        Management.QueueSpecification spec = management
                .queue("quorum")
                .type(QueueType.QUORUM)
                .quorum()
                .deliveryLimit(3)
                .queue();
        assertThat(spec.declare().type()).isEqualTo(QueueType.QUORUM);
        assertThat(spec.declare().arguments()).containsKey("x-delivery-limit");

        assertThatThrownBy(() -> management
                        .queue("quorum")
                        .type(QueueType.QUORUM)
                        .quorum()
                        .deliveryLimit(5)
                        .queue()
                        .declare())
                .isInstanceOf(AmqpException.class)
                .hasMessageContaining("409")
                .hasMessageContaining("retry is 4 attempts")
                .hasMessageContaining("x-delivery-limit is 3, not 5");
    }

    @Test
    void leavesTheConfigurationAlone() {
        assertThatThrownBy(() -> management.queue("owned").declare())
                .hasMessageContaining("409")
                .hasMessageContaining("declared in the configuration with other values: ttl");
        assertThatThrownBy(() -> management.queueDelete("owned")).hasMessageContaining("remove it there");
    }

    @Test
    void saysThatThereAreNoStreamsYet() {
        assertThatThrownBy(() -> management.queue("s").stream().queue().declare())
                .isInstanceOf(AmqpException.class)
                .hasMessageContaining("400")
                .hasMessageContaining("quorum or classic");
    }

    @Test
    void namesAQueueByItself() {
        QueueInfo made = management.queue().exclusive(true).autoDelete(true).declare();

        assertThat(made.name()).startsWith("client.gen-");
        assertThat(made.exclusive()).isTrue();
        assertThat(made.autoDelete()).isTrue();
    }

    @Test
    void dropsAnExclusiveQueueWithItsConnection() {
        Connection other = connected("guest");
        String name = other.management().queue().exclusive(true).declare().name();
        assertThatThrownBy(() -> management.queueDelete(name))
                .hasMessageContaining("cannot obtain exclusive access to locked queue");
        assertThatThrownBy(() -> management.queuePurge(name)).hasMessageContaining("400");

        other.close();

        await().atMost(10, TimeUnit.SECONDS)
                .untilAsserted(() -> assertThatThrownBy(() -> management.queueInfo(name))
                        .isInstanceOf(AmqpException.AmqpEntityDoesNotExistException.class));
    }

    @Test
    void countsAndPurgesMessages() throws Exception {
        management.queue("purged").declare();
        try (Publisher publisher = connection.publisherBuilder().queue("purged").build()) {
            for (int i = 0; i < 5; i++) {
                published(publisher, publisher.message("m".getBytes(UTF_8)));
            }
        }

        assertThat(management.queueInfo("purged").messageCount()).isEqualTo(5);
        assertThat(management.queuePurge("purged").messageCount()).isEqualTo(5);
        assertThat(management.queueInfo("purged").messageCount()).isZero();
    }

    static Publisher.Context published(Publisher publisher, com.rabbitmq.client.amqp.Message message) throws Exception {
        var outcome = new CompletableFuture<Publisher.Context>();
        publisher.publish(message, outcome::complete);
        return outcome.get(10, TimeUnit.SECONDS);
    }

    @Test
    void bindsAndUnbindsQueuesAndExchanges() throws Exception {
        management.exchange("first").type(ExchangeType.FANOUT).declare();
        management.exchange("second").type(ExchangeType.TOPIC).autoDelete(false).declare();
        management.queue("bound").declare();
        management
                .binding()
                .sourceExchange("first")
                .destinationExchange("second")
                .key("")
                .bind();
        management
                .binding()
                .sourceExchange("second")
                .destinationQueue("bound")
                .key("order.#")
                .bind();
        try (Publisher publisher =
                connection.publisherBuilder().exchange("first").key("order.eu").build()) {
            assertThat(published(publisher, publisher.message("1".getBytes(UTF_8)))
                            .status())
                    .isEqualTo(Publisher.Status.ACCEPTED);

            management
                    .unbind()
                    .sourceExchange("second")
                    .destinationQueue("bound")
                    .key("order.#")
                    .unbind();

            assertThat(published(publisher, publisher.message("2".getBytes(UTF_8)))
                            .status())
                    .isEqualTo(Publisher.Status.RELEASED);
        }
        assertThat(management.queueInfo("bound").messageCount()).isEqualTo(1);
        management
                .unbind()
                .sourceExchange("first")
                .destinationExchange("second")
                .key("")
                .unbind();
        management.exchangeDelete("first");
        management.exchangeDelete("second");
        management.exchangeDelete("second");
    }

    @Test
    void unbindsByArguments() throws Exception {
        management.exchange("heads").type(ExchangeType.HEADERS).declare();
        management.queue("headed").declare();
        for (int i = 1; i <= 2; i++) {
            management
                    .binding()
                    .sourceExchange("heads")
                    .destinationQueue("headed")
                    .key("k ey/%")
                    .argument("x-match", "all")
                    .argument("n", i)
                    .bind();
        }

        management
                .unbind()
                .sourceExchange("heads")
                .destinationQueue("headed")
                .key("k ey/%")
                .arguments(Map.of("x-match", "all", "n", 1))
                .unbind();

        try (Publisher publisher =
                connection.publisherBuilder().exchange("heads").build()) {
            assertThat(published(publisher, publisher.message(new byte[1]).property("n", 1))
                            .status())
                    .isEqualTo(Publisher.Status.RELEASED);
            assertThat(published(publisher, publisher.message(new byte[1]).property("n", 2))
                            .status())
                    .isEqualTo(Publisher.Status.ACCEPTED);
        }
        management.exchangeDelete("heads");
    }

    @Test
    void knowsWhatDoesNotExist() {
        management.exchange("lonely").declare();

        assertThatThrownBy(() -> management
                        .binding()
                        .sourceExchange("lonely")
                        .destinationQueue("nobody")
                        .key("k")
                        .bind())
                .isInstanceOf(AmqpException.AmqpEntityDoesNotExistException.class);
        management.exchangeDelete("lonely");
    }

    @Test
    void goesOnAfterAPermissionWasMissing() {
        Connection limited = connected("limited");

        assertThatThrownBy(() -> limited.management().queue("theirs").declare())
                .isInstanceOf(AmqpException.AmqpSecurityException.class)
                .hasMessageContaining("may not declare /queues/theirs");

        assertThat(limited.management().queue("mine.one").declare().name()).isEqualTo("mine.one");
        assertThatThrownBy(() -> limited.management().queueDelete("mine.one"))
                .isInstanceOf(AmqpException.AmqpSecurityException.class);
    }
}
