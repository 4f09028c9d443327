package io.turnstone.router;

import io.turnstone.api.Loop;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

/**
 * Logs what reached no queue: at most one line in ten seconds for what was dropped because its publisher does not want
 * to hear of it, and one for what was given back with an outcome that has no room for a reason. Owned by one loop.
 */
final class Dropped {

    private static final Logger log = LogManager.getLogger(Dropped.class);
    private static final long INTERVAL_MS = 10_000;

    private final Loop loop;
    private final Pace dropped = new Pace();
    private final Pace unroutable = new Pace();

    Dropped(Loop loop) {
        this.loop = loop;
    }

    /** One message was dropped. */
    void drop(String why) {
        if (dropped.due()) {
            log.warn("dropped a pre-settled message: {} (and {} others since the last line)", why, dropped.passed());
        }
    }

    /** One message was given back, since no binding wanted it. */
    void unroutable(String exchange, String key) {
        if (log.isDebugEnabled() && unroutable.due()) {
            log.debug(
                    "exchange={} key={} unroutable: bind a queue for it, or set an alternate exchange"
                            + " (and {} others since the last line)",
                    exchange,
                    key,
                    unroutable.passed());
        }
    }

    /** Lets one line through in a while and counts the others. */
    private final class Pace {
        private long quietUntilMs;
        private long silent;

        private boolean due() {
            if (loop.steadyMs() < quietUntilMs) {
                silent++;
                return false;
            }
            quietUntilMs = loop.steadyMs() + INTERVAL_MS;
            return true;
        }

        private long passed() {
            long passed = silent;
            silent = 0;
            return passed;
        }
    }
}
