package io.turnstone.amqp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.turnstone.amqp.message.AmqpFormat;
import io.turnstone.api.Body;
import io.turnstone.api.FakeLoop;
import java.util.ArrayList;
import java.util.List;
import org.apache.qpid.proton.amqp.transport.ReceiverSettleMode;
import org.apache.qpid.proton.amqp.transport.Role;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("A link that is cut between any two frames")
class CutLinkTest {

    /** When the core answers what was published before the cut. */
    enum Answered {
        AT_ONCE,
        SUSPENDED,
        RESUMED
    }

    private final FakeLoop loop = new FakeLoop();
    private AmqpProtocol protocol;
    private MemoryHost host;

    private void broker() {
        protocol = new AmqpProtocol(ScriptedPeer.SETTINGS);
        host = new MemoryHost(new MemoryRouter());
    }

    private List<byte[]> messages() {
        var script = new ScriptedPeer();
        return List.of(
                script.message("one"),
                script.message("two".repeat(400)),
                script.message("three"),
                script.message("four".repeat(300)));
    }

    private static void assertSame(List<byte[]> expected, List<byte[]> actual, int cutAfter) {
        assertEquals(expected.size(), actual.size(), "messages, cut after " + cutAfter);
        for (int i = 0; i < expected.size(); i++) {
            assertArrayEquals(expected.get(i), actual.get(i), "message " + i + ", cut after " + cutAfter);
        }
    }

    @ParameterizedTest(name = "{0}, answered {1}")
    @CsvSource({
        "FIRST, AT_ONCE",
        "FIRST, SUSPENDED",
        "FIRST, RESUMED",
        "SECOND, AT_ONCE",
        "SECOND, SUSPENDED",
        "SECOND, RESUMED",
    })
    @Spec(section = "2.6.13", says = "a resumed delivery is processed once, wherever the connection was cut")
    @Spec(section = "2.6.3", says = "a link that was suspended is resumed by an attach of its name")
    void takesEachMessageOfAResumingSenderOnce(ReceiverSettleMode mode, Answered answered) {
        List<byte[]> messages = messages();
        boolean finished = false;
        int cutAfter = 0;
        for (; !finished; cutAfter++) {
            broker();
            host.router.holdOutcomes = answered != Answered.AT_ONCE;
            var sender = new ResumingPeer(protocol, host, loop, mode);
            Runnable answer = () -> {
                host.router.holdOutcomes = false;
                loop.within(host.router::commit);
                loop.settle();
            };
            sender.onceCut = answered == Answered.SUSPENDED ? answer : () -> {};
            try {
                sender.connect(cutAfter, Role.SENDER);
                sender.sendAll(messages);
                finished = true;
            } catch (ResumingPeer.Cut | AssertionError waitingOrCut) {
                // An answer that is held back looks like a connection on which nothing comes: cut there as well.
                finished = waitingOrCut instanceof AssertionError;
            }
            sender.cut();
            sender.onceAttached = answered == Answered.RESUMED ? answer : () -> {};
            sender.connect(Integer.MAX_VALUE, Role.SENDER);
            sender.sendAll(messages);
            assertSame(messages, stored(), cutAfter);
            assertTrue(sender.done());
        }
        assertTrue(cutAfter > (answered == Answered.AT_ONCE ? 10 : 8), "frames: " + cutAfter);
    }

    private List<byte[]> stored() {
        var all = new ArrayList<byte[]>();
        for (MemoryQueue.Entry entry : host.router.queue("q").entries) {
            var body = (Body.Inline) entry.message().body();
            all.add(java.util.Arrays.copyOfRange(body.array(), body.offset(), body.offset() + (int) body.length()));
        }
        return all;
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({"FIRST", "SECOND"})
    @Spec(section = "2.6.13", says = "a resumed delivery is processed once, wherever the connection was cut")
    void givesEachMessageToAResumingReceiverOnce(ReceiverSettleMode mode) {
        List<byte[]> messages = messages();
        boolean finished = false;
        int cutAfter = 0;
        for (; !finished; cutAfter++) {
            broker();
            host.router.queue("q").returnsReleased = true;
            for (byte[] message : messages) {
                loop.within(() -> host.router.queue("q").add(AmqpFormat.INSTANCE.read(Body.Inline.of(message))));
            }
            var receiver = new ResumingPeer(protocol, host, loop, mode);
            receiver.expected = messages.size();
            try {
                receiver.connect(cutAfter, Role.RECEIVER);
                receiver.receiveAll(messages.size());
                finished = true;
            } catch (ResumingPeer.Cut cut) {
                receiver.cut();
                receiver.connect(Integer.MAX_VALUE, Role.RECEIVER);
                receiver.receiveAll(messages.size());
            }
            assertEquals(messages.size(), receiver.processed.size(), "cut after " + cutAfter);
            assertTrue(host.router.queue("q").entries.isEmpty(), "cut after " + cutAfter);
            assertTrue(receiver.done());
            assertTrue(
                    host.router.consumers.stream().allMatch(each -> each.unsettled.isEmpty()), "cut after " + cutAfter);
        }
        assertTrue(cutAfter > 10, "frames: " + cutAfter);
    }

    @Test
    void leavesNothingOfAPlainLink() {
        broker();
        var peer = new ScriptedPeer(protocol, host, loop).receiving("q");
        peer.stored("q", 3);
        peer.send(0, peer.flow(0, 3));
        peer.forgetAll();
        peer.lost();

        assertEquals(3, host.router.queue("q").entries.size());
    }
}
