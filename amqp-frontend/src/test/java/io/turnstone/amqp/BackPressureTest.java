package io.turnstone.amqp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.turnstone.amqp.message.AmqpFormat;
import io.turnstone.amqp.message.Messages;
import io.turnstone.api.Body;
import io.turnstone.api.Condition;
import io.turnstone.api.Refusal;
import java.util.Arrays;
import java.util.Map;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.Rejected;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Detach;
import org.apache.qpid.proton.amqp.transport.Disposition;
import org.apache.qpid.proton.amqp.transport.Flow;
import org.apache.qpid.proton.amqp.transport.Open;
import org.apache.qpid.proton.amqp.transport.Role;
import org.apache.qpid.proton.amqp.transport.Transfer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A publishing peer under pressure")
class BackPressureTest {

    private static final UnsignedInteger ZERO = UnsignedInteger.ZERO;

    @Test
    @Spec(section = "2.5.6", says = "the incoming window is the receiver's to close")
    void losesItsWindowWhenNoLinkMayPublish() {
        var peer = new ScriptedPeer().sending("q");
        peer.send(0, peer.attach("other", 1, Role.SENDER, "q"));
        peer.forgetAll();

        open(peer, 0, false);
        Flow first = peer.expect(Flow.class);
        assertEquals(ZERO, first.getLinkCredit());
        assertFalse(first.getIncomingWindow().equals(ZERO), "the other link may still publish");
        open(peer, 1, false);
        Flow second = peer.expect(Flow.class);
        assertEquals(ZERO, second.getLinkCredit());
        assertEquals(ZERO, second.getIncomingWindow());
        peer.expectNothing();

        open(peer, 0, true);
        assertEquals(UnsignedInteger.valueOf(4096), peer.expect(Flow.class).getIncomingWindow());
        peer.expectNothing();
    }

    @Test
    void keepsItsWindowClosedWhateverComes() {
        var peer = new ScriptedPeer(ScriptedPeer.SETTINGS.withWindows(10, 100, 1000, 1024 * 1024)).sending("q");
        open(peer, 0, false);
        peer.forgetAll();

        for (int i = 0; i < 10; i++) {
            peer.send(0, ScriptedPeer.transfer(i, true), peer.message("under way"));
        }
        peer.expectNothing();
        peer.send(0, ScriptedPeer.transfer(10, true), peer.message("too much"));

        peer.expectEnded("amqp:session:window-violation");
    }

    private static void open(ScriptedPeer peer, int publisher, boolean open) {
        peer.loop.within(() -> peer.router.publishers.get(publisher).open(open));
        peer.loop.settle();
    }

    @Test
    void hasLessCreditForLargeMessages() {
        var peer = new ScriptedPeer().sending("q");
        byte[] large = Messages.data(120_000);
        int told = 128;

        for (int i = 0; i < 100; i++) {
            peer.send(0, ScriptedPeer.transfer(i, true), large);
        }
        while (peer.hasNext()) {
            told = peer.expect(Flow.class).getLinkCredit().intValue();
        }

        assertTrue(told <= 70, told + " messages of 120,000 bytes");
    }

    @Test
    void getsAllTheCreditForSmallMessages() {
        var peer = new ScriptedPeer().begun();
        peer.send(0, peer.attach("out", 0, Role.SENDER, "q"));
        peer.expect(Attach.class);
        assertEquals(UnsignedInteger.valueOf(128), peer.expect(Flow.class).getLinkCredit());

        for (int i = 0; i < 64; i++) {
            peer.expectNothing();
            peer.send(0, ScriptedPeer.transfer(i, true), peer.message("small"));
        }

        assertEquals(UnsignedInteger.valueOf(1000), peer.expect(Flow.class).getLinkCredit());
    }

    @Test
    void mayNotSendAMessageInEmptyTransfersForEver() {
        var peer = new ScriptedPeer(ScriptedPeer.SETTINGS.withMaxMessageBytes(200_000)).sending("q");
        peer.send(0, more(ScriptedPeer.transfer(0, false)));

        for (int i = 0; i < 4110; i++) {
            peer.send(0, more(continuation()));
        }
        peer.forgetAll();
        for (int i = 0; i < 1000 && !peer.hasNext(); i++) {
            peer.send(0, more(continuation()));
        }

        peer.expectDetached("amqp:resource-limit-exceeded");
    }

