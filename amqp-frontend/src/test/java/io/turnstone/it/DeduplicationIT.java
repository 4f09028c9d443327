package io.turnstone.it;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.turnstone.it.client.ClientFailure;
import io.turnstone.it.client.Protonj2Client;
import io.turnstone.it.client.QpidJmsClient;
import jakarta.jms.JMSException;
import jakarta.jms.Session;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.qpid.protonj2.client.Message;
import org.apache.qpid.protonj2.client.Sender;
import org.apache.qpid.protonj2.client.Tracker;
import org.apache.qpid.protonj2.client.exceptions.ClientException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("A publisher that repeats")
@Timeout(120)
class DeduplicationIT {

    private static final int ROUNDS = 6;
    private static final String YAML = """
            store: { segment: 64KiB, window: 256KiB }
            queues:
              q: { deduplicate: { window: 1h } }
              named: { deduplicate: { by: order-number, window: 1h, max: 100 } }
              noted: { deduplicate: { by: x-opt-key } }
            """;

    @RegisterExtension
    static final BrokerFixture broker = BrokerFixture.with(YAML);

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path folder;

    @Test
    void isUnderstoodByMessageIdPropertyOrAnnotation() throws Exception {
        try (Protonj2Client client = broker.protonj2();
                Sender q = client.connection().openSender("q");
                Sender named = client.connection().openSender("named");
                Sender noted = client.connection().openSender("noted")) {
            for (int i = 0; i < 2; i++) {
                q.send(Message.create("a").messageId("one")).awaitSettlement();
                q.send(Message.create("a").messageId("one").property("_AMQ_DUPL_ID", "other"))
                        .awaitSettlement();
                named.send(Message.create("a").property("order-number", 5)).awaitSettlement();
                noted.send(Message.create("a").annotation("x-opt-key", "k")).awaitSettlement();
            }

            broker.awaitMessages("q", 2);
            broker.awaitMessages("named", 1);
            broker.awaitMessages("noted", 1);
            await().until(() -> broker.queue("q").orElseThrow().duplicates() == 2);
        }
    }

    /** A rollback and a kill before the commit forget what was published, a commit does not. */
    @Test
    void isUnderstoodOfTransactionsThatWereCommittedOnly() throws Exception {
        try (ForkedBroker forked = ForkedBroker.start(folder, YAML)) {
            var connection = QpidJmsClient.open("amqp://127.0.0.1:" + forked.port(), "guest", "guest");
            var session = connection.createSession(true, Session.SESSION_TRANSACTED);
            order(session, 1, "rolled back");
            session.rollback();
            order(session, 1, "committed");
            order(session, 1, "repeated in the transaction");
            session.commit();
            order(session, 1, "repeated after it");
            session.commit();
            order(session, 2, "not committed");
            forked.kill();
            var unnoticed = catchThrowable(connection::close); // or null
            assertThat(unnoticed == null || unnoticed instanceof JMSException).isTrue();
        }
        try (ForkedBroker forked = ForkedBroker.start(folder, YAML);
                var connection = QpidJmsClient.open("amqp://127.0.0.1:" + forked.port(), "guest", "guest");
                var client = new Protonj2Client(forked.port(), "guest", "guest")) {
            var session = connection.createSession(true, Session.SESSION_TRANSACTED);
            order(session, 1, "repeated after the kill");
            order(session, 2, "for the first time");
            session.commit();
            assertThat(Load.drain(client, "q")).containsExactly("committed", "for the first time");
        }
    }

    private static void order(Session session, int number, String text) throws JMSException {
        var message = session.createTextMessage(text);
        message.setStringProperty("_AMQ_DUPL_ID", "order " + number);
        session.createProducer(session.createQueue("q")).send(message);
    }

    @Test
    void publishesExactlyOnceThoughTheBrokerIsKilled() throws Exception {
        var random = new Random(11);
        var unconfirmed = new ArrayDeque<Integer>();
        int next = 0;
        for (int round = 0; round < ROUNDS; round++) {
            try (ForkedBroker forked = ForkedBroker.start(folder, YAML)) {
                var killed = CompletableFuture.runAsync(
                        forked::kill, CompletableFuture.delayedExecutor(300 + random.nextInt(500), MILLISECONDS));
                next = publishUntilKilled(forked.port(), unconfirmed, next);
                killed.get(20, TimeUnit.SECONDS);
            }
        }
        assertThat(next).as("messages, or nothing was tested").isGreaterThan(100);

        try (ForkedBroker forked = ForkedBroker.start(folder, YAML);
                var client = new Protonj2Client(forked.port(), "guest", "guest");
                Sender sender = client.connection().openSender("q")) {
            for (int number : unconfirmed) {
                sender.send(message(number)).awaitSettlement(20, SECONDS);
            }
            List<Integer> found = new ArrayList<>(
                    Load.drain(client, "q").stream().map(Integer::valueOf).toList());
            found.sort(null);
            assertThat(found).hasSize(next).doesNotHaveDuplicates();
        }
    }

    /** Sends what was not confirmed again, then more; returns the number of the next. */
    private static int publishUntilKilled(int port, ArrayDeque<Integer> unconfirmed, int from) {
        int next = from;
        var sent = new LinkedHashMap<Integer, Tracker>();
        try (var client = new Protonj2Client(port, "guest", "guest");
                Sender sender = client.connection().openSender("q")) {
            for (int number : List.copyOf(unconfirmed)) {
                sent.put(number, sender.send(message(number)));
            }
            while (true) {
                int number = next++; // counts from here on: a send that fails may have reached the broker
                unconfirmed.add(number);
                sent.put(number, sender.send(message(number)));
                if (sent.size() >= 50) {
                    int first = sent.keySet().iterator().next();
                    Tracker tracker = sent.remove(first);
                    if (tracker.awaitSettlement(20, SECONDS).remoteState().isAccepted()) {
                        unconfirmed.remove(first);
                    }
                }
            }
        } catch (ClientException | ClientFailure dead) {
            return next; // killed
        }
    }

    private static Message<String> message(int number) throws ClientException {
        return Message.create("" + number).durable(true).messageId("id-" + number);
    }
}
