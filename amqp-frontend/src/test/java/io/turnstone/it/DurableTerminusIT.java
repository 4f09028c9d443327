package io.turnstone.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.turnstone.it.client.Outgoing;
import io.turnstone.it.client.Protonj2Client;
import io.turnstone.it.client.ScriptClient;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A durable terminus")
@Timeout(60)
class DurableTerminusIT {

    private static final String QUEUE = "amq.sub.desk.all";

    @RegisterExtension
    static final BrokerFixture BROKER = BrokerFixture.with("""
            exchanges: { wire: { type: topic } }
            """);

    private static Map<String, Object> subscribe(String library, int waitMs, boolean end) {
        Map<String, Object> how =
                Map.of("port", BROKER.port(), "user", "guest", "password", "guest", "container", "desk");
        try (var client = library.equals("rhea") ? ScriptClient.rhea(how) : ScriptClient.proton(how)) {
            return client.ask(
                    Map.of("op", "subscribe", "address", "wire/news.#", "name", "all", "wait", waitMs, "end", end));
        }
    }

    @ParameterizedTest(name = "of {0}")
    @ValueSource(strings = {"Qpid Proton", "rhea"})
    void isASubscriptionUntilItIsClosed(String library) {
        subscribe(library, 0, false);
        assertThat(BROKER.queue(QUEUE)).isPresent();
        try (var publisher = new Protonj2Client(BROKER.port(), "guest", "guest")) {
            assertThat(publisher.send(Outgoing.to("wire/news.tea", "hot")).outcome())
                    .isEqualTo("accepted");
        }

        assertThat(subscribe(library, 10_000, true)).containsEntry("body", "hot");

        await("the subscription is gone")
                .atMost(Duration.ofSeconds(10))
                .until(() -> BROKER.queue(QUEUE).isEmpty());
    }
}
