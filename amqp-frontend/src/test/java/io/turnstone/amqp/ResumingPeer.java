package io.turnstone.amqp;

import io.turnstone.api.FakeLoop;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.messaging.Target;
import org.apache.qpid.proton.amqp.messaging.TerminusExpiryPolicy;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.DeliveryState;
import org.apache.qpid.proton.amqp.transport.Disposition;
import org.apache.qpid.proton.amqp.transport.Flow;
import org.apache.qpid.proton.amqp.transport.FrameBody;
import org.apache.qpid.proton.amqp.transport.Open;
import org.apache.qpid.proton.amqp.transport.ReceiverSettleMode;
import org.apache.qpid.proton.amqp.transport.Role;
import org.apache.qpid.proton.amqp.transport.Transfer;

/**
 * A peer that keeps track of what is unsettled and resumes it, as AMQP 1.0 asks in section 2.6.13, over connections that are
 * cut after a number of frames, counted both ways.
 */
final class ResumingPeer {

    /** The connection was cut. */
    static final class Cut extends RuntimeException {
        private static final long serialVersionUID = 1;

        Cut() {
            super(null, null, false, false);
        }
    }

    private static final int FRAME = 512;
    private static final int ADDRESSEE = 0;

    final FakeLoop loop;
    private final AmqpProtocol protocol;
    private final MemoryHost host;
    private final ReceiverSettleMode mode;
    private final Map<Binary, DeliveryState> unsettled = new LinkedHashMap<>();
    private final Map<Binary, byte[]> payloads = new HashMap<>();
    final List<byte[]> processed = new ArrayList<>();
    /** Runs between the cut and the next connection, and between that one's attach and whatever else. */
    Runnable onceCut = () -> {};

    Runnable onceAttached = () -> {};
    private ScriptedPeer peer;
    private int frames = Integer.MAX_VALUE;
    private int nextDeliveryId;
    private Map<?, ?> theirs = Map.of();

    ResumingPeer(AmqpProtocol protocol, MemoryHost host, FakeLoop loop, ReceiverSettleMode mode) {
        this.protocol = protocol;
        this.host = host;
        this.loop = loop;
        this.mode = mode;
    }

    /** Connects, after so many more frames to be cut. */
    void connect(int untilCut, Role role) {
        peer = new ScriptedPeer(protocol, host, loop);
        frames = Integer.MAX_VALUE;
        peer.headers();
        Open open = peer.open("container");
        open.setMaxFrameSize(UnsignedInteger.valueOf(FRAME));
        peer.send(0, open);
        peer.expect(Open.class);
        peer.send(0, peer.begin());
        peer.expect(org.apache.qpid.proton.amqp.transport.Begin.class);
        frames = untilCut;
        nextDeliveryId = 0;
        Attach attach = peer.attach("link", 0, role, "q");
        attach.setRcvSettleMode(mode);
        attach.setUnsettled(new HashMap<>(unsettled));
        ((Source) attach.getSource()).setExpiryPolicy(TerminusExpiryPolicy.NEVER);
        ((Target) attach.getTarget()).setExpiryPolicy(TerminusExpiryPolicy.NEVER);
        send(attach);
        theirs = ((Attach) next().body()).getUnsettled();
        onceAttached.run();
    }

    /** The socket is gone. */
    void cut() {
        peer.lost();
        onceCut.run();
    }

    private void send(FrameBody body, byte... payload) {
        if (frames == 0) {
            throw new Cut();
        }
        frames--;
        peer.send(0, body, payload);
    }

    private ScriptedPeer.Frame next() {
        if (frames == 0) {
            throw new Cut();
        }
        frames--;
        return peer.next();
    }

    boolean done() {
        return unsettled.isEmpty();
    }

    // ---- As a sender

    /** Sends what is in the list, from where it stopped; each unsettled until its outcome is known. */
    void sendAll(List<byte[]> messages) {
        ((Flow) next().body()).getLinkCredit();
        for (Binary tag : List.copyOf(unsettled.keySet())) {
            if (!theirs.containsKey(tag)) {
                transfer(tag, payloads.get(tag), false);
            } else if (theirs.get(tag) == null) {
                transfer(tag, payloads.get(tag), true);
            } else {
                unsettled.remove(tag);
                Transfer settling = transferOf(tag);
                settling.setResume(true);
                settling.setSettled(true);
                settling.setState((DeliveryState) theirs.get(tag));
                send(settling);
            }
        }
        while (payloads.size() < messages.size()) {
            var tag = new Binary(new byte[] {(byte) payloads.size(), 1});
            payloads.put(tag, messages.get(payloads.size()));
            unsettled.put(tag, null);
            transfer(tag, payloads.get(tag), false);
        }
        while (!unsettled.isEmpty()) {
            take(next());
        }
    }

