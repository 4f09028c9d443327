package io.turnstone.broker.host;

/** Lets a number of connections through per second, that many at once after a pause. Owned by one loop. */
final class AcceptRate {

    private final int perSecond;
    private double tokens;
    private long lastMs;

    AcceptRate(int perSecond) {
        this.perSecond = perSecond;
        tokens = perSecond;
    }

    boolean enter(long nowMs) {
        tokens = Math.min(perSecond, tokens + (double) Math.max(0, nowMs - lastMs) * (perSecond / 1000.0));
        lastMs = nowMs;
        if (tokens < 1) {
            return false;
        }
        tokens--;
        return true;
    }
}
