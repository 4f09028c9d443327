package io.turnstone.store.checkpoint;

import java.util.concurrent.TimeUnit;

/**
 * Tells when a store rests: nothing came for a while, or so little that waiting for silence would keep the journal long
 * for ever. Moments are those of {@link System#nanoTime}. Owned by the checkpointer.
 */
final class Quiet {

    private final long idleNanos;
    private final long trickleBytes;
    private long lastCommit;
    private long calmSince;
    private long bytes;

    /**
     * @param idleMs what a while is, in milliseconds
     * @param trickleBytes less than this in a while is little
     */
    Quiet(long idleMs, long trickleBytes, long now) {
        idleNanos = TimeUnit.MILLISECONDS.toNanos(idleMs);
        this.trickleBytes = trickleBytes;
        lastCommit = now;
        calmSince = now;
    }

    /** So many bytes were committed. */
    void committed(long more, long now) {
        lastCommit = now;
        bytes += more;
        if (bytes >= trickleBytes) {
            beginAgain(now);
        }
    }

    /** What there was to do at rest is done; the next time is a while away. */
    void beginAgain(long now) {
        calmSince = now;
        bytes = 0;
    }

    long lastCommit() {
        return lastCommit;
    }

    /** Whether nothing came for a while. */
    boolean silent(long now) {
        return now - lastCommit >= idleNanos;
    }

    /** Whether little came for a while, or nothing. */
    boolean calm(long now) {
        return silent(now) || now - calmSince >= idleNanos;
    }
}
