package io.turnstone.amqp;

import io.turnstone.amqp.codec.FlowFrame;
import io.turnstone.amqp.error.LinkError;
import io.turnstone.amqp.management.BrokerNode;
import io.turnstone.amqp.terms.AmqpConditions;
import io.turnstone.api.RefusedException;
import java.util.concurrent.CompletionException;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.transport.AmqpError;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Detach;
import org.apache.qpid.proton.amqp.transport.Role;
import org.jspecify.annotations.Nullable;

/**
 * Our end of one link: attaching, which waits for the core, and detaching. Owned by the loop of its connection.
 */
abstract sealed class Link permits CoordinatorLink, IncomingLink, OutgoingLink, SubscriptionLink {

    private static final Logger LOG = LogManager.getLogger(Link.class);

    /** The states of a link as we see it. */
    enum State {
        /** The peer's attach came; the core has not answered yet. */
        OPENING,
        /** Both attaches were exchanged. */
        ATTACHED,
        /** We sent a detach first; what the peer sends is discarded until its own comes. */
        DETACHING,
        /** Neither end knows the link any more. */
        ENDED
    }

    /** Whether it is in its session's list of links with something to say at the end of the turn. */
    boolean dirty;

    private final AmqpSession session;
    private final LinkName name;
    private final int remoteHandle;
    private State state = State.OPENING;
    private int handle = -1;
    /** The core has answered, so there is something to give back. */
    private boolean answered;
    /** The peer gave up before the core answered. */
    private @Nullable Detach detachedEarly;
    /** What went wrong before the core answered. */
    private @Nullable LinkError failedEarly;
    /** Of a link whose unsettled deliveries outlive its connection. */
    private @Nullable LastingLink lasting;

    Link(AmqpSession session, LinkName name, int remoteHandle) {
        this.session = session;
        this.name = name;
        this.remoteHandle = remoteHandle;
    }

    /** The node of the broker itself that it leads to; null for most links. */
    abstract @Nullable BrokerNode node();

    /** Asks the core for what the attach names. */
    abstract void open(Attach attach);

    /** Our attach for the link as it is. */
    abstract Attach accepted(Attach asked);

    /** The core has answered and the attach is sent. */
    abstract void attached();

    /** The link is about to be detached by us: ends what is half sent. */
    abstract void abandon();

    /** Gives back what the core gave, if it gave anything. */
    abstract void release(boolean lost);

    /** The peer's flow for this link. */
    abstract void flow(FlowFrame flow);

    /** The end of a turn in which the session was marked dirty. */
    abstract void endOfTurn();

    /** Its unsettled deliveries outlive its connection. Before it opens. */
    final void lasts(LastingLink across) {
        lasting = across;
    }

    /** What of it outlives its connection; null for most links. */
    final @Nullable LastingLink lasting() {
        return lasting;
    }

    final AmqpSession session() {
        return session;
    }

    final LinkName name() {
        return name;
    }

    final State state() {
        return state;
    }

    final int remoteHandle() {
        return remoteHandle;
    }

    final int handle() {
        return handle;
    }

    final boolean isAttached() {
        return state == State.ATTACHED;
    }

    /** Opens it, or refuses it at once. */
    final void begin(Attach attach) {
        try {
            open(attach);
        } catch (LinkError refusal) {
            refuseUnopened(attach, refusal);
        }
    }

    /** Refuses it without asking the core. */
    final void refuseUnopened(Attach attach, LinkError refusal) {
        session.opened(this);
        refuse(attach, refusal);
    }

    /** The core's answer. */
    final void opened(Attach asked, @Nullable Throwable failure) {
        answered = true;
        session.opened(this);
        if (state != State.OPENING || session.ended()) {
            state = State.ENDED;
            release(false);
            suspend();
            return;
        }
        handle = session.takeHandle();
        if (failure != null) {
            refuse(asked, error(failure));
            return;
        }
        Attach answer;
        try {
            answer = accepted(asked);
        } catch (LinkError mistake) {
            refuse(asked, mistake);
            return;
        }
        session.send(answer);
        state = State.ATTACHED;
        Detach early = detachedEarly;
        if (failedEarly != null) {
            session.connection().failures().of(this, failedEarly);
        } else if (early != null) {
            detached(early);
        } else {
            attached();
        }
    }

