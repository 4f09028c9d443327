package io.turnstone.store.checkpoint;

import io.turnstone.store.files.FailedForce;
import io.turnstone.store.files.Forces;
import io.turnstone.store.files.StoreFile;
import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Forces files on a thread of its own, while the checkpointer goes on with something else. Owned by the checkpointer;
 * closed by the thread that owns the store.
 */
final class BackgroundForce implements Forces, AutoCloseable {

    /** Something that takes its time. */
    @FunctionalInterface
    interface Step {
        void run() throws IOException;
    }

    private final ThreadPoolExecutor thread =
            new ThreadPoolExecutor(0, 1, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                var made = new Thread(task, "turnstone-store-force");
                made.setDaemon(true);
                return made;
            });
    private final Runnable meanwhile;

    /** @param meanwhile run whenever the waiting thread was woken up */
    BackgroundForce(Runnable meanwhile) {
        this.meanwhile = meanwhile;
    }

    @Override
    public void force(StoreFile file) throws IOException {
        run(() -> FailedForce.force(file));
    }

    /** Runs something that forces files, and returns when it has ended. */
    void run(Step step) throws IOException {
        var waiting = Thread.currentThread();
        var task =
                new FutureTask<Void>(() -> {
                    step.run();
                    return null;
                }) {
                    @Override
                    protected void done() {
                        LockSupport.unpark(waiting);
                    }
                };
        thread.execute(task);
        while (!task.isDone()) {
            meanwhile.run();
            LockSupport.park(this);
        }
        end(task);
    }

    private static void end(FutureTask<Void> task) throws IOException {
        try {
            task.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException failed) {
                throw failed;
            } else if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            throw new IllegalStateException(e); // it is done: nobody waits
        }
    }

    @Override
    public void close() {
        thread.shutdown();
    }
}
