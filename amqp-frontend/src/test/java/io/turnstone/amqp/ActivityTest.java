package io.turnstone.amqp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.Map;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.transport.Flow;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A consumer of a queue that serves one at a time")
class ActivityTest {

    private final ScriptedPeer peer = new ScriptedPeer().receiving("q");

    private void active(boolean now) {
        MemoryConsumer consumer = peer.router.consumers.get(0);
        peer.loop.within(() -> consumer.listener.active(now));
        peer.loop.settle();
    }

    private void hears(Object active) {
        assertEquals(
                Map.of(Symbol.valueOf("rabbitmq:active"), active),
                peer.expect(Flow.class).getProperties());
    }

    @Test
    void hearsWhetherItIsTheOneAfterItGaveCreditAndOnEveryChange() {
        active(false);
        peer.expectNothing();

        peer.send(0, peer.flow(0, 10));
        hears(false);

        active(true);
        hears(true);
        active(false);
        hears(false);
        Flow echo = peer.flow(0, 10);
        echo.setEcho(true);
        peer.send(0, echo);
        assertNull(peer.expect(Flow.class).getProperties(), "told once");
    }
}
