package io.turnstone.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.it.client.ClientKind;
import io.turnstone.it.client.Incoming;
import io.turnstone.it.client.Outgoing;
import io.turnstone.it.client.Settle;
import io.turnstone.it.client.TestClient;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@DisplayName("A queue with priorities")
@Timeout(60)
class PriorityIT {

    @RegisterExtension
    static final BrokerFixture broker = BrokerFixture.with("""
            queues:
              ten: { priorities: 10 }
              three: { priorities: 3 }
              plain: {}
            """);

    @ParameterizedTest(name = "{0}")
    @EnumSource
    void deliversTheHighestFirstAndFifoWithinALevel(ClientKind kind) {
        try (TestClient client = broker.connect(kind)) {
            for (int priority : new int[] {4, 0, 9, 4, 9, 7}) {
                send(client, "/queues/ten", priority);
            }

            assertThat(drain(client, "/queues/ten", 6)).containsExactly("9 #2", "9 #4", "7 #5", "4 #0", "4 #3", "0 #1");
        }
    }

    @Test
    void ofFewLevelsTakesWhatIsAboveForTheHighest() {
        try (TestClient client = broker.connect(ClientKind.PROTONJ2)) {
            for (int priority : new int[] {1, 4, 0, 9, 2}) {
                send(client, "three", priority);
            }

            assertThat(drain(client, "three", 5)).containsExactly("4 #1", "9 #3", "2 #4", "1 #0", "0 #2");
        }
    }

    @Test
    void ofOneLevelIsPlainFifo() {
        try (TestClient client = broker.connect(ClientKind.PROTONJ2)) {
            for (int priority : new int[] {1, 9, 0}) {
                send(client, "plain", priority);
            }

            assertThat(drain(client, "plain", 3)).containsExactly("1 #0", "9 #1", "0 #2");
        }
    }

    @Test
    void showsTheConsumerThePriorityItWasSentWith() {
        try (TestClient client = broker.connect(ClientKind.PROTONJ2)) {
            client.send(Outgoing.to("three", "x").priority(7));

            assertThat(client.receive("three", Settle.ACCEPTED))
                    .map(Incoming::priority)
                    .contains(7);
        }
    }

    private int sent;

    private void send(TestClient client, String address, int priority) {
        client.send(Outgoing.to(address, priority + " #" + sent++).priority(priority));
    }

    private static List<String> drain(TestClient client, String address, int count) {
        var bodies = new ArrayList<String>();
        for (int i = 0; i < count; i++) {
            bodies.add(client.receive(address, Settle.ACCEPTED).orElseThrow().body());
        }
        return bodies;
    }
}
