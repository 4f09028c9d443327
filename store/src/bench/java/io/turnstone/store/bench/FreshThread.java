package io.turnstone.store.bench;

import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Measures on a thread of its own. On a busy machine one thread for all was given the processor later and later, and
 * peers that bring threads of their own looked faster than a bare write.
 */
final class FreshThread {

    /** One measurement. */
    interface Measurement {
        Sample measure() throws IOException;
    }

    private FreshThread() {}

    static Sample measure(Measurement measurement) throws IOException {
        var task = new FutureTask<>(measurement::measure);
        new Thread(task, "measurement").start();
        try {
            return task.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } catch (ExecutionException e) {
            throw new IOException("the measurement failed", e.getCause());
        }
    }
}
