package io.turnstone.store.bench;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.apache.activemq.artemis.core.journal.IOCompletion;
import org.jspecify.annotations.Nullable;

/**
 * Counts the answers of a journal that answers in order. Completed by the journal's threads, taken by the thread that
 * made it, which is woken only when it waits.
 */
final class Completions implements IOCompletion {

    private static final long WAIT_NANOS = 1_000_000;

    private final Thread owner = Thread.currentThread();
    private final AtomicInteger done = new AtomicInteger();
    private volatile boolean waiting;
    private volatile @Nullable String failure;

    @Override
    public void storeLineUp() {
        // Only a context that counts its own operations needs this.
    }

    @Override
    public void done() {
        done.getAndIncrement();
        wake();
    }

    @Override
    public void onError(int errorCode, String errorMessage) {
        failure = errorMessage;
        wake();
    }

    private void wake() {
        if (waiting) {
            waiting = false;
            LockSupport.unpark(owner);
        }
    }

    private boolean any() {
        return done.get() > 0 || failure != null;
    }

    /** How many there were since the last call. */
    int take() {
        if (failure != null) {
            throw new IllegalStateException("the journal failed: " + failure);
        }
        return done.getAndSet(0);
    }

    /** Waits a millisecond for one of either. */
    static void await(Completions one, Completions other) {
        one.waiting = true;
        other.waiting = true;
        if (!one.any() && !other.any()) {
            LockSupport.parkNanos(one, WAIT_NANOS);
        }
        one.waiting = false;
        other.waiting = false;
    }
}
