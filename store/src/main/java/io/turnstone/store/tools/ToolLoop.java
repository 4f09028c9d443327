package io.turnstone.store.tools;

import io.turnstone.api.Loop;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** The thread of a tool, so that a store can answer it. */
final class ToolLoop implements Loop {

    private static final long LOOK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final Thread owner = Thread.currentThread();
    private final ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();

    /** Runs what the store has to say until something is the case. */
    void runUntil(BooleanSupplier condition) {
        runPending();
        while (!condition.getAsBoolean()) {
            LockSupport.parkNanos(this, LOOK_AGAIN_NANOS);
            runPending();
        }
    }

    private void runPending() {
        Runnable task;
        while ((task = tasks.poll()) != null) {
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
        LockSupport.unpark(owner);
    }

    @Override
    public void atEndOfTurn(Runnable task) {
        execute(task);
    }

    @Override
    public Timer schedule(long delayMs, Runnable task) {
        throw new UnsupportedOperationException("tools have no timers");
    }

    @Override
    public long now() {
        return System.currentTimeMillis();
    }
}
