package io.turnstone.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.transport.Flow;
import org.apache.qpid.proton.amqp.transport.Transfer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The credit of a consumer")
class OutgoingCreditTest {

    private final ScriptedPeer peer = new ScriptedPeer().receiving("q");

    @Test
    void staysWhatItIsWhenThePeerCountsAheadAndGivesAllThereIs() {
        Flow flow = peer.flow(1, -1);
        flow.setEcho(true);
        peer.send(0, flow);

        assertThat(peer.expect(Flow.class).getLinkCredit()).isEqualTo(UnsignedInteger.valueOf(Integer.MAX_VALUE));
        peer.stored("q", 1);
        peer.expect(Transfer.class);
        peer.send(0, ScriptedPeer.disposition(0, 0, true, Accepted.getInstance()));
        peer.expectNothing();
    }
}
