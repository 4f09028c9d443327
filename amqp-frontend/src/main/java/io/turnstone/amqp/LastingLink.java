package io.turnstone.amqp;

import io.turnstone.amqp.codec.Symbols;
import io.turnstone.amqp.error.LinkError;
import io.turnstone.amqp.terms.Expiry;
import io.turnstone.api.Loop;
import org.apache.qpid.proton.amqp.messaging.TerminusExpiryPolicy;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.jspecify.annotations.Nullable;

/**
 * One link whose unsettled deliveries outlive its connection: who has it, what it left, and for how long that is kept.
 *
 * <p>Owned by the loop of the connection that had it last. A connection on another loop asks that loop for it; what is
 * addressed to a former owner {@linkplain #forward goes after it}.
 */
final class LastingLink {

    private final LastingLinks all;
    private final LinkKey key;
    private final @Nullable SourceState source;
    private final @Nullable TargetState target;
    private volatile Loop owner;
    private @Nullable Link holder;
    private Expiry expiry = Expiry.DEFAULT;
    private Deadline deadline;
    /** Where it waits for the end of its session or connection. */
    private volatile @Nullable LingeringLinks lingering;

    private boolean suspended;
    private boolean gone;

    /** One that attaches for the first time. */
    LastingLink(LastingLinks all, LinkKey key, Link holder) {
        this.all = all;
        this.key = key;
        this.holder = holder;
        owner = holder.session().connection().loop();
        deadline = new Deadline(owner);
        source = key.link().incoming() ? null : new SourceState(this);
        target = key.link().incoming() ? new TargetState(this) : null;
    }

    /** The loop that owns it at this moment. */
    Loop owner() {
        return owner;
    }

    LinkKey key() {
        return key;
    }

    /** Of an outgoing link: what was sent. */
    @Nullable
    SourceState source() {
        return source;
    }

    /** Of an incoming link: what was received. */
    @Nullable
    TargetState target() {
        return target;
    }

    /** Does something where the link is now, at once if that is here. Any thread. */
    void forward(Runnable work) {
        Loop at = owner;
        if (at.inLoop()) {
            work.run();
        } else {
            at.execute(() -> forward(work));
        }
    }

    /** One that a former run of the broker left behind; its time counts from now. */
    LastingLink(LastingLinks all, LinkKey key, Loop owner, Expiry expiry) {
        this.all = all;
        this.key = key;
        this.owner = owner;
        this.expiry = expiry;
        deadline = new Deadline(owner);
        source = key.link().incoming() ? null : new SourceState(this);
        target = key.link().incoming() ? new TargetState(this) : null;
        suspended(true);
    }

    /** What it may hold. */
    LastingLimits limits() {
        return all.limits();
    }

    private void suspended(boolean now) {
        if (suspended != now) {
            suspended = now;
            all.suspended(now ? 1 : -1);
        }
    }

    /** How long it is kept when its link is gone. */
    void expiry(Expiry agreed) {
        expiry = agreed;
    }

    Expiry expiry() {
        return expiry;
    }

    /**
     * Gives it to a link that attaches; one that has it loses it (part 2, section 2.6.1). On the loop of that link.
     *
     * @param wanted whether that link wants it; if not, it is forgotten
     */
    void take(Link link, Attach attach, boolean wanted) {
        Loop loop = link.session().connection().loop();
        forward(() -> {
            Loop from = owner;
            Link before = holder;
            if (before != null) {
                before.session()
                        .connection()
                        .failures()
                        .of(before, new LinkError(Symbols.STOLEN, "the link was attached on another connection"));
            }
            deadline.cancel();
            lingering = null;
            if (!gone && !wanted) {
                forget();
            }
            if (!gone) {
                suspended(false);
                holder = link;
                owner = loop;
                deadline = new Deadline(loop);
            }
            boolean given = !gone;
            if (loop.inLoop()) {
                taken(link, attach, given);
            } else {
                // That the consumer is suspended leaves this loop at the end of the turn; its queue must know it first.
                from.execute(() -> loop.execute(() -> taken(link, attach, given)));
            }
        });
    }

    private void taken(Link link, Attach attach, boolean given) {
        link.session().connection().failures().guard(link, () -> {
            if (given) {
                link.lasts(this);
            }
            if (link.state() != Link.State.OPENING || link.session().ended()) {
                suspend(link); // it has gone while it waited
            } else if (given) {
                link.begin(attach);
            } else {
                all.open(link, attach);
            }
            link.session().connection().turnEnd().ask();
        });
    }

    /** The link closed it: neither end will want it again. */
    void close(Link link) {
        if (holder == link) {
            holder = null;
            forget();
        }
    }

    /** The link is gone and may come back. */
    void suspend(Link link) {
        if (holder != link) {
            return;
        }
        holder = null;
        suspended(true);
        if (isEmpty()) {
            forget();
        } else if (lingers(link.session())) {
            LingeringLinks there = link.session().connection().lingering();
            lingering = there;
            there.add(this, link.session());
        } else {
            expire();
        }
    }

    /** Whether the end from which its time counts is still to come: a link may be gone before it was attached. */
    private boolean lingers(AmqpSession session) {
        return switch (expiry.policy()) {
            case LINK_DETACH, NEVER -> false;
            case SESSION_END -> !session.ended() && session.connection().opened();
            case CONNECTION_CLOSE -> session.connection().opened();
        };
    }

    /** Where it waits for the end of its session or connection, if it does. Any thread. */
    @Nullable
    LingeringLinks lingering() {
        return lingering;
    }

    /** The session it was on has ended, while it lingered on that connection. */
    void sessionEnded(LingeringLinks on) {
        forward(() -> {
            if (lingering == on && expiry.policy() == TerminusExpiryPolicy.SESSION_END) {
                expire();
            }
        });
    }

    /** The connection on which it lingered has ended. */
    void connectionEnded(LingeringLinks on) {
        forward(() -> {
            if (lingering == on) {
                expire();
            }
        });
    }

    /** From now on its time counts. */
    void expire() {
        lingering = null;
        if (!gone && !expiry.never()) {
            if (expiry.timeoutMs() == 0) {
                forget();
            } else {
                deadline.in(expiry.timeoutMs(), this::forget);
            }
        }
    }

    private boolean isEmpty() {
        return (source == null || source.isEmpty()) && (target == null || target.isEmpty());
    }

    private void forget() {
        gone = true;
        suspended(false);
        deadline.cancel();
        all.remove(this);
        if (source != null) {
            source.drop();
        }
        if (target != null) {
            target.drop();
        }
    }

    /** The link that has it, or null. */
    @Nullable
    Link holder() {
        return holder;
    }

    /** Whether that link has it: not when another has taken it meanwhile. On the link's loop. */
    boolean heldBy(Link link) {
        return holder == link;
    }
}
