package io.turnstone.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.amqp.message.AmqpFormat;
import io.turnstone.amqp.message.Messages;
import io.turnstone.api.FakeSpool;
import io.turnstone.api.Outcome;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.DeliveryAnnotations;
import org.apache.qpid.proton.amqp.messaging.Header;
import org.apache.qpid.proton.amqp.messaging.MessageAnnotations;
import org.apache.qpid.proton.amqp.transport.Detach;
import org.apache.qpid.proton.amqp.transport.Flow;
import org.apache.qpid.proton.amqp.transport.Open;
import org.apache.qpid.proton.amqp.transport.Role;
import org.apache.qpid.proton.amqp.transport.Transfer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A message in a file that is delivered")
class SpooledDeliveryTest {

    private static final int PIECE = 10_000;
    private static final int HEAD = 4_000;

    private final FakeSpool spool = new FakeSpool(PIECE);
    private final ScriptedPeer peer = new ScriptedPeer(ScriptedPeer.SETTINGS, spool);
    private final Map<Integer, ByteArrayOutputStream> received = new HashMap<>();
    private boolean last;

    /** A message that leaves as it came, since its header says what the broker would. */
    private byte[] large(int seed, int bytes) {
        var header = new Header();
        header.setFirstAcquirer(true);
        byte[] head = peer.section(header);
        var body = new byte[bytes];
        new Random(seed).nextBytes(body);
        return ByteBuffer.allocate(head.length + 8 + bytes)
                .put(head)
                .put(Messages.data(bytes), 0, 8)
                .put(body)
                .array();
    }

    /** Attaches receivers to as many queues, with frames of so many bytes. */
    private void receiving(int queues, int frameBytes) {
        peer.headers();
        Open open = peer.open("peer");
        open.setMaxFrameSize(UnsignedInteger.valueOf(frameBytes));
        peer.send(0, open);
        peer.send(0, peer.begin());
        for (int i = 0; i < queues; i++) {
            peer.send(0, peer.attach("in" + i, i, Role.RECEIVER, "q" + i));
        }
        peer.forgetAll();
    }

    private void grant(int handle, int credit, int nextIncomingId, int window) {
        Flow flow = peer.sessionFlow(nextIncomingId, window);
        flow.setHandle(UnsignedInteger.valueOf(handle));
        flow.setDeliveryCount(UnsignedInteger.ZERO);
        flow.setLinkCredit(UnsignedInteger.valueOf(credit));
        peer.send(0, flow);
    }

    private void put(String queue, byte[] message) {
        peer.loop.within(() -> peer.router.queue(queue).add(AmqpFormat.INSTANCE.read(spool.body(message, HEAD))));
        peer.loop.settle();
    }

    /** Takes the transfers that have come; how many. */
    private int take() {
        int frames = 0;
        while (peer.hasNext()) {
            ScriptedPeer.Frame frame = peer.next();
            var transfer = (Transfer) frame.body();
            received.computeIfAbsent(transfer.getHandle().intValue(), handle -> new ByteArrayOutputStream())
                    .writeBytes(frame.payload());
            last = !transfer.getMore();
            frames++;
        }
        return frames;
    }

    private byte[] received(int handle) {
        return received.get(handle).toByteArray();
    }

    @Test
    void leavesAsItIsRead() {
        for (int frame : new int[] {512, 3_000, PIECE, 25_000, 128 * 1024}) {
            var again = new SpooledDeliveryTest();
            again.receiving(1, frame);
            byte[] message = large(frame, 300_000);
            again.put("q0", message);

            again.grant(0, 10, 0, 1000);
            again.spool.work(again.peer.loop);

            again.take();
            assertThat(again.received(0)).isEqualTo(message);
            assertThat(again.last).isTrue();
            assertThat(again.spool.open).isZero();
        }
    }

    @Test
    @Spec(section = "3.2", says = "the bare message is the same to the last byte")
    @Spec(section = "3.2.1", says = "a header is added where there was none and something is to be told")
    @Spec(section = "3.2.2", says = "delivery annotations end at the next hop")
    @Spec(section = "3.2.3", says = "message annotations travel with the message")
    void isRewrittenAsAnyOther() {
        receiving(1, 5_000);
        var kept = new MessageAnnotations(Map.of(Symbol.valueOf("x-opt-kept"), 1));
        byte[] annotations = peer.section(kept);
        byte[] head = peer.section(new DeliveryAnnotations(Map.of(Symbol.valueOf("x-opt-hop"), 1)), kept);
        byte[] bare = Messages.data(100_000);
        put(
                "q0",
                ByteBuffer.allocate(head.length + bare.length)
                        .put(head)
                        .put(bare)
                        .array());
        byte[] tail = ByteBuffer.allocate(annotations.length + bare.length)
                .put(annotations)
                .put(bare)
                .array();

        grant(0, 10, 0, 1000);
        spool.work(peer.loop);
        take();

        var firstTime = new Header();
        firstTime.setFirstAcquirer(true);
        assertThat(received(0))
                .startsWith(0x00, 0x53, 0x70)
                .endsWith(tail)
                .hasSizeLessThanOrEqualTo(peer.section(firstTime).length + tail.length);
    }

