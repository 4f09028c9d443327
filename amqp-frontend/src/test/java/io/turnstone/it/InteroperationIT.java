package io.turnstone.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.it.client.ClientKind;
import io.turnstone.it.client.Incoming;
import io.turnstone.it.client.Outgoing;
import io.turnstone.it.client.Settle;
import io.turnstone.it.client.TestClient;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayName("A message from one client")
@Timeout(60)
class InteroperationIT {

    @RegisterExtension
    static final BrokerFixture broker = BrokerFixture.with("queues: { between: { priorities: 10 } }");

    static Stream<Arguments> pairs() {
        return Arrays.stream(ClientKind.values())
                .flatMap(from -> Arrays.stream(ClientKind.values())
                        .filter(to -> to != from)
                        .map(to -> Arguments.of(from, to)));
    }

    @ParameterizedTest(name = "{0} to {1}")
    @MethodSource("pairs")
    void isUnderstoodByAnother(ClientKind from, ClientKind to) {
        try (TestClient sender = broker.connect(from);
                TestClient receiver = broker.connect(to)) {
            var message = Outgoing.to("/queues/between", "from " + from + ": ünïcödé €")
                    .subject("greeting")
                    .priority(7)
                    .property("number", 42);
            assertThat(sender.send(message).outcome()).isEqualTo("accepted");

            Incoming incoming =
                    receiver.receive("/queues/between", Settle.ACCEPTED).orElseThrow();

            assertThat(incoming.body()).isEqualTo("from " + from + ": ünïcödé €");
            assertThat(incoming.subject()).isEqualTo("greeting");
            assertThat(incoming.priority()).isEqualTo(7);
        }
    }
}
