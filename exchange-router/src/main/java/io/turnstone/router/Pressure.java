package io.turnstone.router;

import io.turnstone.api.Loop;
import io.turnstone.api.QueueStatus;
import io.turnstone.api.store.MessageStore;
import io.turnstone.router.topology.TopologyState;
import java.util.Collection;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

/**
 * Pauses all publishers while queued messages exceed the memory budget or the store is congested. Looks a few times per
 * second, less often the more queues there are. Owned by the topology loop.
 */
final class Pressure {

    private static final Logger log = LogManager.getLogger(Pressure.class);
    private static final long INTERVAL_MS = 100;

    /** What a message costs on the heap beside its bytes: its index, its entry, its overlay. Measured: about 250. */
    static final long MESSAGE_BYTES = 256;

    /** So many queues cost one more millisecond of pause between two looks: the sum is at most a percent of a loop. */
    private static final int QUEUES_PER_MS = 100;

    private final Loop loop;
    private final TopologyState state;
    private final MessageStore store;
    private final long budgetBytes;
    private final Collection<RouterLoop> loops;
    private boolean high;
    private boolean stopped;
    private long queuedBytes;

    Pressure(Loop loop, TopologyState state, MessageStore store, long budgetBytes, Collection<RouterLoop> loops) {
        this.loop = loop;
        this.state = state;
        this.store = store;
        this.budgetBytes = budgetBytes;
        this.loops = loops;
    }

    /** Looks now and from now on. */
    void watch() {
        if (stopped) {
            return;
        }
        var queues = state.queues();
        queuedBytes = 0;
        queues.forEach((name, entry) -> {
            QueueStatus status = entry.queue().status();
            queuedBytes += status.bytes() + MESSAGE_BYTES * status.messages();
        });
        // Opened again with a tenth of the budget free, so that it does not swing with every message.
        long threshold = high ? budgetBytes - budgetBytes / 10 : budgetBytes;
        boolean now = queuedBytes > threshold || store.congested();
        if (now != high) {
            high = now;
            log.info("publishers {}: queued-bytes={} budget={}", high ? "paused" : "resumed", queuedBytes, budgetBytes);
            loops.forEach(each -> each.loop().execute(() -> each.pressed(now)));
        }
        loop.schedule(INTERVAL_MS + queues.size() / QUEUES_PER_MS, this::watch);
    }

    void stop() {
        stopped = true;
    }
}