    @Test
    void isReadNoFurtherThanTheWindowAllows() {
        receiving(1, 5_000);
        byte[] message = large(1, 300_000);
        put("q0", message);

        grant(0, 10, 0, 3);
        int reads = 0;
        while (spool.step()) {
            reads++;
            peer.loop.settle();
        }
        assertThat(take()).isEqualTo(3);
        assertThat(reads).isLessThanOrEqualTo(4);

        grant(0, 10, 3, 1000);
        spool.work(peer.loop);
        take();
        assertThat(received(0)).isEqualTo(message);
    }

    @Test
    void letsOtherLinksSendWhileItIsRead() {
        receiving(2, 5_000);
        put("q0", large(1, 300_000));
        grant(0, 10, 0, 1000);
        spool.step();
        peer.loop.settle();
        take();
        grant(1, 10, 0, 1000);

        peer.stored("q1", 1);

        assertThat(take()).isEqualTo(1);
        assertThat(last).isTrue();
    }

    @Test
    void comesInterleavedWithAnother() {
        receiving(2, 5_000);
        byte[] first = large(1, 300_000);
        byte[] second = large(2, 400_000);
        put("q0", first);
        put("q1", second);

        grant(0, 10, 0, 1000);
        grant(1, 10, 0, 1000);
        spool.work(peer.loop);

        take();
        assertThat(received(0)).isEqualTo(first);
        assertThat(received(1)).isEqualTo(second);
    }

    @Test
    void keepsTheOrderOfItsLink() {
        receiving(1, 5_000);
        byte[] large = large(1, 50_000);
        put("q0", large);
        grant(0, 10, 0, 1000);
        peer.stored("q0", 1);
        assertThat(take()).isZero();

        spool.work(peer.loop);

        take();
        assertThat(received(0)).startsWith(large).endsWith(peer.message("m0"));
    }

    @Test
    void waitsForASocketThatIsFull() {
        receiving(1, 5_000);
        byte[] message = large(1, 3_000_000);
        put("q0", message);
        peer.channel.stuck(true);
        grant(0, 10, 0, 1000);
        spool.work(peer.loop);
        assertThat(take()).isLessThan(250);

        peer.channel.stuck(false);
        peer.loop.within(peer.connection::drained);
        peer.loop.settle();
        spool.work(peer.loop);

        take();
        assertThat(received(0)).isEqualTo(message);
    }

    @Test
    void isAbortedAndDeadLetteredWhenItsFileIsDamaged() {
        receiving(1, 5_000);
        byte[] message = large(1, 300_000);
        put("q0", message);
        grant(0, 10, 0, 1000);
        message[200_000] ^= 1;

        spool.work(peer.loop);

        Transfer aborted = null;
        Detach detach = null;
        while (peer.hasNext()) {
            Object body = peer.next().body();
            if (body instanceof Transfer transfer) {
                assertThat(transfer.getMore() || transfer.getAborted()).isTrue();
                aborted = transfer;
            } else {
                detach = (Detach) body;
            }
        }
        assertThat(aborted.getAborted()).isTrue();
        assertThat(detach.getError().getDescription()).contains("other bytes than were written");
        assertThat(peer.router.consumers.get(0).outcomes).singleElement().isInstanceOf(Outcome.Rejected.class);
        assertThat(spool.open).isZero();
    }

    @Test
    void isReleasedWhenItsLinkEndsInTheMiddle() {
        receiving(1, 5_000);
        put("q0", large(1, 300_000));
        grant(0, 10, 0, 10);
        spool.work(peer.loop);
        take();

        peer.send(0, ScriptedPeer.detach(0, true));
        spool.work(peer.loop);

        assertThat(peer.router.consumers.get(0).outcomes).containsExactly(Outcome.RELEASED);
        assertThat(spool.open).isZero();
    }

    @Test
    void isAcceptedLikeAnyOther() {
        receiving(1, 5_000);
        put("q0", large(1, 300_000));
        grant(0, 10, 0, 1000);
        spool.work(peer.loop);
        take();

        peer.send(0, ScriptedPeer.disposition(0, 0, true, Accepted.getInstance()));

        assertThat(peer.router.consumers.get(0).outcomes).containsExactly(Outcome.ACCEPTED);
    }

    @Test
    void countsNoTransferWhenItsLinkEndsBeforeTheFirst() {
        receiving(1, 128 * 1024);
        put("q0", large(1, 300_000));
        grant(0, 10, 0, 10);
        peer.expectNothing();

        peer.send(0, peer.attach("in0", 1, Role.RECEIVER, "q1"));
        peer.forgetUntilDetach("amqp:link:stolen");

        Flow echo = peer.sessionFlow(0, 10);
        echo.setEcho(true);
        peer.send(0, echo);
        assertThat(peer.forgetUntil(Flow.class).getNextOutgoingId().intValue()).isZero();
    }
}
