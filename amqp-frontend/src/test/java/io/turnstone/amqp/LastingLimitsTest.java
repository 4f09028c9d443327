package io.turnstone.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.api.FakeLoop;
import java.util.Map;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.messaging.TerminusExpiryPolicy;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Role;
import org.apache.qpid.proton.amqp.transport.Transfer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("What links may hold that outlive their connections")
class LastingLimitsTest {

    private static final int SECONDS = 30;

    private final FakeLoop loop = new FakeLoop();
    private final MemoryHost host = new MemoryHost(new MemoryRouter());
    private final AmqpProtocol protocol =
            new AmqpProtocol(ScriptedPeer.SETTINGS.withLasting(new LastingLimits(1, 10, 2, 1 << 20)));

    private ScriptedPeer peer() {
        return new ScriptedPeer(protocol, host, loop).begun();
    }

    private static void attach(ScriptedPeer peer, String name, int handle) {
        Attach attach = peer.attach(name, handle, Role.RECEIVER, "q");
        attach.setUnsettled(Map.of());
        var source = (Source) attach.getSource();
        source.setExpiryPolicy(TerminusExpiryPolicy.CONNECTION_CLOSE);
        source.setTimeout(UnsignedInteger.valueOf(SECONDS));
        peer.send(0, attach);
        peer.expect(Attach.class);
    }

    /** A peer that received so many messages and has settled none. */
    private ScriptedPeer holding(int messages) {
        ScriptedPeer peer = peer();
        host.router.queue("q").returnsReleased = true;
        peer.stored("q", messages);
        attach(peer, "link", 0);
        peer.send(0, peer.flow(0, messages));
        for (int i = 0; i < messages; i++) {
            peer.expect(Transfer.class);
        }
        return peer;
    }

    @Test
    void isCountedWhileTheyAreSuspended() {
        ScriptedPeer peer = holding(1);
        assertThat(protocol.suspendedLinks()).isZero();

        peer.lost();
        assertThat(protocol.suspendedLinks()).isEqualTo(1);

        ScriptedPeer again = peer();
        attach(again, "link", 0);
        assertThat(protocol.suspendedLinks()).isZero();
    }

    @Test
    void isCountedUntilTheirTimeIsUp() {
        holding(1).lost();
        assertThat(protocol.suspendedLinks()).isEqualTo(1);

        loop.advance(SECONDS * 1_000L);

        assertThat(protocol.suspendedLinks()).isZero();
    }

    @Test
    void returnsToTheQueueBeyondTheDeliveriesOfALink() {
        ScriptedPeer peer = holding(5);

        peer.lost();

        assertThat(host.router.queue("q").entries).hasSize(3);
    }

    @Test
    void isRefusedToOneLinkMoreOfAContainer() {
        ScriptedPeer peer = peer();
        attach(peer, "link", 0);

        attach(peer, "another", 1);

        peer.expectDetached("amqp:resource-limit-exceeded");
    }
}
