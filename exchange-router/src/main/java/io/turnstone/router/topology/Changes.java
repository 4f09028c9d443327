package io.turnstone.router.topology;

import io.turnstone.api.Condition;
import io.turnstone.api.Loop;
import io.turnstone.api.RefusedException;
import io.turnstone.api.store.MessageStore;
import io.turnstone.api.store.StoreException;
import io.turnstone.api.store.StoreRecord;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.jspecify.annotations.Nullable;

/** Runs changes of the topology one after another, each to its durable end. Owned by the topology loop. */
public final class Changes {

    private static final Logger log = LogManager.getLogger(Changes.class);

    private final Loop loop;
    private final MessageStore store;
    private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
    private boolean busy;
    private boolean running;

    public Changes(Loop loop, MessageStore store) {
        this.loop = loop;
        this.store = store;
    }

    /**
     * Runs a change when all earlier ones have ended. Any thread.
     *
     * @param change runs on the topology loop; throws {@link RefusedException} or answers with how it ended
     * @return completes on the topology loop
     */
    public <T extends @Nullable Object> CompletionStage<T> run(Supplier<? extends CompletionStage<T>> change) {
        var answer = new CompletableFuture<T>();
        Runnable task = () -> perform(change, answer);
        if (loop.inLoop()) {
            add(task);
        } else {
            loop.execute(() -> add(task));
        }
        return answer;
    }

    private void add(Runnable task) {
        waiting.add(task);
        next();
    }

    private void next() {
        if (running) {
            return;
        }
        running = true;
        while (!busy && !waiting.isEmpty()) {
            busy = true;
            waiting.remove().run();
        }
        running = false;
    }

    private <T extends @Nullable Object> void perform(
            Supplier<? extends CompletionStage<T>> change, CompletableFuture<T> answer) {
        CompletionStage<T> end;
        try {
            end = here(change.get());
        } catch (RuntimeException | Error e) { // the changes behind it have their turn in any case
            end = CompletableFuture.failedFuture(e);
        }
        end.whenComplete((value, failure) -> {
            busy = false;
            if (failure == null) {
                answer.complete(value);
            } else {
                answer.completeExceptionally(refused(failure));
            }
            next();
        });
    }

    /** Runs something later, in the topology loop. */
    void later(long delayMs, Runnable task) {
        loop.schedule(delayMs, task);
    }

    /** A stage that completes on the topology loop. */
    <T extends @Nullable Object> CompletionStage<T> here(CompletionStage<T> stage) {
        return on(loop, stage);
    }

    /** A stage that completes on a loop; at once when that is where it completed. */
    public static <T extends @Nullable Object> CompletionStage<T> on(Loop loop, CompletionStage<T> stage) {
        var moved = new CompletableFuture<T>();
        stage.whenComplete((value, failure) -> {
            if (loop.inLoop()) {
                finish(moved, value, failure);
            } else {
                loop.execute(() -> finish(moved, value, failure));
            }
        });
        return moved;
    }

    private static <T extends @Nullable Object> void finish(
            CompletableFuture<T> stage, T value, @Nullable Throwable failure) {
        if (failure == null) {
            stage.complete(value);
        } else {
            stage.completeExceptionally(refused(failure));
        }
    }

    /** Makes records durable; completes on the topology loop. In the topology loop. */
    CompletionStage<@Nullable Void> commit(Collection<? extends StoreRecord> records) {
        if (records.isEmpty()) {
            return CompletableFuture.completedFuture(null);
        }
        var all = new CompletableFuture<@Nullable Void>();
        var answers = new MessageStore.Committed() {
            private int missing = records.size();
            private @Nullable StoreException failed;

            @Override
            public void committed(long position, @Nullable StoreException failure) {
                if (failure != null) {
                    failed = failure;
                }
                if (--missing == 0) {
                    if (failed == null) {
                        all.complete(null);
                    } else {
                        all.completeExceptionally(unavailable(failed));
                    }
                }
            }
        };
        for (StoreRecord record : records) {
            store.submit(record, loop, answers);
        }
        return all;
    }

    /** The refusal that stands for a store that cannot write. */
    public static RefusedException unavailable(StoreException failure) {
        return new RefusedException(failure.refusal("the store cannot write"));
    }

    /** The refusal that stands for a failure, whatever it came wrapped in. */
    static RefusedException refused(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof RefusedException refused) {
            return refused;
        }
        if (cause instanceof IllegalArgumentException invalid) {
            return new RefusedException(Condition.INVALID, String.valueOf(invalid.getMessage()));
        }
        if (cause instanceof StoreException store) {
            return unavailable(store);
        }
        log.error("a change of the topology failed", cause);
        return new RefusedException(Condition.INTERNAL, "the broker failed: " + cause);
    }
}