    private void refuse(Attach asked, LinkError error) {
        if (handle < 0) {
            handle = session.takeHandle();
        }
        Attach answer = reply(asked);
        if (asked.getRole() == Role.SENDER) {
            answer.setSource(asked.getSource());
        } else {
            answer.setTarget(asked.getTarget());
        }
        session.send(answer);
        state = State.ATTACHED;
        session.connection().failures().of(this, error);
    }

    /** The fields that accepted and refused links have in common. */
    final Attach reply(Attach asked) {
        var reply = new Attach();
        reply.setName(name.name());
        reply.setHandle(UnsignedInteger.valueOf(handle));
        reply.setRole(name.incoming() ? Role.RECEIVER : Role.SENDER);
        reply.setSndSettleMode(asked.getSndSettleMode());
        reply.setRcvSettleMode(asked.getRcvSettleMode());
        BrokerNode node = node();
        if (node != null) {
            reply.setProperties(node.properties());
        }
        if (!name.incoming()) {
            reply.setInitialDeliveryCount(UnsignedInteger.ZERO);
        }
        return reply;
    }

    /** Tells the sender the credit as it is. */
    final void sendFlow(LinkCredit credit) {
        FlowFrame flow = session.flowFor(this);
        flow.hasDeliveryCount = true;
        flow.deliveryCount = credit.deliveryCount();
        flow.hasLinkCredit = true;
        flow.linkCredit = credit.left();
        session.send(flow);
    }

    /** The peer detached. */
    final void detached(Detach detach) {
        switch (state) {
            case OPENING -> {
                detachedEarly = detach;
                session.unmap(this);
            }
            case ATTACHED -> leave(detach.getClosed());
            case DETACHING -> end();
            case ENDED -> {}
        }
    }

    /** The peer has detached: what has to be done before that is answered with {@link #left}, at once as a rule. */
    void leave(boolean closed) {
        leaving(closed);
        left(closed, null);
    }

    /** The peer's detach is about to be answered. */
    void leaving(boolean closed) {}

    /** Answers the peer's detach. */
    final void left(boolean closed, @Nullable LinkError error) {
        if (state == State.ATTACHED) {
            release(false);
            if (lasting != null && closed) {
                lasting.close(this);
            }
            suspend();
            sendDetach(closed, error);
            end();
        }
    }

    /** Ends the link from this side. Called by {@link Failures#of(Link, LinkError)} alone. */
    final void fail(LinkError error) {
        if (state == State.OPENING) {
            failedEarly = error;
        } else if (state == State.ATTACHED) {
            abandon();
            release(false);
            suspend();
            sendDetach(true, error);
            if (detachedEarly != null) {
                end();
            } else {
                state = State.DETACHING;
            }
        }
    }

    /** The session or connection ended. */
    final void ended(boolean lost) {
        if (state != State.ENDED) {
            state = State.ENDED;
            session.connection().links().free(this);
            if (answered) {
                release(lost);
                suspend();
            }
        }
    }

    /** It may come back. */
    private void suspend() {
        if (lasting != null) {
            lasting.suspend(this);
        }
    }

    private void end() {
        state = State.ENDED;
        session.unmap(this);
    }

    private void sendDetach(boolean closed, @Nullable LinkError error) {
        session.flushDispositions();
        var detach = new Detach();
        detach.setHandle(UnsignedInteger.valueOf(handle));
        detach.setClosed(closed);
        if (error != null) {
            detach.setError(error.asCondition());
            session.connection().out().ending(session.channel(), detach, detach.getError());
        } else {
            session.send(detach);
        }
        session.freeHandle(handle);
        session.connection().links().free(this);
    }

    /** What a failure of the core means for the link. */
    final LinkError error(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof RefusedException refused) {
            return AmqpConditions.linkError(refused.refusal());
        }
        LOG.error("link={} could not be opened", name.name(), cause);
        return new LinkError(AmqpError.INTERNAL_ERROR, "the broker failed to open the link; see its log");
    }
}
