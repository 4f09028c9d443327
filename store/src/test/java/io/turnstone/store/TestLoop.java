package io.turnstone.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.api.store.MessageStore;
import io.turnstone.api.store.StoreRecord;
import io.turnstone.store.tools.CallerLoop;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/** The loop of a test, which does not wait for ever. */
public final class TestLoop extends CallerLoop {

    private static final long PATIENCE_NANOS = 30_000_000_000L;

    public TestLoop(int index) {
        super(index);
    }

    /** Turns until something is the case; fails after half a minute. */
    @Override
    public void runUntil(BooleanSupplier condition) {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        super.runUntil(() -> {
            boolean met = condition.getAsBoolean();
            if (!met && System.nanoTime() > deadline) {
                throw new AssertionError("waited 30 s in vain");
            }
            return met;
        });
    }

    /** Submits records and waits until the store has taken them all. */
    public void submitAll(MessageStore store, List<? extends StoreRecord> records) {
        var answers = new AtomicInteger();
        for (var record : records) {
            store.submit(record, this, (position, failure) -> {
                assertThat(failure).isNull();
                answers.incrementAndGet();
            });
        }
        runUntil(() -> answers.get() == records.size());
    }
}
