package io.turnstone.fuzz;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.messaging.Rejected;
import org.apache.qpid.proton.amqp.transaction.Declared;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Begin;
import org.apache.qpid.proton.amqp.transport.Close;
import org.apache.qpid.proton.amqp.transport.Detach;
import org.apache.qpid.proton.amqp.transport.Disposition;
import org.apache.qpid.proton.amqp.transport.End;
import org.apache.qpid.proton.amqp.transport.ErrorCondition;
import org.apache.qpid.proton.amqp.transport.Flow;
import org.apache.qpid.proton.amqp.transport.Role;
import org.apache.qpid.proton.amqp.transport.Transfer;
import org.jspecify.annotations.Nullable;

/**
 * Reads both directions of a connection with Proton-J and holds the broker to what a peer can see: its frames are frames,
 * nothing follows its close, deliveries have consecutive ids and stay within the credit that was given, no error is an
 * internal one. Used by one thread.
 */
final class Witness {

    private record Handle(int channel, long handle) {}

    /** A link; the channel is the peer's. */
    private record Name(int channel, String name, boolean brokerSends) {}

    /** A detach of that handle, or, if it is null, an end. */
    record Owed(int channel, @Nullable Long handle) {}

    /** A link that the broker sends on. */
    private static final class Sending {
        private long sent;
        private long allowed;
        private boolean begun;
    }

    private final FrameStream in = new FrameStream(false, this::said);
    private final FrameStream out = new FrameStream(true, this::answered);

    private final Map<Handle, Name> peerHandles = new HashMap<>();
    private final Map<Name, Sending> sending = new HashMap<>();
    private final Map<Handle, Name> brokerHandles = new HashMap<>();
    /** Links that are attached, with the peer's handles. */
    private final Map<Name, Handle> attached = new HashMap<>();

    private final Map<Integer, Integer> channels = new HashMap<>();
    private final Map<Integer, Integer> deliveries = new HashMap<>();
    private final Map<Handle, ByteArrayOutputStream> unfinished = new HashMap<>();
    private final Set<Handle> left = new HashSet<>();
    private final Set<Integer> ended = new HashSet<>();
    private boolean closed;

    /** What a polite peer says next: its own detaches and ends. */
    final List<Owed> owed = new ArrayList<>();

    /** Every message that was sent whole. */
    final Set<ByteBuffer> messages = new HashSet<>();
    /** The ids of transactions that were declared. */
    final List<byte[]> transactions = new ArrayList<>();
    /** Ids of deliveries that came and are not pre-settled. */
    final List<Integer> unsettled = new ArrayList<>();

    void in(ByteBuffer bytes) {
        in.add(bytes);
    }

    void out(ByteBuffer bytes) {
        out.add(bytes);
    }

    /** Whether the peer has a session there. */
    boolean begun(int channel) {
        return channels.containsValue(channel);
    }

    /** The peer's handles there, of links on which the broker sends or on which it receives. */
    List<Integer> handles(int channel, boolean brokerSends) {
        return attached.entrySet().stream()
                .filter(link -> link.getKey().channel == channel && link.getKey().brokerSends == brokerSends)
                .map(link -> (int) link.getValue().handle)
                .sorted()
                .toList();
    }

    // ---- What the peer says

    private void said(int channel, @Nullable Object body, byte[] payload) {
        if (body instanceof Attach attach && attach.getHandle() != null) {
            var name = new Name(channel, String.valueOf(attach.getName()), attach.getRole() == Role.RECEIVER);
            peerHandles.put(handle(channel, attach.getHandle()), name);
            left.remove(handle(channel, attach.getHandle()));
            sending.putIfAbsent(name, new Sending());
        } else if (body instanceof Flow flow && flow.getHandle() != null) {
            Name name = peerHandles.get(handle(channel, flow.getHandle()));
            Sending link = name == null ? null : sending.get(name);
            if (link != null && flow.getLinkCredit() != null) {
                long count = flow.getDeliveryCount() == null
                        ? 0
                        : flow.getDeliveryCount().longValue();
                link.allowed =
                        Math.max(link.allowed, count + flow.getLinkCredit().longValue());
            }
        } else if (body instanceof Transfer transfer && transfer.getHandle() != null) {
            piece(handle(channel, transfer.getHandle()), transfer, payload);
        } else if (body instanceof Detach detach && detach.getHandle() != null) {
            unfinished.remove(handle(channel, detach.getHandle()));
            left.add(handle(channel, detach.getHandle()));
        } else if (body instanceof End || body instanceof Begin) {
            unfinished.keySet().removeIf(each -> each.channel == channel);
            left.removeIf(each -> each.channel == channel);
            if (body instanceof End) {
                ended.add(channel);
            } else {
                ended.remove(channel);
            }
        }
    }

