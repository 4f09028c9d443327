package io.turnstone.amqp;

import java.util.concurrent.atomic.AtomicLong;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

/** Says in the log which peers did not get as far as AMQP frames, one per second however many come. Any thread. */
final class Strangers {

    private static final Logger LOG = LogManager.getLogger(Strangers.class);
    private static final long SECOND_MS = 1_000;

    private final AtomicLong lastMs = new AtomicLong(Long.MIN_VALUE / 2);

    void turnedAway(String remoteAddress, String reason, long nowMs) {
        long last = lastMs.get();
        if (nowMs - last >= SECOND_MS && lastMs.compareAndSet(last, nowMs)) {
            LOG.info("connection={} ended: {} (others in this second are not logged)", remoteAddress, reason);
        }
    }
}
