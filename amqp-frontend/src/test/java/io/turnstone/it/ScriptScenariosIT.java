package io.turnstone.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.turnstone.it.client.ClientFailure;
import io.turnstone.it.client.ClientKind;
import io.turnstone.it.client.Outgoing;
import io.turnstone.it.client.ScriptClient;
import io.turnstone.it.client.TestClient;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@DisplayName("A client in another language")
@Timeout(60)
class ScriptScenariosIT {

    @RegisterExtension
    static final BrokerFixture broker = BrokerFixture.with("queues: { in: {}, out: {}, log: {}, stays: {} }");

    private static Map<String, Object> how(boolean reconnect) {
        return Map.of("port", broker.port(), "user", "guest", "password", "guest", "reconnect", reconnect);
    }

    private static Map<String, Object> transact(ScriptClient client, boolean commit) {
        return client.ask(Map.of(
                "op",
                "transact",
                "sources",
                List.of("in"),
                "targets",
                List.of("out", "log"),
                "body",
                "done",
                "commit",
                commit));
    }

    @Test
    void takesAndSendsInOneTransactionWithQpidProton() {
        try (ScriptClient proton = ScriptClient.proton(how(false))) {
            proton.send(Outgoing.to("in", "work"));

            assertThat(transact(proton, true))
                    .containsEntry("declared", "declared")
                    .containsEntry("outcome", "committed")
                    .containsEntry("taken", List.of("work"));

            broker.awaitMessages("in", 0);
            broker.awaitMessages("out", 1);
            broker.awaitMessages("log", 1);
        }
    }

    @Test
    void abortsATransactionWithQpidProton() {
        try (ScriptClient proton = ScriptClient.proton(how(false))) {
            proton.send(Outgoing.to("in", "work"));

            assertThat(transact(proton, false)).containsEntry("outcome", "aborted");

            broker.awaitReady("in", 1);
            assertThat(broker.messages("out") + broker.messages("log")).isZero();
            assertThat(transact(proton, true))
                    .as("the next one on the same link")
                    .containsEntry("outcome", "committed")
                    .containsEntry("taken", List.of("work"));
        }
    }

    @Test
    void goesOnAfterTheBrokerRestartsWithRhea() {
        try (ScriptClient rhea = ScriptClient.rhea(how(true))) {
            rhea.ask(Map.of("op", "stay", "address", "stays"));
            assertThat(rhea.ask(Map.of("op", "say", "body", "before", "reconnections", 0)))
                    .containsEntry("heard", List.of("before"));

            broker.restart();

            assertThat(rhea.ask(Map.of("op", "say", "body", "after", "reconnections", 1)))
                    .containsEntry("heard", List.of("before", "after"));
        }
    }

    @ParameterizedTest(name = "{0}")
    @EnumSource(names = {"RHEA", "PYTHON"})
    void isToldWhereItsSelectorIsWrong(ClientKind kind) {
        try (TestClient client = broker.connect(kind)) {
            assertThatThrownBy(() -> client.receiveWhere("in", "n = = 2"))
                    .isInstanceOf(ClientFailure.class)
                    .hasMessageContaining("line 1, column 5");
        }
    }
}
