package io.turnstone.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.azure.core.amqp.AmqpRetryOptions;
import com.azure.core.amqp.AmqpRetryPolicy;
import com.azure.core.amqp.AmqpTransportType;
import com.azure.core.amqp.FixedAmqpRetryPolicy;
import com.azure.core.amqp.ProxyOptions;
import com.azure.core.amqp.implementation.AmqpLinkProvider;
import com.azure.core.amqp.implementation.AmqpReceiveLink;
import com.azure.core.amqp.implementation.AmqpSendLink;
import com.azure.core.amqp.implementation.AzureTokenManagerProvider;
import com.azure.core.amqp.implementation.ConnectionOptions;
import com.azure.core.amqp.implementation.MessageSerializer;
import com.azure.core.amqp.implementation.ReactorConnection;
import com.azure.core.amqp.implementation.ReactorHandlerProvider;
import com.azure.core.amqp.implementation.ReactorProvider;
import com.azure.core.amqp.models.CbsAuthorizationType;
import com.azure.core.credential.AccessToken;
import com.azure.core.util.ClientOptions;
import com.azure.core.util.metrics.MeterProvider;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.qpid.proton.Proton;
import org.apache.qpid.proton.amqp.messaging.AmqpValue;
import org.apache.qpid.proton.amqp.transport.ReceiverSettleMode;
import org.apache.qpid.proton.amqp.transport.SenderSettleMode;
import org.apache.qpid.proton.engine.SslDomain;
import org.apache.qpid.proton.message.Message;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * What Azure's libraries for Service Bus and Event Hubs stand on. It has no public door of its own, so this goes through
 * those that they use: a connection without credentials, and a token to {@code $cbs} before each link.
 */
@DisplayName("azure-core-amqp")
@Timeout(60)
class AzureCoreAmqpIT {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final AmqpRetryOptions RETRY =
            new AmqpRetryOptions().setTryTimeout(Duration.ofSeconds(4)).setMaxRetries(0);
    private static final AmqpRetryPolicy POLICY = new FixedAmqpRetryPolicy(RETRY);

    private static final TokenIssuer ISSUER = new TokenIssuer();

    @TempDir
    static Path folder;

    private static BrokerFixture broker;

    @BeforeAll
    static void start() throws Exception {
        broker = BrokerFixture.start("""
                users:
                  anonymous: { permissions: [ { allow: consume, on: /queues/nothing } ] }
                roles:
                  shop: {}
                tokens: { %s }
                queues: { q: {} }
                """.formatted(ISSUER.configured(folder)));
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    private static ReactorConnection connect(CbsAuthorizationType type, int seconds) {
        var options = new ConnectionOptions(
                "127.0.0.1",
                request -> Mono.just(new AccessToken(
                        ISSUER.token("shop", seconds),
                        Instant.now().plusSeconds(600).atOffset(ZoneOffset.UTC))),
                type,
                "turnstone",
                AmqpTransportType.AMQP,
                RETRY,
                ProxyOptions.SYSTEM_DEFAULTS,
                Schedulers.boundedElastic(),
                new ClientOptions(),
                SslDomain.VerifyMode.ANONYMOUS_PEER,
                "turnstone-test",
                "1",
                "127.0.0.1",
                broker.port(),
                false);
        var provider = new ReactorProvider();
        return new ReactorConnection(
                "azure-" + Instant.now().toEpochMilli(),
                options,
                provider,
                new ReactorHandlerProvider(
                        provider, MeterProvider.getDefaultProvider().createMeter("turnstone-test", "1", null)),
                new AmqpLinkProvider(),
                new AzureTokenManagerProvider(type, "127.0.0.1", "turnstone"),
                new Messages(),
                SenderSettleMode.SETTLED,
                ReceiverSettleMode.FIRST,
                false,
                false);
    }

    private static AmqpSendLink sender(ReactorConnection connection) {
        return connection
                .createSession("s")
                .flatMap(session -> session.createProducer("to-q", "q", PATIENCE, POLICY))
                .cast(AmqpSendLink.class)
                .block(PATIENCE);
    }

    private static AmqpReceiveLink receiver(ReactorConnection connection, String name) {
        return connection
                .createSession("r")
                .flatMap(session -> session.createConsumer(name, "q", PATIENCE, POLICY))
                .cast(AmqpReceiveLink.class)
                .block(PATIENCE);
    }

    @Test
    void putsATokenForEachLinkSendsAndReceives() throws InterruptedException {
        ReactorConnection connection = connect(CbsAuthorizationType.JSON_WEB_TOKEN, 600);
        AmqpSendLink sender = sender(connection);
        List<String> sent = IntStream.range(0, 20).mapToObj(n -> "message " + n).toList();
        for (String text : sent) {
            Message message = Proton.message();
            message.setBody(new AmqpValue(text));
            sender.send(message).block(PATIENCE);
        }

        AmqpReceiveLink receiver = receiver(connection, "from-q");
        var received = new CopyOnWriteArrayList<String>();
        var all = new CountDownLatch(sent.size());
        receiver.setEmptyCreditListener(() -> 0); // it cannot do without
        receiver.receive().subscribe(message -> {
            received.add((String) ((AmqpValue) message.getBody()).getValue());
            all.countDown();
        });
        receiver.addCredits(sent.size()).block(PATIENCE);

        assertThat(all.await(20, TimeUnit.SECONDS))
                .as("all of %s came: %s", sent, received)
                .isTrue();
        assertThat(received).isEqualTo(sent);
        assertThat(receiver.getEntityPath()).isEqualTo("q");
        assertThat(broker.view().connections())
                .extracting(each -> each.peer().identity().name())
                .contains("alice");
        // it settles without an outcome, as Event Hubs wants it: here that is the default one, released
        broker.awaitMessages("q", sent.size());
        connection.closeAsync().block(PATIENCE);
    }

    @Test
    void hearsThatASignatureOfAzureIsNotTaken() {
        ReactorConnection connection = connect(CbsAuthorizationType.SHARED_ACCESS_SIGNATURE, 600);
        try {
            assertThatThrownBy(() -> sender(connection)).hasMessageContaining("shared access signatures are not taken");
        } finally {
            connection.closeAsync().block(PATIENCE);
        }
    }

    @Test
    void hearsThatATokenHasExpired() {
        ReactorConnection connection = connect(CbsAuthorizationType.JSON_WEB_TOKEN, -600);
        try {
            assertThatThrownBy(() -> sender(connection)).hasMessageContaining("the token is not good");
        } finally {
            connection.closeAsync().block(PATIENCE);
        }
    }

    /** Messages as they are. */
    private static final class Messages implements MessageSerializer {
        @Override
        public int getSize(Message message) {
            return 64 * 1024;
        }

        @Override
        public <T> Message serialize(T object) {
            return (Message) object;
        }

        @Override
        public <T> T deserialize(Message message, Class<T> type) {
            return type.cast(message);
        }

        @Override
        public <T> List<T> deserializeList(Message message, Class<T> type) {
            return List.of(type.cast(message));
        }
    }
}
