package io.turnstone.router.queue;

import io.turnstone.api.Loop;
import io.turnstone.api.store.MessageStore;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a loop offers to the queues that live there. One per loop, made by the router.
 *
 * @param loop the home of its queues
 * @param handOff that loop's hand-off
 * @param store where durable entries are kept
 * @param routes where dead messages go
 * @param lifecycle hears which queues may be deleted
 * @param random for the jitter of retries; used by this loop only
 * @param memory how much heap its queues may use
 * @param reader reads their messages back
 * @param expiry what their messages share that have a time to live
 * @param held how much is kept for each of their consumers of the last run
 */
public record QueueHome(
        Loop loop,
        HandOff handOff,
        MessageStore store,
        DeadLetterRoutes routes,
        Lifecycle lifecycle,
        SplittableRandom random,
        HeapShare memory,
        EntryReader reader,
        SharedExpiry expiry,
        HeldLimit held) {

    /** Runs something on this loop, for threads that are no loop; the stage completes there. */
    <T extends @Nullable Object> CompletionStage<T> execute(Supplier<T> work) {
        var done = new CompletableFuture<T>();
        loop.execute(() -> {
            try {
                done.complete(work.get());
            } catch (RuntimeException | Error failure) { // whoever waits for it must not wait for ever
                done.completeExceptionally(failure);
            }
        });
        return done;
    }
}
