package io.turnstone.router.topology;

import io.turnstone.api.Condition;
import io.turnstone.api.RefusedException;
import io.turnstone.api.store.StoreRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Makes the store forget queues that are gone already. While the store refuses, it is asked again: a queue that cannot
 * be forgotten is not brought back to life for that, and must not return with a restart long after. Owned by the
 * topology loop.
 */
final class Forgetting {

    /**
     * One record.
     *
     * @param backAgain whether what it forgets was declared anew meanwhile, so that it must not be submitted
     */
    record Step(StoreRecord record, BooleanSupplier backAgain) {}

    private static final Logger log = LogManager.getLogger(Forgetting.class);
    private static final long RETRY_MS = 1_000;

    private final Changes changes;
    private List<Step> pending = new ArrayList<>();
    private boolean waiting;

    Forgetting(Changes changes) {
        this.changes = changes;
    }

    /**
     * Submits these records, within a change.
     *
     * @return completes when they are durable; exceptionally when the store refuses them for now
     */
    CompletionStage<@Nullable Void> forget(String queue, List<Step> steps) {
        var records = steps.stream().map(Step::record).toList();
        return changes.commit(records).exceptionallyCompose(failure -> {
            log.warn(
                    "queue={} is deleted but not forgotten by the store, asked again: {}", queue, failure.getMessage());
            pending.addAll(steps);
            again();
            return CompletableFuture.failedFuture(new RefusedException(
                    Condition.UNAVAILABLE,
                    "queue '" + queue + "' is deleted, but should the broker end now it returns: "
                            + failure.getMessage()));
        });
    }

    private void again() {
        if (!waiting) {
            waiting = true;
            changes.later(RETRY_MS, () -> changes.run(this::retry));
        }
    }

    private CompletionStage<@Nullable Void> retry() {
        waiting = false;
        var steps = pending;
        pending = new ArrayList<>();
        steps.removeIf(step -> step.backAgain().getAsBoolean());
        return changes.commit(steps.stream().map(Step::record).toList()).handle((durable, failure) -> {
            if (failure != null) {
                pending.addAll(steps);
                again();
            }
            return null;
        });
    }
}
