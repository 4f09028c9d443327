package io.turnstone.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.turnstone.it.client.Outgoing;
import io.turnstone.it.client.Protonj2Client;
import io.turnstone.it.client.ScriptClient;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

@DisplayName("A durable terminus of Qpid Proton")
class DurableTerminusIT {

    private static final String QUEUE = "amq.sub.desk.all";

    @RegisterExtension
    static final BrokerFixture BROKER = BrokerFixture.with("""
            exchanges: { wire: { type: topic } }
            """);

    private static Map<String, Object> subscribe(int waitMs, boolean end) {
        try (var client = ScriptClient.proton(
                Map.of("port", BROKER.port(), "user", "guest", "password", "guest", "container", "desk"))) {
            return client.ask(
                    Map.of("op", "subscribe", "address", "wire/news.#", "name", "all", "wait", waitMs, "end", end));
        }
    }

    @Test
    void isASubscriptionUntilItIsClosed() {
        subscribe(0, false);
        assertThat(BROKER.queue(QUEUE)).isPresent();
        try (var publisher = new Protonj2Client(BROKER.port(), "guest", "guest")) {
            assertThat(publisher.send(Outgoing.to("wire/news.tea", "hot")).outcome())
                    .isEqualTo("accepted");
        }

        assertThat(subscribe(10_000, true)).containsEntry("body", "hot");

        await("the subscription is gone")
                .atMost(Duration.ofSeconds(10))
                .until(() -> BROKER.queue(QUEUE).isEmpty());
    }
}
