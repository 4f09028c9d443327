package io.turnstone.load;

/** How many events happened between the first and the last of them. Owned by one loop while it runs. */
final class Span {

    private long count;
    private long firstNanos = Long.MAX_VALUE;
    private long lastNanos = Long.MIN_VALUE;

    void add(long nowNanos) {
        if (count++ == 0) {
            firstNanos = nowNanos;
        }
        lastNanos = nowNanos;
    }

    void addAll(Span other) {
        count += other.count;
        firstNanos = Math.min(firstNanos, other.firstNanos);
        lastNanos = Math.max(lastNanos, other.lastNanos);
    }

    long count() {
        return count;
    }

    double seconds() {
        return count < 2 ? 0 : (lastNanos - firstNanos) / 1e9;
    }

    /** Events per second; 0 when there were too few to tell. */
    double rate() {
        double seconds = seconds();
        return seconds > 0 ? count / seconds : 0;
    }
}