    private final Map<Integer, Binary> byId = new HashMap<>();

    private Transfer transferOf(Binary tag) {
        Transfer transfer = ScriptedPeer.transfer(nextDeliveryId, false);
        transfer.setDeliveryTag(tag);
        byId.put(nextDeliveryId++, tag);
        return transfer;
    }

    /** Long messages in three frames. */
    private void transfer(Binary tag, byte[] payload, boolean resume) {
        Transfer first = transferOf(tag);
        first.setResume(resume);
        if (payload.length < FRAME) {
            send(first, payload);
            return;
        }
        int third = payload.length / 3;
        first.setMore(true);
        send(first, java.util.Arrays.copyOfRange(payload, 0, third));
        var second = new Transfer();
        second.setHandle(UnsignedInteger.valueOf(ADDRESSEE));
        second.setMore(true);
        send(second, java.util.Arrays.copyOfRange(payload, third, 2 * third));
        var last = new Transfer();
        last.setHandle(UnsignedInteger.valueOf(ADDRESSEE));
        send(last, java.util.Arrays.copyOfRange(payload, 2 * third, payload.length));
    }

    private void take(ScriptedPeer.Frame frame) {
        if (!(frame.body() instanceof Disposition disposition)) {
            return;
        }
        int last = disposition.getLast() == null
                ? disposition.getFirst().intValue()
                : disposition.getLast().intValue();
        for (int id = disposition.getFirst().intValue(); id <= last; id++) {
            Binary tag = byId.get(id);
            if (disposition.getSettled()) {
                unsettled.remove(tag);
            } else {
                unsettled.put(tag, disposition.getState());
                var settling = new Disposition();
                settling.setRole(Role.SENDER);
                settling.setFirst(UnsignedInteger.valueOf(id));
                settling.setSettled(true);
                settling.setState(disposition.getState());
                send(settling);
                unsettled.remove(tag);
            }
        }
    }

    // ---- As a receiver

    /** Receives so many messages in all, and settles them. */
    void receiveAll(int count) {
        unsettled.keySet().removeIf(tag -> !theirs.containsKey(tag));
        send(peer.flow(0, count + unsettled.size()));
        Transfer begun = null;
        byte[] sofar = {};
        while (processed.size() < count || !unsettled.isEmpty()) {
            ScriptedPeer.Frame frame = next();
            if (frame.body() instanceof Disposition settling) {
                settled(settling);
            } else if (frame.body() instanceof Transfer transfer) {
                begun = begun == null ? transfer : begun;
                byte[] all = java.util.Arrays.copyOf(sofar, sofar.length + frame.payload().length);
                System.arraycopy(frame.payload(), 0, all, sofar.length, frame.payload().length);
                sofar = all;
                if (!transfer.getMore()) {
                    received(begun, sofar);
                    begun = null;
                    sofar = new byte[0];
                }
            }
        }
    }

    private void received(Transfer transfer, byte[] payload) {
        Binary tag = transfer.getDeliveryTag();
        if (transfer.getSettled() != null && transfer.getSettled()) {
            unsettled.remove(tag);
            return;
        }
        if (!(transfer.getResume() && unsettled.get(tag) instanceof Accepted)) {
            processed.add(payload);
        }
        unsettled.put(tag, Accepted.getInstance());
        byId.put(transfer.getDeliveryId().intValue(), tag);
        int id = transfer.getDeliveryId().intValue();
        boolean first = mode == ReceiverSettleMode.FIRST;
        send(ScriptedPeer.disposition(id, id, first, Accepted.getInstance()));
        if (first) {
            // It cannot know whether that arrives, so it remembers the delivery until the end of the connection.
            settledHere.add(tag);
            if (processed.size() == expected) {
                unsettled.keySet().removeAll(settledHere);
            }
        }
    }

    private final List<Binary> settledHere = new ArrayList<>();
    int expected;

    private void settled(Disposition settling) {
        int last = settling.getLast() == null
                ? settling.getFirst().intValue()
                : settling.getLast().intValue();
        for (int id = settling.getFirst().intValue(); id <= last; id++) {
            unsettled.remove(byId.get(id));
        }
    }
}
