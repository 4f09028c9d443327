package io.turnstone.router.topology;

import io.turnstone.api.Message;
import io.turnstone.api.MessageFilter;
import io.turnstone.api.MessageFormat;
import io.turnstone.api.Overlay;
import io.turnstone.api.Peer;
import io.turnstone.api.QueueSpec;
import io.turnstone.api.Subscription;
import java.util.Map;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.jspecify.annotations.Nullable;

/**
 * What a subscription lets into its queue: nothing is kept for it that its subscriber does not want. Immutable, any
 * thread.
 */
final class Gate {

    private static final Logger log = LogManager.getLogger(Gate.class);

    private final Subscription subscription;
    private final MessageFilter filter;

    private Gate(Subscription subscription, MessageFilter filter) {
        this.subscription = subscription;
        this.filter = filter;
    }

    /**
     * The gate of a subscription; null when everything passes.
     *
     * @throws IllegalArgumentException when nobody can read its filter
     */
    static @Nullable Gate of(@Nullable Subscription subscription, Map<String, MessageFormat> formats) {
        if (subscription == null) {
            return null;
        }
        Subscription.Selection selection = subscription.selection();
        MessageFilter filter = MessageFilter.ALL;
        if (!selection.filter().isEmpty()) {
            MessageFormat format = formats.get(selection.format());
            if (format == null) {
                throw new IllegalArgumentException("the filter of queue '" + subscription.queue() + "' is of format '"
                        + selection.format() + "', which this broker does not know");
            }
            filter = format.filter(selection.filter());
        }
        return selection.noLocal() || filter != MessageFilter.ALL ? new Gate(subscription, filter) : null;
    }

    /** A subscription whose filter cannot be read: it gets more than it wants rather than less. */
    static QueueSpec opened(QueueSpec spec) {
        Subscription filtered = spec.subscription();
        if (filtered == null) {
            return spec;
        }
        var all = new Subscription.Selection("", "", filtered.selection().noLocal());
        var opened = new Subscription(filtered.key(), filtered.source(), all, filtered.expiresMs());
        return spec.but().subscription(opened).build();
    }

    /**
     * Whether a message may enter.
     *
     * @param publisher who published it, or null when nobody knows (a dead letter)
     */
    boolean admits(Message message, String exchange, String key, @Nullable Peer publisher) {
        if (subscription.selection().noLocal() && publisher != null && isLocal(publisher)) {
            return false;
        }
        try {
            return filter.matches(message, Overlay.arrival(exchange, key, 0, message.expiresAtMs()));
        } catch (RuntimeException | LinkageError e) {
            log.error("queue={} its filter failed; the message does not enter", subscription.queue(), e);
            return false;
        }
    }

    private boolean isLocal(Peer publisher) {
        Subscription.Key key = subscription.key();
        return key.connectionId() == 0
                ? publisher.containerId().equals(key.container())
                : publisher.connectionId() == key.connectionId();
    }
}
