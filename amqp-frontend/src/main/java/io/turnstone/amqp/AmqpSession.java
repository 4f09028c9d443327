package io.turnstone.amqp;

import io.turnstone.amqp.codec.DispositionFrame;
import io.turnstone.amqp.codec.FlowFrame;
import io.turnstone.amqp.codec.TransferFrame;
import io.turnstone.amqp.error.LinkError;
import io.turnstone.amqp.error.SessionError;
import io.turnstone.amqp.management.NodePairs;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.UnsignedShort;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.Released;
import org.apache.qpid.proton.amqp.transaction.Coordinator;
import org.apache.qpid.proton.amqp.transport.AmqpError;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Begin;
import org.apache.qpid.proton.amqp.transport.DeliveryState;
import org.apache.qpid.proton.amqp.transport.Detach;
import org.apache.qpid.proton.amqp.transport.End;
import org.apache.qpid.proton.amqp.transport.FrameBody;
import org.apache.qpid.proton.amqp.transport.Role;
import org.jspecify.annotations.Nullable;

/**
 * One session (part 2, section 2.5): its windows, its links, the ids of its deliveries, and what it has to say at the
 * end of a turn. Owned by the loop of its connection.
 */
final class AmqpSession {

    private enum State {
        MAPPED,
        /** We sent an end first; what the peer sends is discarded until its own comes. */
        DISCARDING,
        ENDED
    }

    /** What a peer may have under way while a large message comes. */
    private static final int SPOOLING_BYTES = 4 << 20;

    /** Whether it is in its connection's list of sessions with something to say at the end of the turn. */
    boolean dirty;

    private final AmqpConnection connection;
    private final int remoteChannel;
    private final int channel;
    private final SessionWindows windows;
    private final LinkTable links;
    private final UnsettledDeliveries unsettled = new UnsettledDeliveries();
    private final OutgoingDispositions outgoing;
    private final IncomingUnsettled incoming = new IncomingUnsettled(this);
    private final Dispositions accepted = Dispositions.settled(true, Accepted.getInstance());
    private final Dispositions released = Dispositions.settled(true, Released.getInstance());
    private final Dispositions confirmed = Dispositions.settled(false, Accepted.getInstance());
    /** Posts of transactions, of which there are few at a time. */
    private final List<Dispositions> posted = new ArrayList<>(0);

    private final List<Link> dirtyLinks = new ArrayList<>();
    private final ArrayDeque<OutgoingLink> waiting = new ArrayDeque<>();
    private @Nullable NodePairs management;
    private State state = State.MAPPED;
    private int spooling;
    private int nextDeliveryId;

    /** The link that the present frame is about: where a {@link LinkError} belongs. */
    private @Nullable Link addressed;

    AmqpSession(AmqpConnection connection, int remoteChannel, int channel, Begin begin) {
        this.connection = connection;
        this.remoteChannel = remoteChannel;
        this.channel = channel;
        outgoing = new OutgoingDispositions(connection, unsettled);
        this.windows = new SessionWindows(
                connection.settings().sessionWindow(),
                begin.getNextOutgoingId().intValue(),
                begin.getIncomingWindow().longValue());
        UnsignedInteger handleMax = begin.getHandleMax();
        this.links = new LinkTable(
                connection.settings().handleMax(), handleMax == null ? 0xffff_ffffL : handleMax.longValue());
    }

    /** Answers the peer's begin. */
    void begun() {
        var begin = new Begin();
        begin.setRemoteChannel(UnsignedShort.valueOf((short) remoteChannel));
        begin.setNextOutgoingId(UnsignedInteger.valueOf(windows.nextOutgoingId()));
        begin.setIncomingWindow(UnsignedInteger.valueOf(connection.settings().sessionWindow()));
        begin.setOutgoingWindow(UnsignedInteger.valueOf(SessionWindows.OUTGOING_WINDOW));
        begin.setHandleMax(UnsignedInteger.valueOf(connection.settings().handleMax()));
        send(begin);
    }

    AmqpConnection connection() {
        return connection;
    }

    AmqpSettings settings() {
        return connection.settings();
    }

    /** The session's links to the nodes of the broker itself. */
    NodePairs management() {
        NodePairs pairs = management;
        if (pairs == null) {
            pairs = new NodePairs(
                    () -> connection.router().topology(connection.peer()),
                    settings().node(),
                    connection.proof(),
                    connection.proof(),
                    connection.loop(),
                    error -> connection.failures().of(this, error));
            management = pairs;
        }
        return pairs;
    }

