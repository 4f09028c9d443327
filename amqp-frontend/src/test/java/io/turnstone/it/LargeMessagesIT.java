package io.turnstone.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.amqp.Spec;
import io.turnstone.it.client.ClientKind;
import io.turnstone.it.client.Incoming;
import io.turnstone.it.client.LongText;
import io.turnstone.it.client.Outgoing;
import io.turnstone.it.client.Settle;
import io.turnstone.it.client.TestClient;
import org.apache.qpid.proton.amqp.UnsignedLong;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Role;
import org.apache.qpid.proton.amqp.transport.Transfer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@DisplayName("A large message")
@Timeout(120)
class LargeMessagesIT {

    private static final int MIB = 1 << 20;

    @RegisterExtension
    static final BrokerFixture broker = BrokerFixture.with("""
            queues: { big: {}, two: {} }
            limits: { max-message: 16MiB }
            """);

    @ParameterizedTest(name = "{0}")
    @EnumSource
    void ofOneMebibyteArrivesWhole(ClientKind kind) {
        arrivesWhole(kind, MIB);
    }

    @ParameterizedTest(name = "{0}")
    @EnumSource
    void ofTenMebibytesArrivesWhole(ClientKind kind) {
        arrivesWhole(kind, 10 * MIB);
    }

    private static void arrivesWhole(ClientKind kind, int length) {
        String body = LongText.ofLength(length);
        try (TestClient client = broker.connect(kind)) {
            assertThat(client.send(Outgoing.to("/queues/big", body)).outcome()).isEqualTo("accepted");

            assertThat(client.receive("/queues/big", Settle.ACCEPTED))
                    .map(Incoming::body)
                    .contains(LongText.brief(body));
        }
    }

    @Test
    void beyondTheLimitEndsItsLinkAlone() {
        String body = LongText.ofLength(17 * MIB);
        try (TestClient client = broker.connect(ClientKind.PROTONJ2)) {
            var published = client.send(Outgoing.to("/queues/big", body));

            assertThat(published.outcome()).isEqualTo("refused");
            assertThat(published.condition()).isEqualTo("amqp:link:message-size-exceeded");
            assertThat(client.send(Outgoing.to("/queues/big", "small")).outcome())
                    .isEqualTo("accepted");
        }
    }

    @Test
    @Spec(section = "2.7.3", says = "nothing larger than the receiver's max-message-size is sent to it")
    void thatIsTooLargeForOneReceiverIsLeftToAnother() throws Exception {
        try (TestClient client = broker.connect(ClientKind.PROTONJ2);
                RawPeer peer = RawPeer.opened(broker.port())) {
            client.send(Outgoing.to("/queues/two", LongText.ofLength(2_000)));
            client.send(Outgoing.to("/queues/two", "small"));
            var attach = RawPeer.attach("modest", 0, Role.RECEIVER, "/queues/two");
            attach.setMaxMessageSize(UnsignedLong.valueOf(1_000));
            peer.send(attach);
            peer.await(Attach.class);

            peer.send(RawPeer.credit(0, 1));

            peer.await(Transfer.class);
            assertThat(peer.payload()).hasSizeLessThan(1_000);
            assertThat(client.receive("/queues/two", Settle.ACCEPTED))
                    .map(Incoming::body)
                    .contains(LongText.brief(LongText.ofLength(2_000)));
        }
    }
}
