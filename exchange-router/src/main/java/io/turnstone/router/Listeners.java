package io.turnstone.router;

import io.turnstone.api.PublishOutcome;
import io.turnstone.api.Publisher;
import io.turnstone.api.Refusal;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

/** Tells the other ends of publishers. One that fails is logged, and changes nothing for what comes after it. */
final class Listeners {

    private static final Logger log = LogManager.getLogger(Listeners.class);

    private Listeners() {}

    /** See {@link Publisher.PublishListener#published}. */
    static void published(Publisher.PublishListener listener, PublishOutcome outcome) {
        try {
            listener.published(outcome);
        } catch (RuntimeException | Error e) {
            log.error("a publisher failed when it was told {}", outcome, e);
        }
    }

    /** See {@link Publisher.Listener#flow}. */
    static void flow(Publisher.Listener listener, boolean open) {
        try {
            listener.flow(open);
        } catch (RuntimeException | Error e) {
            log.error("a publisher failed when it was told open={}", open, e);
        }
    }

    /** See {@link Publisher.Listener#closed}. */
    static void closed(Publisher.Listener listener, Refusal reason) {
        try {
            listener.closed(reason);
        } catch (RuntimeException | Error e) {
            log.error("a publisher failed at its end", e);
        }
    }
}
