package io.turnstone.it;

import io.turnstone.it.client.ClientFailure;
import java.util.concurrent.CompletableFuture;

/** Work beside the test's own, on a thread of its own because clients block. */
final class Background {

    private Background() {}

    /** Something that a client does and that may go wrong. */
    @FunctionalInterface
    interface Work {
        /** Does it. */
        void run() throws Exception;
    }

    /** Starts it; the future fails with whatever it throws. */
    static CompletableFuture<Void> start(Work work) {
        return CompletableFuture.runAsync(
                () -> {
                    try {
                        work.run();
                    } catch (Exception e) {
                        throw new ClientFailure(e);
                    }
                },
                task -> {
                    var thread = new Thread(task, "background of a test");
                    thread.setDaemon(true);
                    thread.start();
                });
    }
}