    @Test
    @Spec(section = "2.6.14", says = "a message may take several transfers")
    void mayCutAMessageAsItLikes() {
        var peer = new ScriptedPeer().sending("q");
        byte[] message = Messages.data(200_000);
        for (int i = 0; i < message.length; i++) {
            message[i] = i < 8 ? message[i] : (byte) i;
        }
        int[] cuts = {0, 1, 1, 2, 40, 41, 1000, 1003, 70_000, 70_001, 150_000};

        for (int i = 0; i < cuts.length; i++) {
            int end = i + 1 < cuts.length ? cuts[i + 1] : message.length;
            Transfer transfer = i == 0 ? ScriptedPeer.transfer(0, false) : continuation();
            transfer.setMore(end < message.length);
            peer.send(0, transfer, Arrays.copyOfRange(message, cuts[i], end));
        }

        assertInstanceOf(Accepted.class, peer.expect(Disposition.class).getState());
        var body =
                (Body.Inline) peer.router.queue("q").entries.remove().message().body();
        assertArrayEquals(message, body.array());
    }

    private static Transfer more(Transfer transfer) {
        transfer.setMore(true);
        return transfer;
    }

    private static Transfer continuation() {
        var transfer = new Transfer();
        transfer.setHandle(ZERO);
        return transfer;
    }

    private static ScriptedPeer withSmallFrames() {
        var peer = new ScriptedPeer().headers();
        Open open = peer.open("peer");
        open.setMaxFrameSize(UnsignedInteger.valueOf(512));
        peer.send(0, open);
        peer.send(0, peer.begin());
        peer.send(0, peer.attach("out", 0, Role.SENDER, "q"));
        peer.forgetAll();
        return peer;
    }

    private static final Refusal LENGTHY = new Refusal(
            Condition.LIMIT_EXCEEDED, "queue '" + "\u20ac".repeat(900) + "' is full", Map.of("queue", "q".repeat(900)));

    @Test
    @Spec(section = "2.4.1", says = "no frame is larger than the peer's max-frame-size")
    void hearsOfARejectionInFramesItCanTake() {
        var peer = withSmallFrames();

        peer.router.refusal = LENGTHY;
        peer.send(0, ScriptedPeer.transfer(0, false), peer.message("m"));

        var rejected =
                assertInstanceOf(Rejected.class, peer.expect(Disposition.class).getState());
        assertEquals(
                Symbol.valueOf("amqp:resource-limit-exceeded"),
                rejected.getError().getCondition());
        assertTrue(rejected.getError().getDescription().startsWith("queue '"));
    }

    @Test
    void hearsOfTheEndOfItsLinkInFramesItCanTake() {
        var peer = withSmallFrames();

        peer.loop.within(() -> peer.router.publishers.get(0).listener.closed(LENGTHY));

        Detach detach = peer.expect(Detach.class);
        assertTrue(detach.getError().getDescription().startsWith("queue '"));
    }

    @Test
    void isToldWhenTheBrokerFailsInACallbackOfTheCore() {
        var peer = new ScriptedPeer().receiving("q");
        peer.send(0, peer.flow(0, 10));

        peer.loop.within(() -> peer.router.queue("q").add(new Broken()));
        peer.loop.settle();

        peer.expectClosed("amqp:internal-error");
    }

    /** A message that cannot be encoded. */
    private static final class Broken implements io.turnstone.api.Message {
        @Override
        public io.turnstone.api.MessageFormat format() {
            return AmqpFormat.INSTANCE;
        }

        @Override
        public Body body() {
            return Body.Inline.of(new byte[0]);
        }

        @Override
        public boolean durable() {
            return false;
        }

        @Override
        public int priority() {
            return 4;
        }

        @Override
        public long ttlMs() {
            return NONE;
        }

        @Override
        public long expiresAtMs() {
            return NONE;
        }

        @Override
        public int priorDeliveries() {
            return 0;
        }

        @Override
        public String subject() {
            return null;
        }

        @Override
        public String to() {
            return null;
        }

        @Override
        public Object property(String name) {
            return null;
        }
    }
}
