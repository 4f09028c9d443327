package io.turnstone.it;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.turnstone.it.client.Protonj2Client;
import io.turnstone.it.client.QpidJmsClient;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Session;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tokens go to and fro between two queues in transactions, and where these are rolled back as dead letters, and pairs are
 * sent to two others, while the broker absorbs all the time and is killed again and again: no token is ever lost or
 * doubled, and no half of a pair is alone.
 */
@DisplayName("A broker that is killed in the middle of transactions")
@Timeout(3600)
class KilledTransactionsIT {

    private static final int ROUNDS = Integer.getInteger("turnstone.kills", 3);
    private static final int TOKENS = 40;
    private static final int ENOUGH = 30;

    private static final String YAML = """
            loops: 2
            store: { segment: 16KiB, window: 32KiB }
            queues:
              left: { retry: { attempts: 2 }, dead-letter: { queue: right } }
              right: { retry: { attempts: 2 }, dead-letter: { queue: left } }
              one: {}
              two: { durability: never }
            """;

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path folder;

    private final AtomicInteger commits = new AtomicInteger();
    private final ExecutorService threads = Executors.newCachedThreadPool();

    @Test
    void keepsEachTransactionWhole() throws Exception {
        var random = new Random(7);
        try {
            for (int round = 0; round < ROUNDS; round++) {
                try (ForkedBroker broker = ForkedBroker.start(folder, YAML)) {
                    if (round == 0) {
                        fill(broker);
                    }
                    underLoad(broker, random.nextInt(300));
                }
            }
        } finally {
            threads.shutdownNow();
        }
        try (ForkedBroker broker = ForkedBroker.start(folder, YAML);
                var client = new Protonj2Client(broker.port(), "guest", "guest")) {
            // what died in both came back to where it had died before, and goes round no more
            assertThat(Load.drain(client, "left", "right", "dlq.left", "dlq.right"))
                    .containsExactlyInAnyOrderElementsOf(IntStream.range(0, TOKENS)
                            .mapToObj(token -> "token " + token)
                            .toList());
            assertThat(Load.drain(client, "one"))
                    .isNotEmpty()
                    .doesNotHaveDuplicates()
                    .containsExactlyInAnyOrderElementsOf(Load.drain(client, "two"));
        }
    }

    private static void fill(ForkedBroker broker) throws JMSException {
        try (Connection connection = open(broker)) {
            Session session = connection.createSession(true, Session.SESSION_TRANSACTED);
            var producer = session.createProducer(session.createQueue("left"));
            for (int token = 0; token < TOKENS; token++) {
                producer.send(session.createTextMessage("token " + token));
            }
            session.commit();
        }
    }

    private static Connection open(ForkedBroker broker) throws JMSException {
        return QpidJmsClient.open(
                "amqp://127.0.0.1:" + broker.port() + "?jms.prefetchPolicy.all=5&jms.requestTimeout=5000",
                "guest",
                "guest");
    }

    private void underLoad(ForkedBroker broker, int longerMs) throws InterruptedException, ExecutionException {
        int before = commits.get();
        var workers = new ArrayList<Future<?>>();
        for (List<String> way : List.of(List.of("left", "right"), List.of("right", "left"))) {
            workers.add(threads.submit(() -> work(broker, session -> carry(session, way.get(0), way.get(1)))));
        }
        workers.add(threads.submit(() -> work(broker, this::pairs)));
        await().atMost(20, SECONDS).until(() -> commits.get() >= before + ENOUGH);
        await().pollDelay(longerMs, MILLISECONDS).until(() -> true);
        broker.kill();
        for (var worker : workers) {
            worker.get();
        }
    }

    /** What one thread does until its connection breaks. */
    private interface Work {
        void with(Session session) throws JMSException;
    }

    private static void work(ForkedBroker broker, Work work) {
        try (Connection connection = open(broker)) {
            work.with(connection.createSession(true, Session.SESSION_TRANSACTED));
        } catch (JMSException broken) {
            assertThat(broken.getMessage()).isNotNull();
        }
    }

    private void carry(Session session, String from, String to) throws JMSException {
        var random = new Random();
        var consumer = session.createConsumer(session.createQueue(from));
        var producer = session.createProducer(session.createQueue(to));
        while (true) {
            for (int i = random.nextInt(4); i >= 0; i--) {
                Message token = consumer.receive(10);
                if (token != null) {
                    producer.send(session.createTextMessage(token.getBody(String.class)));
                }
            }
            end(session, random);
        }
    }

    private void pairs(Session session) throws JMSException {
        var random = new Random();
        var one = session.createProducer(session.createQueue("one"));
        var two = session.createProducer(session.createQueue("two"));
        while (true) {
            String pair = "pair " + random.nextLong();
            one.send(session.createTextMessage(pair));
            two.send(session.createTextMessage(pair));
            end(session, random);
        }
    }

    private void end(Session session, Random random) throws JMSException {
        if (random.nextInt(5) == 0) {
            session.rollback();
        } else {
            session.commit();
            commits.incrementAndGet();
        }
    }
}
