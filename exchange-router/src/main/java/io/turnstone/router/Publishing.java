package io.turnstone.router;

import io.turnstone.api.MessageFormat;
import io.turnstone.api.Peer;
import io.turnstone.api.RefusedException;
import io.turnstone.api.plugin.Authorizer;
import io.turnstone.api.plugin.PublishInterceptor;
import io.turnstone.api.store.MessageStore;
import io.turnstone.router.queue.DeadLetterRoutes;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

/**
 * What all publishers share. Immutable.
 *
 * @param formats of messages, by id
 * @param heldLimit most messages that wait behind one
 * @param maxDelayMs how far from its arrival a message may be delayed
 */
record Publishing(
        MessageStore store,
        Authorizer authorizer,
        List<PublishInterceptor> interceptors,
        DeadLetterRoutes deadLetters,
        Map<String, MessageFormat> formats,
        int heldLimit,
        long maxDelayMs) {

    private static final Logger log = LogManager.getLogger(Publishing.class);

    /** Whether a peer may do something; an authorizer that fails allows nothing. */
    boolean allows(Peer peer, Authorizer.Action action, String resource) {
        try {
            return authorizer.allowed(peer.identity(), action, resource);
        } catch (RuntimeException | LinkageError e) {
            log.error("authorizer={} failed on {}", authorizer.getClass().getName(), resource, e);
            return false;
        }
    }

    /** Refuses what a peer may not do. */
    void permit(Peer peer, Authorizer.Action action, String resource) {
        if (!allows(peer, action, resource)) {
            throw new RefusedException(Addresses.denied(peer, action.name().toLowerCase(Locale.ROOT), resource));
        }
    }
}
