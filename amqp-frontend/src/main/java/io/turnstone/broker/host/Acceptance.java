package io.turnstone.broker.host;

import java.util.concurrent.atomic.AtomicInteger;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

/**
 * How many connections there may be, over all listeners and loops. Any thread: listeners of all loops share it, once per
 * connection.
 */
final class Acceptance {

    private static final Logger LOG = LogManager.getLogger(Acceptance.class);

    private final int most;
    private final AtomicInteger open = new AtomicInteger();
    private final LogRate refusals = new LogRate();
    private final LogRate handshakes = new LogRate();

    Acceptance(int most) {
        this.most = most;
    }

    /** Counts one more connection; false when there are too many. */
    boolean enter() {
        if (open.incrementAndGet() <= most) {
            return true;
        }
        open.decrementAndGet();
        return false;
    }

    void leave() {
        open.decrementAndGet();
    }

    /** Tells operators that connections are refused, at most once a second. */
    void refused(String why, String remoteAddress, long nowMs) {
        if (refusals.enter(nowMs)) {
            LOG.warn("connection refused remote={}: {} (others in this second are not logged)", remoteAddress, why);
        }
    }

    /** Tells operators that a peer could not agree on TLS or a WebSocket, at most once a second. */
    void handshakeFailed(String why, String remoteAddress, long nowMs) {
        if (handshakes.enter(nowMs)) {
            LOG.info("handshake failed remote={}: {} (others in this second are not logged)", remoteAddress, why);
        }
    }
}
