package io.turnstone.amqp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.UnsignedShort;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Begin;
import org.apache.qpid.proton.amqp.transport.Detach;
import org.apache.qpid.proton.amqp.transport.Disposition;
import org.apache.qpid.proton.amqp.transport.End;
import org.apache.qpid.proton.amqp.transport.Flow;
import org.apache.qpid.proton.amqp.transport.Open;
import org.apache.qpid.proton.amqp.transport.Role;
import org.apache.qpid.proton.amqp.transport.Transfer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A session")
class SessionTest {

    private static final AmqpSettings SMALL =
            ScriptedPeer.SETTINGS.withWindows(4, 10, 20, 1024 * 1024).withLinks(1, 1, 100);

    @Test
    @Spec(section = "2.5.1", says = "the answer names the peer's channel")
    void answersABegin() {
        var peer = new ScriptedPeer().opened();

        peer.send(7, peer.begin());

        ScriptedPeer.Frame frame = peer.next();
        assertEquals(0, frame.channel());
        Begin begin = (Begin) frame.body();
        assertEquals(UnsignedShort.valueOf((short) 7), begin.getRemoteChannel());
        assertEquals(4096, begin.getIncomingWindow().intValue());
        assertEquals(255, begin.getHandleMax().intValue());
    }

    @Test
    @Spec(section = "2.5.1", says = "each side numbers its channels by itself, lowest first")
    void answersOnChannelsOfItsOwn() {
        var peer = new ScriptedPeer().opened();
        peer.send(9, peer.begin());
        peer.send(3, peer.begin());
        peer.forgetAll();

        peer.send(9, new End());

        assertEquals(0, peer.next().channel());
        peer.send(5, peer.begin());
        assertEquals(0, peer.next().channel());
    }

    @Test
    @Spec(section = "2.7.1", says = "channel-max limits both sides")
    void staysBelowThePeersChannelMax() {
        var peer = new ScriptedPeer().headers();
        Open open = peer.open("peer");
        open.setChannelMax(UnsignedShort.valueOf((short) 0));
        peer.send(0, open);
        peer.expect(Open.class);
        peer.send(0, peer.begin());
        peer.expect(Begin.class);

        peer.send(1, peer.begin());

        peer.expectClosed("amqp:resource-limit-exceeded");
    }

    @Test
    @Spec(section = "2.7.1", says = "a channel beyond channel-max is a framing error")
    void refusesChannelsBeyondItsOwnMax() {
        var peer = new ScriptedPeer(SMALL).opened();

        peer.send(2, peer.begin());

        peer.expectClosed("amqp:connection:framing-error");
    }

    @Test
    void refusesASecondBeginOnAChannel() {
        var peer = new ScriptedPeer().begun();

        peer.send(0, peer.begin());

        peer.expectClosed("amqp:not-allowed");
    }

    @Test
    @Spec(section = "2.5.1", says = "remote-channel is only set in an answer")
    void refusesABeginThatAnswersNothing() {
        var peer = new ScriptedPeer().opened();
        Begin begin = peer.begin();
        begin.setRemoteChannel(UnsignedShort.valueOf((short) 0));

        peer.send(0, begin);

        peer.expectClosed("amqp:not-allowed");
    }

    @Test
    @Spec(section = "2.5", says = "frames come on channels with a session")
    void refusesFramesOnAChannelWithoutSession() {
        var peer = new ScriptedPeer().begun();

        peer.send(1, peer.attach("out", 0, Role.SENDER, "q"));

        peer.expectClosed("amqp:connection:framing-error");
    }

    @Test
    @Spec(section = "2.5.2", says = "end is answered with end")
    void answersAnEndAndGivesBackWhatIsUnsettled() {
        var peer = new ScriptedPeer().receiving("q");
        peer.stored("q", 2);
        peer.send(0, peer.flow(0, 10));
        peer.expect(Transfer.class);
        peer.expect(Transfer.class);

        peer.send(0, new End());

        assertNull(peer.expect(End.class).getError());
        assertEquals(2, peer.router.queue("q").entries.size());
        assertTrue(peer.router.consumers.get(0).closed);
        assertEquals(0, peer.connection.status().orElseThrow().sessions());
        peer.send(0, peer.begin());
        peer.expect(Begin.class);
    }

