package io.turnstone.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.amqp.Connection;
import com.rabbitmq.client.amqp.Environment;
import com.rabbitmq.client.amqp.Publisher;
import com.rabbitmq.client.amqp.Resource.State;
import com.rabbitmq.client.amqp.impl.AmqpEnvironmentBuilder;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** With the RabbitMQ client, which fetches tokens over HTTP and renews them when four fifths of their life are over. */
@DisplayName("A token that is renewed")
@Timeout(60)
class TokenRenewalIT {

    private static final int SHORT_SECONDS = 2;
    private static final int LEEWAY_SECONDS = 2;
    private static final TokenIssuer SIGNER = new TokenIssuer();

    @TempDir
    static Path folder;

    private static final LinkedBlockingQueue<String> tokens = new LinkedBlockingQueue<>();
    private static BrokerFixture broker;
    private static HttpServer issuer;

    @BeforeAll
    static void start() throws Exception {
        broker = BrokerFixture.start("""
                anonymous: never
                users: {}
                roles:
                  shop: {}
                  bank: {}
                tokens: { %s, leeway: %ds }
                queues: { q: {} }
                """.formatted(SIGNER.configured(folder), LEEWAY_SECONDS));
        issuer = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        issuer.createContext("/token", TokenRenewalIT::issue);
        issuer.start();
    }

    @AfterAll
    static void stop() {
        issuer.stop(0);
        broker.close();
    }

    private static void issue(HttpExchange exchange) throws IOException {
        byte[] answer = tokens.remove().getBytes(UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, answer.length);
        exchange.getResponseBody().write(answer);
        exchange.close();
    }

    /** The next answer of the issuer. */
    private static void next(String role, int seconds) {
        tokens.add("{\"access_token\":\"%s\",\"expires_in\":%d}".formatted(SIGNER.token(role, seconds), seconds));
    }

    private static Connection connect(Environment environment, CompletableFuture<Throwable> closed) {
        return environment
                .connectionBuilder()
                .host("127.0.0.1")
                .port(broker.port())
                .listeners(context -> {
                    if (context.currentState() == State.CLOSED && context.failureCause() != null) {
                        closed.complete(context.failureCause());
                    }
                })
                .oauth2()
                .tokenEndpointUri("http://127.0.0.1:" + issuer.getAddress().getPort() + "/token")
                .clientId("shop")
                .clientSecret("secret")
                .connection()
                .recovery()
                .activated(false)
                .connectionBuilder()
                .build();
    }

    @Test
    void letsItsConnectionOutliveTheFirstOne() throws Exception {
        next("shop", SHORT_SECONDS);
        next("shop", 600);
        Instant end = Instant.now().plusSeconds(SHORT_SECONDS + LEEWAY_SECONDS + 1);
        var closed = new CompletableFuture<Throwable>();
        try (Environment environment = new AmqpEnvironmentBuilder().build();
                Connection connection = connect(environment, closed);
                Publisher publisher = connection.publisherBuilder().queue("q").build()) {

            await("the end of the first token")
                    .atMost(20, SECONDS)
                    .until(() -> Instant.now().isAfter(end));

            assertThat(RabbitMqManagementIT.published(publisher, publisher.message("still here".getBytes(UTF_8)))
                            .status())
                    .isEqualTo(Publisher.Status.ACCEPTED);
            assertThat(tokens).as("both were fetched").isEmpty();
            assertThat(closed).isNotDone();
        }
    }

    @Test
    void endsItsConnectionWhenItHasOtherRoles() throws Exception {
        next("shop", SHORT_SECONDS);
        next("bank", 600);
        var closed = new CompletableFuture<Throwable>();
        try (Environment environment = new AmqpEnvironmentBuilder().build()) {
            connect(environment, closed);

            assertThat(closed.get(20, SECONDS))
                    .hasStackTraceContaining("has other roles than this connection began with");
        }
    }

    @Test
    void endsItsConnectionWhenItIsNotGood() throws Exception {
        next("shop", SHORT_SECONDS);
        next("shop", -600);
        var closed = new CompletableFuture<Throwable>();
        try (Environment environment = new AmqpEnvironmentBuilder().build()) {
            connect(environment, closed);

            assertThat(closed.get(20, SECONDS)).hasStackTraceContaining("the new token is not good");
        }
    }
}
