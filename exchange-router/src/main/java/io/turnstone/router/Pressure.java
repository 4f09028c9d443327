package io.turnstone.router;

import io.turnstone.api.Loop;
import io.turnstone.api.store.MessageStore;
import io.turnstone.router.queue.QueueHome;
import java.util.Collection;
import java.util.List;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

/**
 * Pauses all publishers while what queues have on the heap exceeds the memory budget, or the store is congested. Messages
 * that are paged out do not count beyond their positions. Looks a few times per second. Owned by the topology loop.
 */
final class Pressure {

    private static final Logger log = LogManager.getLogger(Pressure.class);
    private static final long INTERVAL_MS = 100;

    private final Loop loop;
    private final List<QueueHome> homes;
    private final MessageStore store;
    private final long budgetBytes;
    private final Collection<RouterLoop> loops;
    private boolean high;
    private boolean stopped;

    Pressure(Loop loop, List<QueueHome> homes, MessageStore store, long budgetBytes, Collection<RouterLoop> loops) {
        this.loop = loop;
        this.homes = homes;
        this.store = store;
        this.budgetBytes = budgetBytes;
        this.loops = loops;
    }

    /** Looks now and from now on. */
    void watch() {
        if (stopped) {
            return;
        }
        long used = 0;
        for (QueueHome home : homes) {
            used += home.memory().used();
        }
        for (RouterLoop each : loops) {
            used += each.transactions().heapBytes();
        }
        // Opened again with a tenth of the budget free, so that it does not swing with every message.
        long threshold = high ? budgetBytes - budgetBytes / 10 : budgetBytes;
        boolean now = used > threshold || store.congested();
        if (now != high) {
            high = now;
            log.info("publishers {}: heap-bytes={} budget={}", high ? "paused" : "resumed", used, budgetBytes);
            loops.forEach(each -> each.loop().execute(() -> each.pressed(now)));
        }
        loop.schedule(INTERVAL_MS, this::watch);
    }

    void stop() {
        stopped = true;
    }
}
