package io.turnstone.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.amqp.message.AmqpFormat;
import io.turnstone.amqp.message.Messages;
import io.turnstone.api.Body;
import java.util.Arrays;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Disposition;
import org.apache.qpid.proton.amqp.transport.Flow;
import org.apache.qpid.proton.amqp.transport.ReceiverSettleMode;
import org.apache.qpid.proton.amqp.transport.Role;
import org.apache.qpid.proton.amqp.transport.SenderSettleMode;
import org.apache.qpid.proton.amqp.transport.Transfer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A transfer")
class TransferRulesTest {

    private static Transfer first(int id) {
        Transfer first = ScriptedPeer.transfer(id, false);
        first.setMore(true);
        return first;
    }

    /** The last transfer of delivery 0, which says nothing about it but its handle. */
    private static Transfer last() {
        var last = new Transfer();
        last.setHandle(UnsignedInteger.ZERO);
        return last;
    }

    private static void accepted(ScriptedPeer peer, int id) {
        Disposition answer = peer.expect(Disposition.class);
        assertThat(answer.getFirst()).isEqualTo(UnsignedInteger.valueOf(id));
        assertThat(answer.getState()).isInstanceOf(Accepted.class);
    }

    @Test
    @Spec(section = "2.6.14", says = "continuations may leave out delivery-id, tag and format, or repeat them")
    void mayRepeatWhatTheFirstOneSaid() {
        var peer = new ScriptedPeer().sending("q");
        byte[] message = peer.message("in two");
        byte[] head = Arrays.copyOf(message, 5);
        byte[] rest = Arrays.copyOfRange(message, 5, message.length);

        peer.send(0, first(0), head);
        peer.send(0, ScriptedPeer.transfer(0, false), rest);
        accepted(peer, 0);
        peer.send(0, first(1), head);
        peer.send(0, last(), rest);
        accepted(peer, 1);

        assertThat(peer.router.queue("q").entries).hasSize(2);
    }

    @Test
    @Spec(section = "2.6.14", says = "a continuation of another delivery is an error")
    void mayNotSpeakOfAnotherDelivery() {
        Transfer id = last();
        id.setDeliveryId(UnsignedInteger.ONE);
        Transfer tag = last();
        tag.setDeliveryTag(new Binary(new byte[] {9}));
        Transfer format = last();
        format.setMessageFormat(UnsignedInteger.ONE);

        for (Transfer wrong : new Transfer[] {id, tag, format}) {
            var peer = new ScriptedPeer().sending("q");
            peer.send(0, first(0), (byte) 0);
            peer.send(0, wrong, (byte) 0);
            peer.expectDetached("amqp:not-allowed");
        }
    }

    @Test
    @Spec(section = "2.7.5", says = "an unknown message-format is not implemented")
    @Spec(section = "2.8.15", says = "not-implemented: the broker does not do that")
    void ofAnUnknownFormatIsNotTaken() {
        var peer = new ScriptedPeer().sending("q");
        Transfer transfer = ScriptedPeer.transfer(0, false);
        transfer.setMessageFormat(UnsignedInteger.valueOf(0x8001_3700));

        peer.send(0, transfer, peer.message("m"));

        peer.expectDetached("amqp:not-implemented");
        assertThat(peer.router.queues).isEmpty();
    }

    @Test
    @Spec(section = "2.7.5", says = "a sender may ask for rcv-settle-mode first on any link")
    void mayAskForReceiverSettleModeFirst() {
        var peer = new ScriptedPeer().begun();
        Attach attach = peer.attach("out", 0, Role.SENDER, "q");
        attach.setRcvSettleMode(ReceiverSettleMode.SECOND);
        peer.send(0, attach);
        peer.expect(Attach.class);
        peer.expect(Flow.class);
        Transfer transfer = ScriptedPeer.transfer(0, false);
        transfer.setRcvSettleMode(ReceiverSettleMode.FIRST);

        peer.send(0, transfer, peer.message("m"));

        Disposition answer = peer.expect(Disposition.class);
        assertThat(answer.getSettled()).isTrue();
        assertThat(answer.getState()).isInstanceOf(Accepted.class);
    }

    @Test
    @Spec(section = "2.7.3", says = "a delivery is settled or not as its transfer says, whatever the mode of the link")
    void isTakenAtItsWordWhateverTheModeOfTheLink() {
        for (SenderSettleMode mode : SenderSettleMode.values()) {
            var peer = new ScriptedPeer().begun();
            Attach attach = peer.attach("out", 0, Role.SENDER, "q");
            attach.setSndSettleMode(mode);
            peer.send(0, attach);
            assertThat(peer.expect(Attach.class).getSndSettleMode()).isEqualTo(mode);
            peer.expect(Flow.class);

            peer.send(0, ScriptedPeer.transfer(0, true), peer.message("settled"));
            peer.send(0, ScriptedPeer.transfer(1, false), peer.message("unsettled"));

            accepted(peer, 1);
            peer.expectNothing();
            assertThat(peer.router.queue("q").entries).hasSize(2);
        }
    }

    @Test
    @Spec(section = "2.6.14", says = "messages of different links may be interleaved")
    @Spec(section = "2.6.14", says = "messages of one link are not interleaved")
    void sharesTheConnectionWithThoseOfOtherLinks() {
        var peer = new ScriptedPeer().begun();
        peer.send(0, peer.attach("a", 0, Role.RECEIVER, "a"));
        peer.send(0, peer.attach("b", 1, Role.RECEIVER, "b"));
        peer.loop.within(() -> {
            for (String queue : new String[] {"a", "b", "a", "b"}) {
                peer.router.queue(queue).add(AmqpFormat.INSTANCE.read(Body.Inline.of(Messages.data(400_000))));
            }
        });
        for (int handle = 0; handle < 2; handle++) {
            Flow credit = peer.flow(0, 2);
            credit.setHandle(UnsignedInteger.valueOf(handle));
            credit.setIncomingWindow(UnsignedInteger.valueOf(handle * 1000));
            peer.send(0, credit);
        }

        var begun = new boolean[2];
        int deliveries = 0;
        int interleaved = 0;
        while (peer.hasNext()) {
            if (peer.next().body() instanceof Transfer transfer) {
                int handle = transfer.getHandle().intValue();
                assertThat(transfer.getDeliveryId() != null)
                        .as("only the first of a delivery has an id")
                        .isEqualTo(!begun[handle]);
                deliveries += begun[handle] ? 0 : 1;
                begun[handle] = transfer.getMore();
                interleaved += begun[0] && begun[1] ? 1 : 0;
            }
        }
        assertThat(deliveries).isEqualTo(4);
        assertThat(interleaved).isPositive();
    }
}
