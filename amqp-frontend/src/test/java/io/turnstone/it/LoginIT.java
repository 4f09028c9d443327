package io.turnstone.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.turnstone.it.client.ClientFailure;
import io.turnstone.it.client.ClientKind;
import io.turnstone.it.client.Outgoing;
import io.turnstone.it.client.Protonj2Client;
import io.turnstone.it.client.TestClient;
import org.apache.qpid.protonj2.client.ConnectionOptions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@DisplayName("A login")
@Timeout(60)
class LoginIT {

    @RegisterExtension
    static final BrokerFixture closed = BrokerFixture.with("""
            anonymous: never
            users:
              alice: { password: "%s" }
            queues: { q: {} }
            """.formatted(BrokerFixture.verifier("wonderland")));

    @RegisterExtension
    static final BrokerFixture open = BrokerFixture.with("queues: { q: {} }");

    @ParameterizedTest(name = "{0}")
    @EnumSource
    void withTheRightPasswordSucceeds(ClientKind kind) {
        try (TestClient alice = kind.connect(closed.port(), "alice", "wonderland")) {
            assertThat(alice.send(Outgoing.to("/queues/q", "hello")).outcome()).isEqualTo("accepted");
        }
    }

    @ParameterizedTest(name = "{0}")
    @EnumSource
    void withAWrongPasswordFails(ClientKind kind) {
        kind.assumeInstalled();

        assertThatThrownBy(() ->
                        kind.connect(closed.port(), "alice", "looking glass").close())
                .isInstanceOf(ClientFailure.class);
    }

    @Test
    void ofAnUnknownUserFails() {
        assertThatThrownBy(() -> ClientKind.PROTONJ2.connect(closed.port(), "bob", "wonderland"))
                .isInstanceOf(ClientFailure.class)
                .hasMessageContaining("SASL");
    }

    @Test
    void asGuestIsForBrokersWithoutUsers() {
        assertThatThrownBy(() -> ClientKind.PROTONJ2.connect(closed.port())).isInstanceOf(ClientFailure.class);
    }

    @Test
    void isNotAskedOfLoopbackByDefault() {
        try (var connection = Protonj2Client.open(open.port(), new ConnectionOptions())) {
            assertThat(connection).isNotNull();
        }
    }

    @Test
    void isAskedOfEverybodyWhenAnonymousIsNever() {
        assertThatThrownBy(() -> Protonj2Client.open(closed.port(), new ConnectionOptions()))
                .isInstanceOf(ClientFailure.class);
    }
}
