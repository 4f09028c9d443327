package io.turnstone.amqp;

import io.turnstone.amqp.codec.FrameWriter;
import io.turnstone.amqp.codec.Symbols;
import io.turnstone.amqp.error.ConnectionError;
import io.turnstone.amqp.terms.Termini;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.UnsignedShort;
import org.apache.qpid.proton.amqp.transport.AmqpError;
import org.apache.qpid.proton.amqp.transport.Open;
import org.jspecify.annotations.Nullable;

/**
 * What a peer said in its {@code open}, and our own. Immutable.
 *
 * @param containerId what it calls itself
 * @param maxFrameSize largest frame it takes, in bytes
 * @param channelMax highest channel it takes
 * @param idleTimeoutMs silence it tolerates, 0 for any
 * @param sole whether it wants to be the only connection of its container
 * @param closesExisting whether, if it is not, the other one shall go
 */
record RemoteOpen(
        String containerId,
        int maxFrameSize,
        int channelMax,
        long idleTimeoutMs,
        boolean sole,
        boolean closesExisting) {

    /** Shorter limits cannot be met for sure. */
    private static final long SHORTEST_IDLE_TIMEOUT_MS = 100;

    private static final int LONGEST_CONTAINER_ID = 4_096;
    private static final String VHOST = "vhost:";
    /** Below 4.0 an existing client refuses to work, below 4.2 it does not try direct reply-to and SQL filters. */
    private static final String CLIENTS_EXPECT = "4.3.0";

    private static final int CLIENTS_EXPECT_MAJOR = 4;

    /** @throws ConnectionError when we cannot work on these terms */
    static RemoteOpen of(Open open) {
        String container = open.getContainerId();
        if (container.length() > LONGEST_CONTAINER_ID) {
            throw invalid(
                    "container-id of " + container.length() + " characters must have at most " + LONGEST_CONTAINER_ID);
        }
        long frame = longOr(open.getMaxFrameSize(), 0xffff_ffffL);
        if (frame < FrameWriter.MIN_MAX_FRAME_SIZE) {
            throw invalid("max-frame-size " + frame + " must be at least " + FrameWriter.MIN_MAX_FRAME_SIZE);
        }
        long idle = longOr(open.getIdleTimeOut(), 0);
        if (idle > 0 && idle < SHORTEST_IDLE_TIMEOUT_MS) {
            throw new ConnectionError(
                    AmqpError.NOT_ALLOWED,
                    "idle-time-out " + idle + " ms must be 0 or at least " + SHORTEST_IDLE_TIMEOUT_MS + " ms");
        }
        String host = open.getHostname();
        if (host != null && host.startsWith(VHOST) && host.length() > VHOST.length() && !host.equals(VHOST + "/")) {
            throw new ConnectionError(
                    AmqpError.NOT_FOUND,
                    "virtual host '" + host.substring(VHOST.length())
                            + "' does not exist; leave the hostname as it is");
        }
        UnsignedShort channels = open.getChannelMax();
        Object policy =
                open.getProperties() == null ? null : open.getProperties().get(Symbols.SOLE_CONNECTION_POLICY);
        return new RemoteOpen(
                container,
                (int) Math.min(frame, Integer.MAX_VALUE),
                channels == null ? 0xffff : channels.intValue(),
                idle,
                Termini.contains(open.getDesiredCapabilities(), Symbols.SOLE_CONNECTION),
                policy instanceof Number number && number.intValue() == 1);
    }

    private static ConnectionError invalid(String what) {
        return new ConnectionError(AmqpError.INVALID_FIELD, what);
    }

    private static long longOr(@Nullable UnsignedInteger value, long otherwise) {
        return value == null ? otherwise : value.longValue();
    }

    /**
     * Our open.
     *
     * @param refused whether a close with the reason follows at once
     */
    static Open ours(AmqpSettings settings, boolean refused) {
        var open = new Open();
        open.setContainerId(settings.node());
        open.setMaxFrameSize(UnsignedInteger.valueOf(settings.maxFrameSize()));
        open.setChannelMax(UnsignedShort.valueOf((short) settings.channelMax()));
        if (settings.idleTimeoutMs() > 0) {
            // Part 2, section 2.4.5: half of what we really wait.
            open.setIdleTimeOut(UnsignedInteger.valueOf(Math.max(1, settings.idleTimeoutMs() / 2)));
        }
        Map<Symbol, Object> properties = new LinkedHashMap<>();
        properties.put(Symbols.PRODUCT, settings.product());
        properties.put(Symbols.VERSION, version(settings.version()));
        properties.put(Symbols.PLATFORM, "Java " + Runtime.version().feature());
        properties.put(Symbols.NODE, settings.node());
        if (refused) {
            properties.put(Symbols.ESTABLISHMENT_FAILED, true);
        }
        open.setProperties(properties);
        open.setOfferedCapabilities(Symbols.withFilters(
                Symbols.ANONYMOUS_RELAY,
                Symbols.SHARED_SUBSCRIPTIONS,
                Symbols.DELAYED_DELIVERY,
                Symbols.SOLE_CONNECTION,
                Symbols.LINK_PAIR));
        return open;
    }

    /** An existing client chooses what it tries by the version, of which it wants 4.0 or more; build metadata is free. */
    private static String version(String own) {
        int dot = own.indexOf('.');
        try {
            if (dot > 0 && Integer.parseInt(own.substring(0, dot)) > CLIENTS_EXPECT_MAJOR) {
                return own;
            }
        } catch (NumberFormatException notANumber) {
            // Written as build metadata then, like any other.
        }
        return CLIENTS_EXPECT + "+turnstone." + own;
    }
}
