package io.turnstone.store;

import io.turnstone.api.Loop;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** A loop whose thread is the one that made it; tasks may come from any thread. */
public final class TestLoop implements Loop {

    private final int index;
    private final Thread owner = Thread.currentThread();
    private final ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();

    public TestLoop(int index) {
        this.index = index;
    }

    /** Runs tasks until something is the case; fails after half a minute. */
    public void runUntil(BooleanSupplier condition) {
        long deadline = System.nanoTime() + 30_000_000_000L;
        while (!condition.getAsBoolean()) {
            if (!runPending()) {
                if (System.nanoTime() > deadline) {
                    throw new AssertionError("waited 30 s in vain");
                }
                LockSupport.parkNanos(this, 1_000_000);
            }
        }
    }

    /** Runs what waits; whether there was something. */
    boolean runPending() {
        boolean any = false;
        Runnable task;
        while ((task = tasks.poll()) != null) {
            task.run();
            any = true;
        }
        return any;
    }

    @Override
    public int index() {
        return index;
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
        throw new UnsupportedOperationException("no timers here");
    }

    @Override
    public long now() {
        return System.currentTimeMillis();
    }
}
