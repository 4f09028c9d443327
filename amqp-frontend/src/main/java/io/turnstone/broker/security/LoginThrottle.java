package io.turnstone.broker.security;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Slows those who guess: after each failure the next attempts from the same address wait longer, one after another.
 * Holds a bounded number of addresses, the most recent ones. Owned by the login thread; times are handed in.
 */
final class LoginThrottle {

    static final int MAX_ADDRESSES = 10_000;
    static final long FIRST_WAIT_MS = 100;
    static final long LONGEST_WAIT_MS = 5_000;
    static final long FORGET_AFTER_MS = 600_000;

    /** An attempt that would wait longer is refused unchecked. */
    static final long QUEUE_MS = 15_000;

    private static final class Failures {
        private int count;
        private long lastMs;
        private long nextFreeMs;

        private long waitMs() {
            return Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS << Math.min(count - 1, 20));
        }
    }

    private final Map<String, Failures> byHost = new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Failures> eldest) {
            return size() > MAX_ADDRESSES;
        }
    };

    /**
     * Takes the next place in the line of an address.
     *
     * @return how long to wait before the check, in milliseconds; negative to refuse
     */
    long enter(String host, long nowMs) {
        Failures found = byHost.get(host);
        if (found == null) {
            return 0;
        }
        if (nowMs - found.lastMs > FORGET_AFTER_MS) {
            byHost.remove(host);
            return 0;
        }
        long wait = Math.max(0, found.nextFreeMs - nowMs);
        if (wait > QUEUE_MS) {
            return -1;
        }
        found.nextFreeMs = Math.max(nowMs, found.nextFreeMs) + found.waitMs();
        return wait;
    }

    void failed(String host, long nowMs) {
        Failures found = byHost.computeIfAbsent(host, h -> new Failures());
        found.count++;
        found.lastMs = nowMs;
        found.nextFreeMs = Math.max(found.nextFreeMs, nowMs + found.waitMs());
    }

    void succeeded(String host) {
        byHost.remove(host);
    }

    int addresses() {
        return byHost.size();
    }
}
