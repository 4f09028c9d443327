package io.turnstone.amqp;

import io.turnstone.amqp.codec.FlowFrame;
import io.turnstone.amqp.codec.Serial;
import io.turnstone.amqp.codec.Symbols;
import io.turnstone.amqp.error.SessionError;

/**
 * The transfer-ids and windows of one session, both ways (part 2, section 2.5.6). Counts transfer frames, not messages.
 * Owned by the loop of its connection.
 */
final class SessionWindows {

    /** We never have to hold a peer back by our outgoing window, so it is as large as it gets. */
    static final long OUTGOING_WINDOW = Integer.MAX_VALUE;

    private static final int INITIAL_OUTGOING_ID = 0;

    private final int window;
    private int nextIncomingId;
    /** How many transfer frames may still come, whatever was told last: some may have been under way by then. */
    private int incomingWindow;
    /** What the peer was told last, less what came since. */
    private int told;
    /** The most that is told. */
    private int most;

    private int nextOutgoingId = INITIAL_OUTGOING_ID;
    private long remoteIncomingWindow;
    /** Links that publish, and those of them that may not at present. */
    private int publishers;

    private int blocked;
    /** Large messages come faster than they can be written. */
    private boolean held;
    /** The peer believes that the incoming window is closed. */
    private boolean closed;

    SessionWindows(int window, int remoteNextOutgoingId, long remoteIncomingWindow) {
        this.window = window;
        this.incomingWindow = window;
        this.told = window;
        this.most = window;
        this.nextIncomingId = remoteNextOutgoingId;
        this.remoteIncomingWindow = remoteIncomingWindow;
    }

    /** The id of the next transfer frame we send. */
    int nextOutgoingId() {
        return nextOutgoingId;
    }

    /** A transfer frame came. */
    void received() {
        if (incomingWindow == 0) {
            throw new SessionError(
                    Symbols.WINDOW_VIOLATION,
                    "transfer " + Integer.toUnsignedString(nextIncomingId)
                            + " is beyond the session's incoming-window; wait for a flow before sending more");
        }
        nextIncomingId++;
        incomingWindow--;
        told = Math.max(0, told - 1);
    }

    /** So many frames at most shall be under way from now on, if that is less than the usual window. */
    void most(int frames) {
        most = Math.max(2, Math.min(window, frames));
    }

    /** Holds the peer back, or no longer. */
    void hold(boolean on) {
        held = on;
    }

    /** So many more (or less) links publish, and so many more (or less) of them may not. */
    void publishers(int change, int blockedChange) {
        publishers += change;
        blocked += blockedChange;
    }

    /** No link may publish: the queues are full, or memory runs out. What was under way by then may still come. */
    private boolean mustClose() {
        return held || (publishers > 0 && blocked == publishers);
    }

    /**
     * Whether the peer should hear of another incoming window: since little is left, or too much, or it closes, or opens
     * again.
     */
    boolean stale() {
        return mustClose() ? !closed : closed || told <= most / 2 || told > 2 * most;
    }

    /** How many transfer frames may be sent now. */
    int sendable() {
        return (int) Math.min(Integer.MAX_VALUE, remoteIncomingWindow);
    }

    /** So many transfer frames were sent. */
    void sent(int frames) {
        nextOutgoingId += frames;
        remoteIncomingWindow -= frames;
    }

    /** Takes the session's part of a flow. */
    void flow(FlowFrame flow) {
        int expected = flow.hasNextIncomingId ? flow.nextIncomingId : INITIAL_OUTGOING_ID;
        int onTheWay = Serial.distance(expected, nextOutgoingId);
        if (onTheWay < 0) {
            throw new SessionError(
                    Symbols.WINDOW_VIOLATION,
                    "next-incoming-id " + Integer.toUnsignedString(expected) + " is ahead of the last transfer sent, "
                            + Integer.toUnsignedString(nextOutgoingId - 1)
                            + "; it counts transfer frames, not messages");
        }
        remoteIncomingWindow = Math.max(0, flow.incomingWindow - onTheWay);
        nextIncomingId = flow.nextOutgoingId;
    }

    /** Writes the session's part of a flow, which opens the incoming window again if some link may publish. */
    void fill(FlowFrame flow) {
        closed = mustClose();
        if (!closed) {
            told = most;
            incomingWindow = Math.max(incomingWindow, most);
        }
        flow.hasNextIncomingId = true;
        flow.nextIncomingId = nextIncomingId;
        flow.incomingWindow = closed ? 0 : told;
        flow.nextOutgoingId = nextOutgoingId;
        flow.outgoingWindow = OUTGOING_WINDOW;
    }
}
