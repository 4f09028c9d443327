package io.turnstone.store.bench;

import io.turnstone.api.Loop;
import java.util.ArrayDeque;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;

/** A loop that is turned by the thread that made it; like an event loop it is woken only when it waits. */
final class OneThreadLoop implements Loop {

    private static final long WAIT_NANOS = 1_000_000;

    private final Thread owner = Thread.currentThread();
    private final ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final ArrayDeque<Runnable> endOfTurn = new ArrayDeque<>();
    private volatile boolean waiting;
    private long nowMs = System.currentTimeMillis();

    /** Runs what is there, after waiting a millisecond at most for something to be there. */
    void turn() {
        runEndOfTurn();
        if (tasks.isEmpty()) {
            waiting = true;
            if (tasks.isEmpty()) {
                LockSupport.parkNanos(this, WAIT_NANOS);
            }
            waiting = false;
        }
        nowMs = System.currentTimeMillis();
        Runnable task;
        while ((task = tasks.poll()) != null) {
            task.run();
        }
        runEndOfTurn();
    }

    private void runEndOfTurn() {
        Runnable task;
        while ((task = endOfTurn.poll()) != null) {
            task.run();
        }
    }

    @Override
    public int index() {
        return 0;
    }

    @Override
    public boolean inLoop() {
        return Thread.currentThread() == owner;
    }

    @Override
    public void execute(Runnable task) {
        tasks.add(task);
        if (waiting) {
            waiting = false;
            LockSupport.unpark(owner);
        }
    }

    @Override
    public void atEndOfTurn(Runnable task) {
        endOfTurn.add(task);
    }

    @Override
    public Timer schedule(long delayMs, Runnable task) {
        throw new UnsupportedOperationException("no timers here");
    }

    @Override
    public long now() {
        return nowMs;
    }
}
