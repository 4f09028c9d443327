package io.turnstone.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.turnstone.it.client.QpidJmsClient;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.transport.Close;
import org.apache.qpid.proton.amqp.transport.Open;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@DisplayName("An idle connection")
@Timeout(60)
class IdleConnectionsIT {

    @RegisterExtension
    static final BrokerFixture broker = BrokerFixture.with("limits: { idle-timeout: 2s }");

    @Test
    void thatSaysNothingIsClosedAndToldWhy() throws Exception {
        try (RawPeer peer = RawPeer.opened(broker.port())) {
            Close close = peer.await(Close.class);

            assertThat(close.getError().getCondition().toString()).isEqualTo("amqp:resource-limit-exceeded");
            peer.awaitEnd();
        }
    }

    @Test
    void isToldTheTimeoutItIsHeldTo() throws Exception {
        try (var peer = new RawPeer(broker.port())) {
            peer.login();
            var open = new Open();
            open.setContainerId("raw");
            peer.send(open);

            assertThat(peer.await(Open.class).getIdleTimeOut())
                    .isBetween(UnsignedInteger.valueOf(100), UnsignedInteger.valueOf(2000));
        }
    }

    @Test
    void isKeptOpenByHeartbeatsBothWays() throws Exception {
        var failure = new AtomicReference<Exception>();
        try (var connection = QpidJmsClient.open(broker.uri() + "?amqp.idleTimeout=2400", "guest", "guest")) {
            connection.setExceptionListener(failure::set);

            await().during(Duration.ofSeconds(5)).atMost(Duration.ofSeconds(8)).until(() -> failure.get() == null);

            connection.createSession().close();
        }
    }
}
