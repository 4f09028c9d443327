package io.turnstone.api;

/**
 * One event loop: a single thread with the connections and queues that belong to it.
 *
 * <p>State owned by a loop is touched by that loop only; the core has no locks. A <em>turn</em> is one pass of the
 * loop: the sockets that were readable, then the tasks that were waiting. What a turn produces for a socket, for
 * another loop or for the store is collected and handed over once, at the end of the turn.
 *
 * <p><b>Threads:</b> {@link #execute} and {@link #inLoop} may be called from anywhere; everything else only in the loop.
 */
public interface Loop {

    /** The place of this loop among the broker's loops, from 0. */
    int index();

    /** Whether the calling thread is this loop's; for {@code assert loop.inLoop()}. */
    boolean inLoop();

    /** Runs a task on this loop in a later turn; tasks of one caller keep their order. */
    void execute(Runnable task);

    /**
     * Runs a task once at the end of the present turn, after what is running now and before the loop waits again.
     * A task added by such a task runs in the same end of turn.
     */
    void atEndOfTurn(Runnable task);

    /** Runs a task on this loop after a delay in milliseconds, never early; the returned timer cancels it. */
    Timer schedule(long delayMs, Runnable task);

    /**
     * Wall-clock time in milliseconds since the epoch, read once per turn: for moments that are told or kept. Somebody may
     * set it, to and fro.
     */
    long now();

    /** Milliseconds of a clock that nobody sets, from some beginning in this process: for spans of which only this run knows. */
    default long steadyMs() {
        return SteadyClock.ms();
    }

    /** A scheduled task that has not run yet. */
    interface Timer {
        /** Prevents the task from running; does nothing when it already ran. */
        void cancel();
    }
}
