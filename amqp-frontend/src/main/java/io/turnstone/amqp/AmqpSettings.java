package io.turnstone.amqp;

import io.turnstone.amqp.codec.FrameWriter;
import io.turnstone.api.store.Spool;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * What one broker's AMQP 1.0 front end tells its peers about itself, and the limits it sets them. Immutable.
 *
 * @param node the container id, also the {@code node} property of {@code open}
 * @param product the {@code product} property of {@code open}
 * @param version the broker's own version
 * @param maxFrameSize largest frame a peer may send, in bytes, from 512
 * @param channelMax highest channel number, 0 to 65535: one less than the sessions of a connection
 * @param handleMax highest handle, 0 to 65535: one less than the links of a session
 * @param maxLinks links of one connection, over all its sessions
 * @param maxMessageBytes largest encoded message a peer may send
 * @param spoolBytes larger messages are kept in files, if the store can
 * @param idleTimeoutMs silence after which a peer counts as gone; it is told half of it; 0 for never
 * @param handshakeLimitMs how long a peer may take from the first byte to its {@code open}, 0 for ever
 * @param sessionWindow transfer frames a peer may have under way per session
 * @param linkCredit messages a peer may have under way per link
 * @param maxUnsettled unsettled messages per link, either way
 * @param linkByteBudget bytes that a queue may hand over to one link before the socket has taken some
 * @param attachesPerSecond sessions and links a peer may begin in a second
 * @param lasting what links may hold that outlive their connections
 */
public record AmqpSettings(
        String node,
        String product,
        String version,
        int maxFrameSize,
        int channelMax,
        int handleMax,
        int maxLinks,
        long maxMessageBytes,
        int spoolBytes,
        long idleTimeoutMs,
        long handshakeLimitMs,
        int sessionWindow,
        int linkCredit,
        int maxUnsettled,
        long linkByteBudget,
        int attachesPerSecond,
        LastingLimits lasting) {

    private static final int KIB = 1024;

    /** What {@code maxMessageBytes} may be at most: 1 TiB. */
    public static final long MAX_MESSAGE = 1L << 40;

    public AmqpSettings {
        Objects.requireNonNull(node, "node");
        Objects.requireNonNull(product, "product");
        Objects.requireNonNull(version, "version");
        Objects.requireNonNull(lasting, "lasting");
        within("maxFrameSize", maxFrameSize, FrameWriter.MIN_MAX_FRAME_SIZE, 1 << 30);
        within("channelMax", channelMax, 0, 0xffff);
        within("handleMax", handleMax, 0, 0xffff);
        within("maxLinks", maxLinks, 1, 1 << 20);
        within("maxMessageBytes", maxMessageBytes, 1, MAX_MESSAGE);
        within("spoolBytes", spoolBytes, Spool.HEAD_BYTES, 1 << 30);
        within("idleTimeoutMs", idleTimeoutMs, 0, Integer.MAX_VALUE);
        within("handshakeLimitMs", handshakeLimitMs, 0, Integer.MAX_VALUE);
        within("sessionWindow", sessionWindow, 2, 1 << 20);
        within("linkCredit", linkCredit, 1, 1 << 20);
        within("maxUnsettled", maxUnsettled, linkCredit, 1 << 24);
        within("linkByteBudget", linkByteBudget, 1, 1L << 40);
        within("attachesPerSecond", attachesPerSecond, 1, 1 << 30);
    }

    /** The defaults for a broker of that name and version. */
    public static AmqpSettings of(String node, String version) {
        return new AmqpSettings(
                node,
                "Turnstone",
                version,
                128 * KIB,
                255,
                255,
                8_192,
                KIB * KIB * KIB,
                KIB * KIB,
                60_000,
                10_000,
                4_096,
                1_000,
                100_000,
                1024 * KIB,
                20_000,
                LastingLimits.DEFAULT);
    }

    /** The same with another largest frame, in bytes. */
    public AmqpSettings withMaxFrameSize(int bytes) {
        return with(changed -> changed.maxFrameSize = bytes);
    }

    /** The same with another size of messages, in bytes. */
    public AmqpSettings withMaxMessageBytes(long bytes) {
        return with(changed -> changed.maxMessageBytes = bytes);
    }

    /** The same with another size from which messages are kept in files, in bytes. */
    public AmqpSettings withSpoolBytes(int bytes) {
        return with(changed -> changed.spoolBytes = bytes);
    }

    /** The same with another idle timeout, in milliseconds. */
    public AmqpSettings withIdleTimeoutMs(long ms) {
        return with(changed -> changed.idleTimeoutMs = ms);
    }

    /** The same with another time for the handshake, in milliseconds. */
    public AmqpSettings withHandshakeLimitMs(long ms) {
        return with(changed -> changed.handshakeLimitMs = ms);
    }

    /** The same with other limits to what may be under way. */
    public AmqpSettings withWindows(int sessionWindow, int linkCredit, int maxUnsettled, long linkByteBudget) {
        return with(changed -> {
            changed.sessionWindow = sessionWindow;
            changed.linkCredit = linkCredit;
            changed.maxUnsettled = maxUnsettled;
            changed.linkByteBudget = linkByteBudget;
        });
    }

    /** The same with other numbers of sessions (less one), links per session (less one) and links. */
    public AmqpSettings withLinks(int channelMax, int handleMax, int maxLinks) {
        return with(changed -> {
            changed.channelMax = channelMax;
            changed.handleMax = handleMax;
            changed.maxLinks = maxLinks;
        });
    }

    /** The same with other limits to links that outlive their connections. */
    public AmqpSettings withLasting(LastingLimits limits) {
        return with(changed -> changed.lasting = limits);
    }

    private AmqpSettings with(Consumer<Draft> change) {
        var draft = new Draft(this);
        change.accept(draft);
        return draft.settings();
    }

    static void within(String what, long value, long least, long most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(what + " " + value + " must be " + least + " to " + most);
        }
    }

    /** What may be said anew of settings, while it is being said. */
    private static final class Draft {

        private final AmqpSettings from;
        private int maxFrameSize;
        private int channelMax;
        private int handleMax;
        private int maxLinks;
        private long maxMessageBytes;
        private int spoolBytes;
        private long idleTimeoutMs;
        private long handshakeLimitMs;
        private int sessionWindow;
        private int linkCredit;
        private int maxUnsettled;
        private long linkByteBudget;
        private LastingLimits lasting;

        private Draft(AmqpSettings from) {
            this.from = from;
            maxFrameSize = from.maxFrameSize;
            channelMax = from.channelMax;
            handleMax = from.handleMax;
            maxLinks = from.maxLinks;
            maxMessageBytes = from.maxMessageBytes;
            spoolBytes = from.spoolBytes;
            idleTimeoutMs = from.idleTimeoutMs;
            handshakeLimitMs = from.handshakeLimitMs;
            sessionWindow = from.sessionWindow;
            linkCredit = from.linkCredit;
            maxUnsettled = from.maxUnsettled;
            linkByteBudget = from.linkByteBudget;
            lasting = from.lasting;
        }

        private AmqpSettings settings() {
            return new AmqpSettings(
                    from.node,
                    from.product,
                    from.version,
                    maxFrameSize,
                    channelMax,
                    handleMax,
                    maxLinks,
                    maxMessageBytes,
                    spoolBytes,
                    idleTimeoutMs,
                    handshakeLimitMs,
                    sessionWindow,
                    linkCredit,
                    maxUnsettled,
                    linkByteBudget,
                    from.attachesPerSecond,
                    lasting);
        }
    }
}
