package io.turnstone.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.turnstone.api.ConnectionStatus;
import io.turnstone.broker.security.ScramHash;
import io.turnstone.broker.security.ScramVerifier;
import io.turnstone.it.client.ClientFailure;
import io.turnstone.it.client.ClientKind;
import io.turnstone.it.client.Outgoing;
import io.turnstone.it.client.Protonj2Client;
import io.turnstone.it.client.QpidJmsClient;
import io.turnstone.it.client.TestClient;
import jakarta.jms.JMSException;
import org.apache.qpid.protonj2.client.ConnectionOptions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("SCRAM")
@Timeout(60)
class ScramIT {

    @RegisterExtension
    static final BrokerFixture both =
            BrokerFixture.with("""
            anonymous: never
            sasl: [SCRAM-SHA-256, SCRAM-SHA-512]
            users:
              alice: { password: ["%s", "%s"] }
            queues: { q: {} }
            """.formatted(verifier(ScramHash.SHA_256), verifier(ScramHash.SHA_512)));

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"SCRAM-SHA-256", "SCRAM-SHA-512"})
    void letsQpidJmsIn(String mechanism) throws Exception {
        try (var alice = QpidJmsClient.open(both.uri() + "?amqp.saslMechanisms=" + mechanism, "alice", "wonderland")) {
            assertThat(alice.getMetaData()).isNotNull();
            assertThat(both.view().connections())
                    .extracting((ConnectionStatus connection) ->
                            connection.peer().identity().mechanism())
                    .contains(mechanism);
        }
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"SCRAM-SHA-256", "SCRAM-SHA-512"})
    void refusesQpidJmsWithAWrongPassword(String mechanism) {
        assertThatThrownBy(() -> QpidJmsClient.open(
                                both.uri() + "?amqp.saslMechanisms=" + mechanism, "alice", "looking glass")
                        .close())
                .isInstanceOf(JMSException.class)
                .hasMessageContaining("SASL");
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"SCRAM-SHA-256", "SCRAM-SHA-512"})
    void letsProtonj2In(String mechanism) throws Exception {
        var options = new ConnectionOptions().user("alice").password("wonderland");
        options.saslOptions().addAllowedMechanism(mechanism);
        try (var connection = Protonj2Client.open(both.port(), options)) {
            assertThat(connection.openFuture().get()).isNotNull();
        }
    }

    /** What a client chooses by itself. */
    @ParameterizedTest(name = "{0}")
    @EnumSource(names = {"QPID_JMS", "PROTONJ2"})
    void isChosenByClientsThatKnowIt(ClientKind kind) {
        try (TestClient alice = kind.connect(both.port(), "alice", "wonderland")) {
            assertThat(alice.send(Outgoing.to("/queues/q", "hello")).outcome()).isEqualTo("accepted");
        }
        assertThatThrownBy(() -> kind.connect(both.port(), "bob", "wonderland").close())
                .isInstanceOf(ClientFailure.class);
    }

    private static String verifier(ScramHash hash) {
        return ScramVerifier.of(hash, "wonderland".toCharArray(), ScramVerifier.MIN_ITERATIONS)
                .written();
    }
}