    @Test
    @Spec(section = "2.5.4", says = "after an end with an error everything is discarded until the peer's end")
    @Spec(section = "2.5.3", says = "two ends that cross end the session")
    @Spec(section = "2.7.7", says = "detach of an unknown handle is unattached-handle")
    void discardsAfterItsOwnEnd() {
        var peer = new ScriptedPeer().begun();
        peer.send(0, ScriptedPeer.detach(3, true));
        peer.expectEnded("amqp:session:unattached-handle");

        peer.send(0, peer.attach("out", 0, Role.SENDER, "q"));
        peer.send(0, ScriptedPeer.transfer(0, false));
        peer.send(0, peer.sessionFlow(0, 10));
        peer.expectNothing();
        peer.send(0, new End());

        peer.expectNothing();
        peer.send(0, peer.begin());
        peer.expect(Begin.class);
    }

    @Test
    @Spec(section = "2.5.6", says = "transfers beyond the incoming-window are a window violation")
    @Spec(section = "2.8.17", says = "window-violation: more than the window")
    void endsWhenItsWindowIsViolated() {
        var peer = new ScriptedPeer(SMALL).begun();
        peer.send(0, peer.attach("out", 0, Role.SENDER, "q"));
        peer.forgetAll();

        peer.together(() -> {
            for (int i = 0; i < 5; i++) {
                peer.send(0, ScriptedPeer.transfer(i, true), peer.message("m"));
            }
        });

        peer.expectEnded("amqp:session:window-violation");
    }

    @Test
    @Spec(section = "2.5.6", says = "the window is opened again by a flow, once per half")
    void opensItsWindowAgain() {
        var peer = new ScriptedPeer(SMALL).begun();
        peer.send(0, peer.attach("out", 0, Role.SENDER, "q"));
        peer.forgetAll();

        peer.send(0, ScriptedPeer.transfer(0, true), peer.message("m"));
        peer.expectNothing();
        peer.send(0, ScriptedPeer.transfer(1, true), peer.message("m"));

        Flow flow = peer.expect(Flow.class);
        assertEquals(UnsignedInteger.valueOf(3), flow.getNextIncomingId());
        assertEquals(UnsignedInteger.valueOf(4), flow.getIncomingWindow());
        assertNull(flow.getHandle());
        peer.expectNothing();
    }

    @Test
    @Spec(section = "2.5.6", says = "transfer-ids are serial numbers and wrap")
    void countsTransferIdsAcrossTheWrap() {
        var peer = new ScriptedPeer(SMALL).opened();
        Begin begin = peer.begin();
        begin.setNextOutgoingId(UnsignedInteger.MAX_VALUE);
        peer.send(0, begin);
        peer.send(0, peer.attach("out", 0, Role.SENDER, "q"));
        peer.forgetAll();

        peer.send(0, ScriptedPeer.transfer(-1, false), peer.message("m"));
        peer.send(0, ScriptedPeer.transfer(0, false), peer.message("m"));

        assertEquals(UnsignedInteger.MAX_VALUE, peer.expect(Disposition.class).getFirst());
        assertEquals(UnsignedInteger.ZERO, peer.expect(Disposition.class).getFirst());
        assertEquals(UnsignedInteger.ONE, peer.expect(Flow.class).getNextIncomingId());
    }

    @Test
    @Spec(section = "2.5.6", says = "remote-incoming-window limits what is sent")
    void sendsNoMoreThanThePeersWindow() {
        var peer = new ScriptedPeer().opened();
        Begin begin = peer.begin();
        begin.setIncomingWindow(UnsignedInteger.valueOf(2));
        peer.send(0, begin);
        peer.expect(Begin.class);
        peer.send(0, peer.attach("in", 0, Role.RECEIVER, "q"));
        peer.expect(Attach.class);
        peer.stored("q", 5);

        Flow credit = peer.flow(0, 10);
        credit.setIncomingWindow(UnsignedInteger.valueOf(2));
        peer.send(0, credit);
        peer.expect(Transfer.class);
        peer.expect(Transfer.class);
        peer.expectNothing();
        // The peer has seen one of the two: one more fits.
        peer.send(0, peer.sessionFlow(1, 2));
        peer.expect(Transfer.class);
        peer.expectNothing();
        peer.send(0, peer.sessionFlow(3, 100));

        peer.expect(Transfer.class);
        peer.expect(Transfer.class);
        peer.expectNothing();
    }

    @Test
    @Spec(section = "2.5.6", says = "without next-incoming-id the window counts from the initial id")
    void understandsAFlowFromAPeerThatHasNotSeenTheBegin() {
        var peer = new ScriptedPeer().receiving("q");
        Flow flow = peer.flow(0, 10);
        flow.setNextIncomingId(null);
        flow.setIncomingWindow(UnsignedInteger.ONE);
        peer.stored("q", 2);

        peer.send(0, flow);

        peer.expect(Transfer.class);
        peer.expectNothing();
    }

