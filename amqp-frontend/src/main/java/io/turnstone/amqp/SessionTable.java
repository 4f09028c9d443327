package io.turnstone.amqp;

import io.turnstone.amqp.error.ConnectionError;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.apache.qpid.proton.amqp.transport.AmqpError;
import org.apache.qpid.proton.amqp.transport.Begin;
import org.jspecify.annotations.Nullable;

/** The sessions of one connection by the peer's channels, and the channels of our own. Owned by its loop. */
final class SessionTable {

    private final int channelMax;
    private final BitSet ourChannels = new BitSet();
    private @Nullable AmqpSession[] byChannel = new @Nullable AmqpSession[1];
    private int size;

    SessionTable(int channelMax) {
        this.channelMax = channelMax;
    }

    /** How many there are. */
    int size() {
        return size;
    }

    /**
     * Begins the session that the peer asks for, and answers.
     *
     * @param channel the peer's
     * @param remoteChannelMax the highest channel it takes
     */
    void begin(AmqpConnection connection, int channel, Begin begin, int remoteChannelMax) {
        if (begin.getRemoteChannel() != null) {
            throw new ConnectionError(AmqpError.NOT_ALLOWED, "a begin with a remote-channel answers nothing of ours");
        }
        check(channel);
        var session = new AmqpSession(connection, channel, takeChannel(remoteChannelMax), begin);
        if (channel >= byChannel.length) {
            int length = Math.min(channelMax + 1, Math.max(channel + 1, 2 * byChannel.length));
            byChannel = Arrays.copyOf(byChannel, length);
        }
        byChannel[channel] = session;
        size++;
        session.begun();
    }

    private void check(int channel) {
        if (channel > channelMax) {
            throw ConnectionError.framing(
                    "channel " + channel + " must be at most " + channelMax + ", the channel-max");
        }
        if (channel < byChannel.length && byChannel[channel] != null) {
            throw new ConnectionError(
                    AmqpError.NOT_ALLOWED, "channel " + channel + " has a session; end it first or take another");
        }
    }

    /** The lowest of our channels that is free and that the peer takes. */
    private int takeChannel(int remoteChannelMax) {
        int channel = ourChannels.nextClearBit(0);
        if (channel > remoteChannelMax) {
            throw new ConnectionError(
                    AmqpError.RESOURCE_LIMIT_EXCEEDED,
                    "the peer's channel-max of " + remoteChannelMax
                            + " leaves no channel for another session; end one first, or open with a higher one");
        }
        ourChannels.set(channel);
        return channel;
    }

    /** The session on that channel of the peer's. */
    AmqpSession get(int channel) {
        AmqpSession session = channel < byChannel.length ? byChannel[channel] : null;
        if (session == null) {
            throw ConnectionError.framing("channel " + channel + " has no session; begin one first");
        }
        return session;
    }

    /** The session has ended on both sides. */
    void remove(AmqpSession session) {
        if (byChannel[session.remoteChannel()] == session) {
            byChannel[session.remoteChannel()] = null;
            size--;
            ourChannels.clear(session.channel());
        }
    }

    /** All sessions; a copy. */
    List<AmqpSession> all() {
        var all = new ArrayList<AmqpSession>(size);
        for (AmqpSession session : byChannel) {
            if (session != null) {
                all.add(session);
            }
        }
        return all;
    }
}
