package io.turnstone.amqp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.turnstone.amqp.codec.FlowFrame;
import io.turnstone.amqp.codec.PerformativeCodec;
import io.turnstone.amqp.error.SessionError;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.transport.Flow;
import org.apache.qpid.proton.amqp.transport.Transfer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("Beyond 2^32-1 goes on at 0")
class SerialNumbersTest {

    @Test
    @Spec(section = "2.5.6", says = "our own transfer-ids wrap, and the peer's window with them")
    void theIdOfATransfer() {
        var windows = new SessionWindows(100, 0, 0xffff_ffffL);
        windows.sent(Integer.MAX_VALUE);
        windows.sent(Integer.MAX_VALUE);
        windows.flow(told(-2, 10));
        windows.sent(5);

        assertThat(windows.nextOutgoingId()).isEqualTo(3);
        assertThat(windows.sendable()).isEqualTo(5);
        windows.flow(told(0, 10));
        assertThat(windows.sendable()).as("three of ten are on the way").isEqualTo(7);
        assertThatExceptionOfType(SessionError.class)
                .isThrownBy(() -> windows.flow(told(4, 10)))
                .withMessageContaining("next-incoming-id 4 is ahead of the last transfer sent, 2");
    }

    private static FlowFrame told(int nextIncomingId, int window) {
        var flow = new FlowFrame(new PerformativeCodec());
        flow.hasNextIncomingId = true;
        flow.nextIncomingId = nextIncomingId;
        flow.incomingWindow = window;
        return flow;
    }

    @Test
    @Spec(section = "2.6.7", says = "our own delivery-count wraps")
    void aDeliveryCount() {
        var peer = new ScriptedPeer().receiving("q");
        drained(peer, 0, Integer.MAX_VALUE, Integer.MAX_VALUE);
        drained(peer, Integer.MAX_VALUE, Integer.MAX_VALUE, -2);
        peer.stored("q", 4);

        peer.send(0, peer.flow(-2, 3));
        peer.expect(Transfer.class);
        peer.expect(Transfer.class);
        peer.expect(Transfer.class);
        peer.expectNothing();
        // It has seen two of them, so one of the five is used already.
        Flow more = peer.flow(0, 5);
        more.setDrain(true);
        peer.send(0, more);

        peer.expect(Transfer.class);
        assertThat(peer.expect(Flow.class).getDeliveryCount()).isEqualTo(UnsignedInteger.valueOf(5));
        peer.expectNothing();
    }

    private static void drained(ScriptedPeer peer, int count, int credit, int countThen) {
        Flow drain = peer.flow(count, credit);
        drain.setDrain(true);
        peer.send(0, drain);
        assertThat(peer.expect(Flow.class).getDeliveryCount()).isEqualTo(UnsignedInteger.valueOf(countThen));
    }
}
