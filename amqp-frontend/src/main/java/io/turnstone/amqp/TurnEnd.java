package io.turnstone.amqp;

import io.turnstone.api.Loop;
import io.turnstone.api.plugin.Protocol;
import java.util.ArrayList;
import java.util.List;

/**
 * What one connection puts off to the end of the turn, so that it is said once: dispositions in ranges, credit,
 * windows. And what it puts off to the next turn: telling queues how much the socket has taken. Owned by its loop.
 */
final class TurnEnd {

    /** Bytes waiting for the socket: beyond, transfers wait in their links. */
    private static final long FULL = 1024 * 1024;
    /** Bytes waiting for the socket: below, queues may hand over more. */
    private static final long NEARLY_EMPTY = 256 * 1024;

    private final Loop loop;
    private final Protocol.Channel channel;
    private final SessionTable sessions;
    private final Failures failures;
    private final Runnable after;
    private final Runnable endOfTurn = this::endOfTurn;
    private final Runnable nextTurn = this::nextTurn;
    private final List<AmqpSession> dirty = new ArrayList<>();
    private List<OutgoingLink> written = new ArrayList<>();
    private List<OutgoingLink> reporting = new ArrayList<>();
    private boolean asked;
    private boolean nextTurnAsked;
    private boolean blocked;

    /** @param after runs when everything else is said */
    TurnEnd(Protocol.Channel channel, SessionTable sessions, Failures failures, Runnable after) {
        this.loop = channel.loop();
        this.channel = channel;
        this.sessions = sessions;
        this.failures = failures;
        this.after = after;
    }

    /** Runs the end of this turn even if no session has anything to say. */
    void ask() {
        if (!asked) {
            asked = true;
            loop.atEndOfTurn(endOfTurn);
        }
    }

    /** A session has something to say at the end of the turn. */
    void add(AmqpSession session) {
        if (!session.dirty) {
            session.dirty = true;
            dirty.add(session);
            ask();
        }
    }

    /** Whether the socket keeps up, so that transfers may be written; if not, {@link #drained} resumes them. */
    boolean hasRoom() {
        if (channel.pendingBytes() < FULL) {
            return true;
        }
        blocked = true;
        return false;
    }

    /** A link has written so much that its queue should hear of it, once the socket has taken it. */
    void written(OutgoingLink link) {
        if (!link.reporting) {
            link.reporting = true;
            written.add(link);
            askNextTurn();
        }
    }

    /** The socket has taken what was queued. */
    void drained() {
        if (blocked || !written.isEmpty()) {
            askNextTurn();
        }
    }

    /** A later turn, since the channel flushes at the end of this one, and so that no turn feeds itself. */
    private void askNextTurn() {
        if (!nextTurnAsked) {
            nextTurnAsked = true;
            loop.execute(nextTurn);
        }
    }

    private void endOfTurn() {
        asked = false;
        for (int i = 0; i < dirty.size(); i++) {
            AmqpSession session = dirty.get(i);
            session.dirty = false;
            try {
                session.endOfTurn();
            } catch (RuntimeException failure) {
                failures.caught(session, null, failure);
            }
        }
        dirty.clear();
        try {
            after.run();
        } catch (RuntimeException failure) {
            failures.of(failure);
        }
    }

    private void nextTurn() {
        nextTurnAsked = false;
        if (channel.pendingBytes() < NEARLY_EMPTY) {
            if (blocked) {
                blocked = false;
                sessions.all().forEach(this::resume);
            }
            report();
        }
    }

    private void resume(AmqpSession session) {
        try {
            session.sendWaiting();
        } catch (RuntimeException failure) {
            failures.caught(session, null, failure);
        }
    }

    private void report() {
        List<OutgoingLink> links = written;
        written = reporting;
        reporting = links;
        for (int i = 0; i < links.size(); i++) {
            OutgoingLink link = links.get(i);
            link.reporting = false;
            try {
                link.written();
            } catch (RuntimeException failure) {
                failures.caught(link.session(), link, failure);
            }
        }
        links.clear();
    }
}
