package io.turnstone.broker.plugin;

import java.util.concurrent.atomic.AtomicLong;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

/** What one plugin did wrong after its start: counted, and logged at most once a second. Any thread. */
final class Faults {

    private static final Logger LOG = LogManager.getLogger(Faults.class);
    private static final long INTERVAL_NANOS = 1_000_000_000;

    private final String plugin;
    private final AtomicLong count = new AtomicLong();
    private final AtomicLong lastLogged = new AtomicLong(System.nanoTime() - INTERVAL_NANOS);

    Faults(String plugin) {
        this.plugin = plugin;
    }

    String plugin() {
        return plugin;
    }

    long count() {
        return count.get();
    }

    void happened(String where, Throwable fault) {
        long total = count.incrementAndGet();
        long last = lastLogged.get();
        long now = System.nanoTime();
        if (now - last >= INTERVAL_NANOS && lastLogged.compareAndSet(last, now)) {
            LOG.error("plugin={} failed in {} (failures so far: {})", plugin, where, total, fault);
        }
    }
}
