package io.turnstone.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.turnstone.amqp.Spec;
import io.turnstone.it.client.ClientKind;
import io.turnstone.it.client.Incoming;
import io.turnstone.it.client.Outgoing;
import io.turnstone.it.client.Protonj2Client;
import io.turnstone.it.client.Settle;
import io.turnstone.it.client.TestClient;
import java.util.Arrays;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.Data;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Disposition;
import org.apache.qpid.proton.amqp.transport.Flow;
import org.apache.qpid.proton.amqp.transport.ReceiverSettleMode;
import org.apache.qpid.proton.amqp.transport.Role;
import org.apache.qpid.proton.amqp.transport.Transfer;
import org.apache.qpid.proton.message.Message;
import org.apache.qpid.protonj2.client.DeliveryMode;
import org.apache.qpid.protonj2.client.Receiver;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@DisplayName("Settlement")
@Timeout(60)
class SettleModesIT {

    @RegisterExtension
    static final BrokerFixture broker = BrokerFixture.with("queues: { q: {} }");

    @ParameterizedTest(name = "{0}")
    @EnumSource(names = {"PROTONJ2", "RHEA", "PYTHON"}) // the others always wait for an outcome
    void beforeSendingNeedsNoOutcome(ClientKind kind) {
        try (TestClient client = broker.connect(kind)) {
            assertThat(client.send(Outgoing.to("q", "fire and forget").preSettled())
                            .outcome())
                    .isEqualTo("settled");

            assertThat(client.receive("q", Settle.ACCEPTED)).map(Incoming::body).contains("fire and forget");
        }
    }

    @Test
    void beforeDeliveryEmptiesTheQueueAtOnce() throws Exception {
        try (Protonj2Client client = broker.protonj2();
                Receiver receiver = client.connection()
                        .openReceiver("q", Protonj2Client.manual().deliveryMode(DeliveryMode.AT_MOST_ONCE))) {
            client.send(Outgoing.to("q", "at most once"));
            receiver.addCredit(1);

            assertThat(receiver.receive(10, SECONDS).remoteSettled()).isTrue();

            broker.awaitMessages("q", 0);
        }
    }

    @Test
    @Spec(section = "3.3", says = "a message that is acquired is nobody else's")
    void byNobodyKeepsTheMessageForOthers() throws Exception {
        try (Protonj2Client client = broker.protonj2()) {
            client.send(Outgoing.to("q", "held"));
            Receiver receiver = client.connection().openReceiver("q", Protonj2Client.manual());
            receiver.addCredit(1);
            assertThat(receiver.receive(10, SECONDS)).isNotNull();
            broker.awaitMessages("q", 1);
            assertThat(client.receiveNoWait("q")).isEmpty();

            receiver.close();

            assertThat(client.receive("q", Settle.ACCEPTED)).map(Incoming::body).contains("held");
        }
    }

    @Test
    void bySenderSecondComesAfterTheReceiversOutcome() throws Exception {
        try (RawPeer peer = RawPeer.opened(broker.port());
                TestClient client = broker.connect(ClientKind.PROTONJ2)) {
            client.send(Outgoing.to("q", "exactly once"));
            Attach attach = RawPeer.attach("second", 0, Role.RECEIVER, "q");
            attach.setRcvSettleMode(ReceiverSettleMode.SECOND);
            peer.send(attach);
            assertThat(peer.await(Attach.class).getRcvSettleMode()).isEqualTo(ReceiverSettleMode.SECOND);
            peer.send(RawPeer.credit(0, 1));
            Transfer transfer = peer.await(Transfer.class);

            peer.send(accepted(transfer, false));

            Disposition settled = peer.await(Disposition.class);
            assertThat(settled.getRole()).isEqualTo(Role.SENDER);
            assertThat(settled.getFirst()).isEqualTo(transfer.getDeliveryId());
            assertThat(settled.getSettled()).isTrue();
            assertThat(settled.getState()).isInstanceOf(Accepted.class);
            broker.awaitMessages("q", 0);
        }
    }

    @Test
    void mayBeMixedTransferByTransfer() throws Exception {
        try (RawPeer peer = RawPeer.opened(broker.port())) {
            peer.send(RawPeer.attach("mixed", 0, Role.SENDER, "q"));
            peer.await(Attach.class);
            peer.await(Flow.class);

            peer.send(RawPeer.transfer(0, true), body("settled"));
            peer.send(RawPeer.transfer(1, false), body("unsettled"));

            Disposition accepted = peer.await(Disposition.class);
            assertThat(accepted.getFirst()).isEqualTo(UnsignedInteger.ONE);
            assertThat(accepted.getSettled()).isTrue();
            assertThat(accepted.getState()).isInstanceOf(Accepted.class);
            await().atMost(10, SECONDS).until(() -> broker.messages("q") == 2);
        }
    }

    private static Disposition accepted(Transfer transfer, boolean settled) {
        var disposition = new Disposition();
        disposition.setRole(Role.RECEIVER);
        disposition.setFirst(transfer.getDeliveryId());
        disposition.setSettled(settled);
        disposition.setState(Accepted.getInstance());
        return disposition;
    }

    private static byte[] body(String text) {
        var message = Message.Factory.create();
        message.setBody(new Data(new Binary(text.getBytes(UTF_8))));
        var bytes = new byte[256];
        int length = message.encode(bytes, 0, bytes.length);
        return Arrays.copyOf(bytes, length);
    }
}
