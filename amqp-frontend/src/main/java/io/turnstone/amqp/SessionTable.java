package io.turnstone.amqp;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.apache.qpid.proton.amqp.transport.AmqpError;
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

    /** Whether the peer may begin a session on that channel. */
    void check(int channel) {
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
    int takeChannel(int remoteChannelMax) {
        int channel = ourChannels.nextClearBit(0);
        if (channel > remoteChannelMax) {
            throw new ConnectionError(
                    AmqpError.RESOURCE_LIMIT_EXCEEDED,
                    "the peer's channel-max of " + remoteChannelMax + " leaves no channel for another session");
        }
        ourChannels.set(channel);
        return channel;
    }

    /** Adds a session whose channel was checked. */
    void put(AmqpSession session) {
        int channel = session.remoteChannel();
        if (channel >= byChannel.length) {
            int length = Math.min(channelMax + 1, Math.max(channel + 1, 2 * byChannel.length));
            byChannel = Arrays.copyOf(byChannel, length);
        }
        byChannel[channel] = session;
        size++;
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
