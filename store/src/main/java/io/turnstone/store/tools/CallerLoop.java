package io.turnstone.store.tools;

import io.turnstone.api.Loop;
import java.util.ArrayDeque;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * A loop turned by the thread that made it, for callers that have no event loop: tools, measurements, tests. Like an
 * event loop it is woken only when it waits. It has no timers.
 */
public class CallerLoop implements Loop {

    private static final long WAIT_NANOS = 1_000_000;

    private final int index;
    private final Thread owner = Thread.currentThread();
    private final ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final ArrayDeque<Runnable> endOfTurn = new ArrayDeque<>();
    private volatile boolean waiting;
    private long nowMs = System.currentTimeMillis();

    public CallerLoop(int index) {
        this.index = index;
    }

    /** One turn, after waiting a millisecond at most for something to do; whether there was something. */
    public final boolean turn() {
        boolean ended = endTurn();
        if (tasks.isEmpty()) {
            waiting = true;
            if (tasks.isEmpty()) {
                LockSupport.parkNanos(this, WAIT_NANOS);
            }
            waiting = false;
        }
        return runPending() || ended;
    }

    /** One turn without waiting; whether there was something to do. */
    public final boolean runPending() {
        nowMs = System.currentTimeMillis();
        boolean any = endTurn();
        Runnable task;
        while ((task = tasks.poll()) != null) {
            task.run();
            any = true;
        }
        return endTurn() || any;
    }

    /** Turns until something is the case. */
    public void runUntil(BooleanSupplier condition) {
        runPending();
        while (!condition.getAsBoolean()) {
            turn();
        }
    }

    private boolean endTurn() {
        boolean any = false;
        Runnable task;
        while ((task = endOfTurn.poll()) != null) {
            task.run();
            any = true;
        }
        return any;
    }

    @Override
    public final int index() {
        return index;
    }

    @Override
    public final boolean inLoop() {
        return Thread.currentThread() == owner;
    }

    @Override
    public final void execute(Runnable task) {
        tasks.add(task);
        if (waiting) {
            waiting = false;
            LockSupport.unpark(owner);
        }
    }

    @Override
    public final void atEndOfTurn(Runnable task) {
        endOfTurn.add(task);
    }

    @Override
    public final Timer schedule(long delayMs, Runnable task) {
        throw new UnsupportedOperationException("a loop turned by its caller has no timers");
    }

    @Override
    public final long now() {
        return nowMs;
    }
}
