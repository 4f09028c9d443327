package io.turnstone.router;

import io.turnstone.api.Loop;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

/**
 * Logs what was dropped because its publisher does not want to hear of it: at most one line in ten seconds. Owned by one
 * loop.
 */
final class Dropped {

    private static final Logger log = LogManager.getLogger(Dropped.class);
    private static final long INTERVAL_MS = 10_000;

    private final Loop loop;
    private long quietUntilMs;
    private long silent;

    Dropped(Loop loop) {
        this.loop = loop;
    }

    /** One message was dropped. */
    void drop(String why) {
        if (loop.now() < quietUntilMs) {
            silent++;
            return;
        }
        quietUntilMs = loop.now() + INTERVAL_MS;
        log.warn("dropped a pre-settled message: {} (and {} others since the last line)", why, silent);
        silent = 0;
    }
}
