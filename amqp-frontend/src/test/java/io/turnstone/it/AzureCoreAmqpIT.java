package io.turnstone.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.azure.core.amqp.AmqpRetryOptions;
import com.azure.core.amqp.AmqpRetryPolicy;
import com.azure.core.amqp.AmqpTransportType;
import com.azure.core.amqp.FixedAmqpRetryPolicy;
import com.azure.core.amqp.ProxyOptions;
import com.azure.core.amqp.implementation.AmqpReceiveLink;
import com.azure.core.amqp.implementation.AmqpSendLink;
import com.azure.core.amqp.implementation.AzureTokenManagerProvider;
import com.azure.core.amqp.implementation.ConnectionOptions;
import com.azure.core.amqp.implementation.ReactorConnection;
import com.azure.core.amqp.implementation.handler.MessageWithDeliveryTag;
import com.azure.core.amqp.models.CbsAuthorizationType;
import com.azure.core.credential.AccessToken;
import com.azure.core.util.ClientOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.qpid.proton.Proton;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.AmqpValue;
import org.apache.qpid.proton.amqp.messaging.Modified;
import org.apache.qpid.proton.amqp.messaging.Rejected;
import org.apache.qpid.proton.amqp.messaging.Released;
import org.apache.qpid.proton.engine.SslDomain;
import org.apache.qpid.proton.message.Message;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
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
                queues: { q: { dead-letter: { queue: dead } }, dead: {} }
                """.formatted(ISSUER.configured(folder)));
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    @BeforeEach
    void empty() throws Exception {
        broker.beforeEach(null);
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
        return new AzureConnection(options, new AzureTokenManagerProvider(type, "127.0.0.1", "turnstone"));
    }

    /** A receiver as that of Service Bus: it settles by the lock tokens of messages. */
    private static AmqpReceiveLink settlingReceiver(ReactorConnection connection) {
        return connection
                .createSession("settling")
                .cast(AzureConnection.Session.class)
                .flatMap(session -> session.settlingConsumer("settling", "q", PATIENCE, POLICY))
                .block(PATIENCE);
    }

    private static void send(ReactorConnection connection, String text) {
        Message message = Proton.message();
        message.setBody(new AmqpValue(text));
        sender(connection).send(message).block(PATIENCE);
    }

    private static String text(Message message) {
        return (String) ((AmqpValue) message.getBody()).getValue();
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
        List<String> sent = IntStream.range(0, 20).mapToObj(n -> "message " + n).toList();
        for (String text : sent) {
            send(connection, text);
        }

        AmqpReceiveLink receiver = receiver(connection, "from-q");
        var received = new CopyOnWriteArrayList<String>();
        var all = new CountDownLatch(sent.size());
        receiver.setEmptyCreditListener(() -> 0); // it cannot do without
        receiver.receive().subscribe(message -> {
            received.add(text(message));
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
    void settlesByLockToken() throws Exception {
        ReactorConnection connection = connect(CbsAuthorizationType.JSON_WEB_TOKEN, 600);
        try {
            settlesByLockToken(connection);
        } finally {
            connection.closeAsync().block(PATIENCE);
        }
    }

    /** Each outcome by the token of its message alone, while other messages are unsettled; each is heard to be done. */
    private static void settlesByLockToken(ReactorConnection connection) throws InterruptedException {
        AmqpReceiveLink receiver = settlingReceiver(connection);
        var received = new LinkedBlockingQueue<MessageWithDeliveryTag>();
        receiver.receive().cast(MessageWithDeliveryTag.class).subscribe(received::add);
        receiver.addCredit(() -> 5L);
        for (String text : List.of("accept", "release", "reject", "modify")) {
            send(connection, text);
        }
        var tokens = new HashMap<String, String>();
        for (int i = 0; i < 4; i++) {
            MessageWithDeliveryTag message = next(received);
            tokens.put(text(message), message.getDeliveryTag().toString());
        }
        assertThat(tokens.values()).doesNotHaveDuplicates();

        receiver.updateDisposition(tokens.get("reject"), new Rejected()).block(PATIENCE);
        receiver.updateDisposition(tokens.get("accept"), Accepted.getInstance()).block(PATIENCE);
        broker.awaitMessages("dead", 1);
        broker.awaitMessages("q", 2);

        var failed = new Modified();
        failed.setDeliveryFailed(true);
        receiver.updateDisposition(tokens.get("modify"), failed).block(PATIENCE);
        MessageWithDeliveryTag again = next(received);
        assertThat(text(again)).isEqualTo("modify");
        assertThat(again.getDeliveryCount()).isEqualTo(1);
        assertThat(again.getDeliveryTag().toString()).isNotIn(tokens.values());

        receiver.updateDisposition(tokens.get("release"), Released.getInstance())
                .block(PATIENCE);
        receiver.addCredit(() -> 1L);
        MessageWithDeliveryTag released = next(received);
        assertThat(text(released)).isEqualTo("release");
        assertThat(released.getDeliveryCount()).isZero();
        for (MessageWithDeliveryTag last : List.of(again, released)) {
            receiver.updateDisposition(last.getDeliveryTag().toString(), Accepted.getInstance())
                    .block(PATIENCE);
        }
        broker.awaitMessages("q", 0);
    }

    private static MessageWithDeliveryTag next(LinkedBlockingQueue<MessageWithDeliveryTag> received)
            throws InterruptedException {
        MessageWithDeliveryTag message = received.poll(20, TimeUnit.SECONDS);
        assertThat(message).as("a message came").isNotNull();
        return message;
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
}
