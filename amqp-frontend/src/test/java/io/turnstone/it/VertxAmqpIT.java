package io.turnstone.it;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.turnstone.it.client.Incoming;
import io.turnstone.it.client.Outgoing;
import io.turnstone.it.client.Settle;
import io.turnstone.it.client.VertxClient;
import io.vertx.amqp.AmqpClientOptions;
import io.vertx.amqp.AmqpMessage;
import io.vertx.amqp.AmqpReceiver;
import io.vertx.amqp.AmqpReceiverOptions;
import io.vertx.amqp.AmqpSenderOptions;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@DisplayName("The AMQP client of Vert.x")
@Timeout(60)
class VertxAmqpIT {

    @RegisterExtension
    static final BrokerFixture broker = BrokerFixture.with("""
            queues:
              q: { dead-letter: { queue: dead } }
              dead: {}
            exchanges: { wire: { type: topic } }
            """);

    private static VertxClient connect(String container) {
        return new VertxClient(new AmqpClientOptions()
                .setPort(broker.port())
                .setUsername("guest")
                .setPassword("guest")
                .setContainerId(container));
    }

    private static void send(VertxClient client, String target, String... bodies) {
        for (String body : bodies) {
            assertThat(client.send(Outgoing.to(target, body)).outcome()).isEqualTo("accepted");
        }
    }

    private static String take(LinkedBlockingQueue<AmqpMessage> taken) throws InterruptedException {
        AmqpMessage message = taken.poll(10, SECONDS);
        return message == null ? "nothing" : message.bodyAsString();
    }

    @Test
    void takesNoMoreThanItsCreditUntilItFetches() throws Exception {
        try (VertxClient client = connect("desk")) {
            send(client, "q", "1", "2", "3", "4", "5");
            var taken = new LinkedBlockingQueue<AmqpMessage>();
            AmqpReceiver receiver = VertxClient.done(client.connection()
                    .createReceiver("q", VertxClient.manual().setMaxBufferedMessages(2))
                    .map(opened -> opened.pause().handler(taken::add)));

            broker.awaitReady("q", 3);
            assertThat(taken).isEmpty();

            receiver.fetch(1);
            assertThat(take(taken)).isEqualTo("1");
            broker.awaitReady("q", 2);
            receiver.resume();
            for (String next : new String[] {"2", "3", "4", "5"}) {
                assertThat(take(taken)).isEqualTo(next);
            }
            assertThat(broker.messages("q")).as("nothing was acknowledged").isEqualTo(5);
            VertxClient.done(receiver.close());
            broker.awaitReady("q", 5);
        }
    }

    @Test
    void acknowledgesByItselfWhatItsHandlerTookAndRejectsWhatItDidNot() {
        try (VertxClient client = connect("desk")) {
            send(client, "q", "good", "bad", "good");
            VertxClient.done(client.connection()
                    .createReceiver("q")
                    .map(opened -> opened.handler(message -> {
                        if (message.bodyAsString().equals("bad")) {
                            throw new IllegalArgumentException("a handler of a test fails");
                        }
                    })));

            broker.awaitMessages("q", 0);
            broker.awaitMessages("dead", 1);
        }
    }

    @Test
    void keepsADurableSubscriptionWhenItsReceiverIsClosed() throws Exception {
        try (VertxClient client = connect("desk")) {
            VertxClient.done(VertxClient.done(subscribe(client, new LinkedBlockingQueue<>()))
                    .close());
            send(client, "wire/news.tea", "hot");
        }
        try (VertxClient client = connect("desk")) {
            var taken = new LinkedBlockingQueue<AmqpMessage>();
            VertxClient.done(subscribe(client, taken));

            assertThat(take(taken)).isEqualTo("hot");
            broker.awaitMessages("amq.sub.desk.all", 0);
        }
    }

    private static io.vertx.core.Future<AmqpReceiver> subscribe(
            VertxClient client, LinkedBlockingQueue<AmqpMessage> taken) {
        var options = new AmqpReceiverOptions().setDurable(true).setLinkName("all");
        return client.connection().createReceiver("wire/news.#", options).map(opened -> opened.handler(taken::add));
    }

    @Test
    void doesNotHearItselfWithNoLocal() throws Exception {
        try (VertxClient desk = connect("desk");
                VertxClient other = connect("other")) {
            var taken = new LinkedBlockingQueue<AmqpMessage>();
            VertxClient.done(desk.connection()
                    .createReceiver("wire/chat", new AmqpReceiverOptions().setNoLocal(true))
                    .map(opened -> opened.handler(taken::add)));

            send(desk, "wire/chat", "from me");
            send(other, "wire/chat", "from you");

            assertThat(take(taken)).isEqualTo("from you");
        }
    }

    @Test
    void sendsToADynamicNode() {
        try (VertxClient client = connect("desk")) {
            var sender =
                    VertxClient.done(client.connection().createSender(null, new AmqpSenderOptions().setDynamic(true)));
            assertThat(broker.queue(sender.address())).isPresent();

            VertxClient.done(sender.sendWithAck(VertxClient.encoded(Outgoing.to("anywhere", "for me"))));

            assertThat(client.receive(sender.address(), Settle.ACCEPTED))
                    .map(Incoming::body)
                    .contains("for me");
        }
    }

    @Test
    void hearsOfTheEndOfTheBrokerAndConnectsToTheNextOne() throws Exception {
        try (VertxClient first = connect("desk")) {
            send(first, "q", "kept");
            var reason = new CompletableFuture<String>();
            first.connection().exceptionHandler(why -> reason.complete(why.getMessage()));

            broker.restart();

            assertThat(reason.get(10, SECONDS)).contains("the broker is stopping; connect again later");
            await().atMost(10, SECONDS).until(() -> first.connection().isDisconnected());
        }
        try (VertxClient second = connect("desk")) {
            assertThat(second.receive("q", Settle.ACCEPTED)).map(Incoming::body).contains("kept");
        }
    }
}
