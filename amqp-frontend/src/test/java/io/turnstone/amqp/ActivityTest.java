package io.turnstone.amqp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedInteger;
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

    @Test
    @Spec(section = "2.6.7", says = "drain uses up the credit and tells it in a flow")
    void isNotToldThatItDrainedBeforeItDid() {
        MemoryConsumer consumer = peer.router.consumers.get(0);
        consumer.holdDrains = true;
        active(true);
        Flow drain = peer.flow(0, 10);
        drain.setDrain(true);
        peer.send(0, drain);

        Flow told = peer.expect(Flow.class);
        assertFalse(told.getDrain());
        assertEquals(UnsignedInteger.valueOf(10), told.getLinkCredit());
        active(false);
        assertFalse(peer.expect(Flow.class).getDrain());

        peer.loop.within(consumer::drained);
        Flow drained = peer.expect(Flow.class);
        assertTrue(drained.getDrain());
        assertEquals(UnsignedInteger.ZERO, drained.getLinkCredit());
    }
}