    @Test
    @Spec(section = "2.5.6", says = "next-incoming-id cannot be ahead of what was sent")
    void endsWhenThePeerHasSeenWhatWasNotSent() {
        var peer = new ScriptedPeer().begun();

        peer.send(0, peer.sessionFlow(1, 10));

        peer.expectEnded("amqp:session:window-violation");
    }

    @Test
    @Spec(section = "2.5.6", says = "a peer that tells its next-outgoing-id in a flow resets our next-incoming-id")
    void takesTheNextOutgoingIdFromAFlow() {
        var peer = new ScriptedPeer().begun();
        Flow flow = peer.sessionFlow(0, 10);
        flow.setNextOutgoingId(UnsignedInteger.valueOf(77));
        flow.setEcho(true);

        peer.send(0, flow);

        assertEquals(UnsignedInteger.valueOf(77), peer.expect(Flow.class).getNextIncomingId());
    }

    @Test
    @Spec(section = "2.7.4", says = "echo asks for the state of the session")
    void answersAnEcho() {
        var peer = new ScriptedPeer().begun();
        Flow flow = peer.sessionFlow(0, 10);
        flow.setEcho(true);

        peer.send(0, flow);

        Flow answer = peer.expect(Flow.class);
        assertNull(answer.getHandle());
        assertEquals(UnsignedInteger.ONE, answer.getNextIncomingId());
        peer.expectNothing();
    }

    @Test
    @Spec(section = "2.7.4", says = "flow on an unknown handle is unattached-handle")
    void endsOnAFlowForAnUnknownHandle() {
        var peer = new ScriptedPeer().begun();

        peer.send(0, peer.flow(0, 10));

        peer.expectEnded("amqp:session:unattached-handle");
    }

    @Test
    @Spec(section = "2.6.2", says = "transfer on an unknown handle is unattached-handle")
    @Spec(section = "2.8.17", says = "unattached-handle: nothing is attached there")
    void endsOnATransferForAnUnknownHandle() {
        var peer = new ScriptedPeer().begun();

        peer.send(0, ScriptedPeer.transfer(0, false), peer.message("m"));

        peer.expectEnded("amqp:session:unattached-handle");
    }

    @Test
    @Spec(section = "2.6.2", says = "a handle in use is handle-in-use")
    @Spec(section = "2.8.17", says = "handle-in-use: attached already")
    void endsOnAHandleInUse() {
        var peer = new ScriptedPeer().sending("q");

        peer.send(0, peer.attach("other", 0, Role.SENDER, "q"));

        peer.expectEnded("amqp:session:handle-in-use");
    }

    @Test
    @Spec(section = "2.7.2", says = "a handle beyond handle-max closes the connection")
    void refusesHandlesBeyondItsMax() {
        var peer = new ScriptedPeer(SMALL).begun();

        peer.send(0, peer.attach("out", 2, Role.SENDER, "q"));

        peer.expectClosed("amqp:connection:framing-error");
    }

    @Test
    @Spec(section = "2.7.2", says = "the peer's handle-max limits our handles")
    void staysBelowThePeersHandleMax() {
        var peer = new ScriptedPeer().opened();
        Begin begin = peer.begin();
        begin.setHandleMax(UnsignedInteger.ZERO);
        peer.send(0, begin);
        peer.expect(Begin.class);
        peer.send(0, peer.attach("a", 0, Role.SENDER, "q"));
        peer.forgetAll();

        peer.send(0, peer.attach("b", 1, Role.SENDER, "q"));

        peer.expectEnded("amqp:resource-limit-exceeded");
        assertTrue(peer.router.publishers.get(1).closed, "nothing is left in the core");
    }

    @Test
    @Spec(section = "2.6.2", says = "a handle may be used again after detach")
    void freesAHandleOnDetach() {
        var peer = new ScriptedPeer().sending("q");
        peer.send(0, ScriptedPeer.detach(0, true));
        peer.expect(Detach.class);

        peer.send(0, peer.attach("other", 0, Role.SENDER, "q"));

        assertEquals(UnsignedInteger.ZERO, peer.expect(Attach.class).getHandle());
    }

    @Test
    void limitsLinksPerConnection() {
        var peer = new ScriptedPeer(ScriptedPeer.SETTINGS.withLinks(10, 255, 3)).begun();

        for (int i = 0; i < 4; i++) {
            peer.send(0, peer.attach("l" + i, i, Role.RECEIVER, "q"));
        }

        peer.expect(Attach.class);
        peer.expect(Attach.class);
        peer.expect(Attach.class);
        peer.expectEnded("amqp:resource-limit-exceeded");
    }
}