    private void piece(Handle handle, Transfer transfer, byte[] payload) {
        if (transfer.getAborted()) {
            unfinished.remove(handle);
            return;
        }
        var message = unfinished.computeIfAbsent(handle, key -> new ByteArrayOutputStream());
        message.writeBytes(payload);
        if (!transfer.getMore()) {
            messages.add(ByteBuffer.wrap(message.toByteArray()));
            unfinished.remove(handle);
        }
    }

    // ---- What the broker says

    private void answered(int channel, @Nullable Object body, byte[] payload) {
        check(!closed, "a frame after close", body);
        if (body instanceof Begin begin) {
            int remote = begin.getRemoteChannel() == null
                    ? -1
                    : begin.getRemoteChannel().intValue();
            channels.put(channel, remote);
            deliveries.remove(channel);
        } else if (body instanceof End end) {
            noDefect(end.getError());
            Integer remote = channels.remove(channel);
            check(remote != null, "an end without a session", end);
            brokerHandles.keySet().removeIf(each -> each.channel == channel);
            sending.keySet().removeIf(each -> each.channel == remote);
            attached.keySet().removeIf(each -> each.channel == remote);
            if (!ended.contains(remote)) {
                owed.add(new Owed(remote, null));
            }
        } else if (body instanceof Attach attach) {
            attached(channel, attach);
        } else if (body instanceof Detach detach) {
            noDefect(detach.getError());
            Name name = brokerHandles.remove(handle(channel, detach.getHandle()));
            check(name != null, "a detach without a link", detach);
            Handle handle = attached.remove(name);
            if (handle != null && !left.contains(handle)) {
                owed.add(new Owed(handle.channel, handle.handle));
            }
        } else if (body instanceof Transfer transfer) {
            delivered(channel, transfer);
        } else if (body instanceof Disposition disposition) {
            if (disposition.getState() instanceof Declared declared) {
                Binary id = declared.getTxnId();
                transactions.add(
                        Arrays.copyOfRange(id.getArray(), id.getArrayOffset(), id.getArrayOffset() + id.getLength()));
            } else if (disposition.getState() instanceof Rejected rejected) {
                noDefect(rejected.getError());
            }
        } else if (body instanceof Close close) {
            noDefect(close.getError());
            closed = true;
        }
    }

    private void attached(int channel, Attach attach) {
        check(channels.containsKey(channel), "an attach without a session", attach);
        var name = new Name(channels.getOrDefault(channel, -1), attach.getName(), attach.getRole() == Role.SENDER);
        var link = new Sending();
        // What was said about an earlier link of that name counts too: a bound that is too high finds less.
        var earlier = sending.put(name, link);
        link.allowed = earlier == null ? 0 : earlier.allowed;
        brokerHandles.put(handle(channel, attach.getHandle()), name);
        for (var each : peerHandles.entrySet()) {
            if (each.getValue().equals(name)) {
                attached.put(name, each.getKey());
            }
        }
    }

    private void delivered(int channel, Transfer transfer) {
        check(channels.containsKey(channel), "a transfer without a session", transfer);
        Name name = brokerHandles.get(handle(channel, transfer.getHandle()));
        Sending link = name == null ? null : sending.get(name);
        if (link == null) {
            throw new AssertionError("the broker said a transfer without a link: " + transfer);
        }
        if (!link.begun) {
            int id = transfer.getDeliveryId().intValue();
            Integer next = deliveries.put(channel, id + 1);
            check(next == null || next == id, "a delivery-id that is not the next one, " + next, transfer);
            link.sent++;
            check(link.sent <= link.allowed, "delivery " + link.sent + " of " + link.allowed + " allowed", transfer);
            if (!Boolean.TRUE.equals(transfer.getSettled())) {
                unsettled.add(id);
            }
        }
        link.begun = transfer.getMore() && !transfer.getAborted();
    }

    private static Handle handle(int channel, UnsignedInteger handle) {
        return new Handle(channel, handle.longValue());
    }

    private static void noDefect(@Nullable ErrorCondition error) {
        check(
                error == null || !"amqp:internal-error".equals(String.valueOf(error.getCondition())),
                "an internal error",
                error);
    }

    private static void check(boolean fine, String what, @Nullable Object body) {
        if (!fine) {
            throw new AssertionError("the broker said " + what + ": " + body);
        }
    }
}
