package io.turnstone.it;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.it.client.ClientKind;
import io.turnstone.it.client.Incoming;
import io.turnstone.it.client.Outgoing;
import io.turnstone.it.client.Protonj2Client;
import io.turnstone.it.client.Settle;
import io.turnstone.it.client.TestClient;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.apache.qpid.protonj2.client.ConnectionOptions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("A broker process")
@Timeout(90)
class RestartIT {

    private static final String YAML = """
            queues:
              kept: { retry: { attempts: 1 } }
              light: { durable: false }
            """;

    @TempDir
    Path folder;

    @Test
    void keepsMessagesAndRunTimeTopologyOverACleanStop() throws Exception {
        try (ForkedBroker broker = ForkedBroker.start(folder, YAML)) {
            fill(broker.port());
            assertThat(broker.terminate()).isZero();
        }

        try (ForkedBroker broker = ForkedBroker.start(folder, YAML)) {
            assertKept(broker.port());
        }
    }

    @Test
    void keepsMessagesAndRunTimeTopologyOverAKill() throws Exception {
        try (ForkedBroker broker = ForkedBroker.start(folder, YAML)) {
            fill(broker.port());
            broker.kill();
        }

        try (ForkedBroker broker = ForkedBroker.start(folder, YAML)) {
            assertKept(broker.port());
        }
    }

    private static void fill(int port) {
        try (TestClient client = ClientKind.PROTONJ2.connect(port)) {
            client.send(Outgoing.to("kept", "fails"));
            client.receive("kept", Settle.FAILED); // to dlq.kept, which is made now
            client.send(Outgoing.to("kept", "durable"));
            client.send(Outgoing.to("kept", "not durable").transientMessage());
            client.send(Outgoing.to("light", "durable"));
            client.send(Outgoing.to("made.by.use", "durable"));
        }
    }

    private static void assertKept(int port) {
        try (TestClient client = ClientKind.PROTONJ2.connect(port)) {
            assertThat(client.browse("/queues/kept")).extracting(Incoming::body).containsExactly("durable");
            assertThat(client.browse("/queues/light")).isEmpty();
            assertThat(client.browse("/queues/made.by.use"))
                    .extracting(Incoming::body)
                    .containsExactly("durable");
            Incoming dead = client.receive("/queues/dlq.kept", Settle.ACCEPTED).orElseThrow();
            assertThat(dead.body()).isEqualTo("fails");
            assertThat(dead.annotations()).containsEntry("x-first-death-queue", "kept");
        }
    }

    @Test
    void doesNotCallAConsumerTheFirstOfWhatAnotherHeldBeforeACleanStop() throws Exception {
        try (ForkedBroker broker = ForkedBroker.start(folder, YAML);
                var client = new Protonj2Client(broker.port(), "guest", "guest")) {
            client.send(Outgoing.to("kept", "held"));
            var receiver = client.connection()
                    .openReceiver("kept", Protonj2Client.manual().creditWindow(1));
            assertThat(receiver.receive(10, SECONDS).message().firstAcquirer()).isTrue();
            assertThat(broker.terminate()).isZero();
        }

        try (ForkedBroker broker = ForkedBroker.start(folder, YAML);
                var client = new Protonj2Client(broker.port(), "guest", "guest")) {
            var again = client.connection().openReceiver("kept").receive(10, SECONDS);
            assertThat(again.message().firstAcquirer()).isFalse();
            assertThat(again.message().deliveryCount()).isZero();
        }
    }

    @Test
    void saysGoodByeToItsClientsWhenItIsTerminated() throws Exception {
        try (ForkedBroker broker = ForkedBroker.start(folder, YAML)) {
            var reason = new CompletableFuture<String>();
            var options = new ConnectionOptions()
                    .disconnectedHandler((connection, event) -> reason.complete(String.valueOf(event.failureCause())));
            var connection = Protonj2Client.open(broker.port(), options);
            connection.openSender("kept").openFuture().get(10, SECONDS);

            assertThat(broker.terminate()).isZero();

            assertThat(reason.get(10, SECONDS)).contains("amqp:connection:forced");
            connection.close();
        }
    }

    @Test
    void isRefusedTheFolderOfAnother() throws Exception {
        try (ForkedBroker first = ForkedBroker.start(folder, YAML);
                ForkedBroker second = ForkedBroker.launch(folder, YAML)) {
            assertThat(second.exitCode()).isNotZero();
            assertThat(second.output())
                    .contains(folder.resolve("data").toString())
                    .doesNotContain("\tat ");

            try (TestClient client = ClientKind.PROTONJ2.connect(first.port())) {
                assertThat(client.send(Outgoing.to("kept", "still here")).outcome())
                        .isEqualTo("accepted");
            }
        }
    }
}