    int channel() {
        return channel;
    }

    int remoteChannel() {
        return remoteChannel;
    }

    boolean ended() {
        return state != State.MAPPED;
    }

    UnsettledDeliveries unsettled() {
        return unsettled;
    }

    @Nullable
    Link addressed() {
        return addressed;
    }

    // What the peer sends.

    void attach(Attach attach) {
        if (ended()) {
            return;
        }
        long handle = attach.getHandle().longValue();
        links.check(handle);
        int present = connection.links().size() + connection.kept().size();
        if (present >= settings().maxLinks()) {
            throw new SessionError(
                    AmqpError.RESOURCE_LIMIT_EXCEEDED,
                    "the connection has " + present + " links, which is the limit; close some");
        }
        var name = new LinkName(attach.getName(), attach.getRole() == Role.SENDER);
        Link link = link(name, attach);
        links.put(link);
        connection.links().take(link);
        addressed = link;
        connection.lasting().open(link, attach);
    }

    private Link link(LinkName name, Attach attach) {
        if (!name.incoming() && attach.getSource() == null && !LastingLinks.wanted(attach)) {
            return new SubscriptionLink(this, name, attach);
        }
        if (!name.incoming()) {
            return new OutgoingLink(this, name, attach);
        }
        return attach.getTarget() instanceof Coordinator
                ? new CoordinatorLink(this, name, attach)
                : new IncomingLink(this, name, attach);
    }

    void transfer(TransferFrame transfer, ByteBuffer payload) {
        if (ended()) {
            return;
        }
        windows.received();
        if (windows.stale()) {
            connection.turnEnd().add(this);
        }
        Link link = links.get(transfer.handle);
        addressed = link;
        if (link instanceof IncomingLink incoming) {
            incoming.transfer(transfer, payload);
        } else if (link instanceof CoordinatorLink coordinator) {
            coordinator.transfer(transfer, payload);
        } else {
            throw new LinkError(
                    AmqpError.NOT_ALLOWED,
                    "a transfer came on a link whose sender is the broker; attach one with role sender to publish");
        }
    }

    void flow(FlowFrame flow) {
        if (ended()) {
            return;
        }
        windows.flow(flow);
        if (flow.hasHandle) {
            Link link = links.get(flow.handle);
            addressed = link;
            link.flow(flow);
        } else if (flow.echo) {
            send(connection.out().flow());
        }
        sendWaiting();
    }

    void disposition(DispositionFrame disposition) {
        if (ended()) {
            return;
        }
        if (!disposition.receiver) {
            // What we settle first is settled by the time its sender could.
            if (disposition.settled) {
                incoming.settled(disposition.first, disposition.last);
            }
            return;
        }
        outgoing.disposed(disposition);
    }

    void detach(Detach detach) {
        if (!ended()) {
            Link link = links.get(detach.getHandle().intValue());
            addressed = link;
            link.detached(detach);
        }
    }

    /** The peer ended the session. */
    void peerEnded() {
        if (state == State.MAPPED) {
            flushDispositions();
            state = State.ENDED;
            releaseLinks(false);
            connection.out().performative(channel, new End());
        }
        state = State.ENDED;
    }

    /** Ends the session from this side. Called by {@link Failures#of(AmqpSession, SessionError)} alone. */
    void fail(SessionError error) {
        if (state == State.MAPPED) {
            flushDispositions();
            state = State.DISCARDING;
            releaseLinks(false);
            var end = new End();
            end.setError(error.asCondition());
            connection.out().ending(channel, end, end.getError());
        }
    }

    /** The connection ended. */
    void release(boolean lost) {
        if (state == State.MAPPED) {
            state = State.ENDED;
            releaseLinks(lost);
        }
        state = State.ENDED;
    }

    private void releaseLinks(boolean lost) {
        waiting.clear();
        dirtyLinks.clear();
        links.forEach(link -> link.ended(lost));
        connection.lingering().sessionEnded(this);
        connection.kept().sessionEnded(this);
    }

    // What the links ask of their session.

    /** The core has answered an attach. */
    void opened(Link link) {
        links.opened();
    }

    /** A handle for our attach. */
    int takeHandle() {
        return links.takeHandle();
    }

    void freeHandle(int handle) {
        links.freeHandle(handle);
    }

    /** The peer's handle of that link is free again. */
    void unmap(Link link) {
        links.remove(link);
    }

    void send(FrameBody body) {
        connection.out().performative(channel, body);
    }

