package io.turnstone.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.it.client.ClientKind;
import io.turnstone.it.client.Incoming;
import io.turnstone.it.client.Outgoing;
import io.turnstone.it.client.Settle;
import io.turnstone.it.client.TestClient;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@DisplayName("A browser")
@Timeout(60)
class BrowsingIT {

    @RegisterExtension
    static final BrokerFixture broker = BrokerFixture.with("queues: { shelf: {} }");

    @ParameterizedTest(name = "{0}")
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"RABBITMQ", "VERTX"}) // have none
    void seesEveryMessageInOrderAndTakesNone(ClientKind kind) {
        try (TestClient client = broker.connect(kind)) {
            for (String body : new String[] {"one", "two", "three"}) {
                client.send(Outgoing.to("shelf", body));
            }

            assertThat(client.browse("shelf")).extracting(Incoming::body).containsExactly("one", "two", "three");

            broker.awaitMessages("shelf", 3);
            assertThat(client.receive("shelf", Settle.ACCEPTED))
                    .map(Incoming::body)
                    .contains("one");
            assertThat(client.browse("shelf")).extracting(Incoming::body).containsExactly("two", "three");
        }
    }

    @ParameterizedTest(name = "{0}")
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"RABBITMQ", "VERTX"})
    void ofAnEmptyQueueEnds(ClientKind kind) {
        try (TestClient client = broker.connect(kind)) {
            assertThat(client.browse("shelf")).isEmpty();
        }
    }
}