    /** Has the link called at the end of this turn. */
    void dirty(Link link) {
        if (!link.dirty) {
            link.dirty = true;
            dirtyLinks.add(link);
            connection.turnEnd().add(this);
        }
    }

    /** An incoming delivery is accepted; the peer hears of it at the end of the turn. */
    void accepted(int deliveryId) {
        accepted.add(deliveryId);
        connection.turnEnd().add(this);
    }

    /** The deliveries that came and that their senders are to settle. */
    IncomingUnsettled incoming() {
        return incoming;
    }

    /** Posts of a transaction are accepted; the peer hears of it at the end of the turn. */
    void posted(Dispositions told) {
        if (!posted.contains(told)) {
            posted.add(told);
            connection.turnEnd().add(this);
        }
    }

    /** An incoming delivery is released; the peer hears of it at the end of the turn. */
    void released(int deliveryId) {
        released.add(deliveryId);
        connection.turnEnd().add(this);
    }

    /** An incoming delivery ended in another way. */
    void settle(int deliveryId, DeliveryState with) {
        connection.out().disposition(channel, true, deliveryId, deliveryId, with);
    }

    /** An outgoing delivery whose receiver waits for us to settle is settled. */
    void confirm(int deliveryId, DeliveryState with) {
        if (ended()) {
            return;
        }
        if (with instanceof Accepted) {
            confirmed.add(deliveryId);
            connection.turnEnd().add(this);
        } else {
            connection.out().disposition(channel, false, deliveryId, deliveryId, with);
        }
    }

    int nextDeliveryId() {
        return nextDeliveryId++;
    }

    /** Whether a transfer frame may be written now. */
    boolean mayTransfer() {
        return windows.sendable() > 0 && connection.turnEnd().hasRoom();
    }

    int sendable() {
        return windows.sendable();
    }

    void transferred(int frames) {
        windows.sent(frames);
    }

    /** Puts a link into the line of those that have something to send. */
    void waits(OutgoingLink link) {
        if (!link.queued) {
            link.queued = true;
            waiting.add(link);
            connection.turnEnd().add(this);
        }
    }

    /** Lets the links in line send, one slice each, as long as window and socket allow. */
    void sendWaiting() {
        while (!waiting.isEmpty() && mayTransfer()) {
            OutgoingLink link = waiting.remove();
            link.queued = false;
            if (link.sendWaiting() && !link.queued) {
                link.queued = true;
                waiting.add(link);
            }
        }
    }

    /** One more (or less) large message comes in on its way into a file, so much of it in a frame. */
    void spooling(int change, int frameBytes) {
        spooling += change;
        if (spooling == 0) {
            windows.most(settings().sessionWindow());
        } else if (change > 0) {
            windows.most(SPOOLING_BYTES / Math.max(1, frameBytes));
        }
        connection.turnEnd().add(this);
    }

    /** Large messages come faster than they can be written, or no longer. */
    void hold(boolean on) {
        windows.hold(on);
        connection.turnEnd().add(this);
    }

    /** So many more (or less) links publish, and so many more (or less) of them may not. */
    void publishers(int change, int blockedChange) {
        windows.publishers(change, blockedChange);
    }

    /** A flow with the link's handle, to be filled and sent with {@link #send(FlowFrame)}. */
    FlowFrame flowFor(Link link) {
        FlowFrame flow = connection.out().flow();
        flow.hasHandle = true;
        flow.handle = link.handle();
        return flow;
    }

    /** Sends a flow with the session's state; it also opens the session's window again. */
    void send(FlowFrame flow) {
        windows.fill(flow);
        flow.encode(channel, connection.out());
    }

    /** Says what was collected in this turn. */
    void endOfTurn() {
        if (ended()) {
            return;
        }
        flushDispositions();
        for (int i = 0; i < dirtyLinks.size(); i++) {
            Link link = dirtyLinks.get(i);
            link.dirty = false;
            try {
                link.endOfTurn();
            } catch (RuntimeException failure) {
                connection.failures().caught(this, link, failure);
            }
        }
        dirtyLinks.clear();
        sendWaiting();
        if (windows.stale() && !ended()) {
            send(connection.out().flow());
        }
    }

    /** Says now how deliveries ended, before something is said after which it could not be. */
    void flushDispositions() {
        accepted.flush(channel, connection.out());
        incoming.flush(channel, connection.out());
        released.flush(channel, connection.out());
        for (Dispositions each : posted) {
            each.flush(channel, connection.out());
        }
        posted.clear();
        confirmed.flush(channel, connection.out());
    }
}
