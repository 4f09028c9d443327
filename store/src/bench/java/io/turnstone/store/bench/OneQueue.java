package io.turnstone.store.bench;

import io.turnstone.api.Loop;
import io.turnstone.api.store.StoreRecord;
import io.turnstone.api.store.StoredQueue;

/** A durable queue without priorities that keeps nothing itself. */
record OneQueue(int id, Loop home) implements StoredQueue {

    @Override
    public int levels() {
        return 1;
    }

    @Override
    public void apply(StoreRecord record, long position) {
        // What is measured is the store; the subject is told of commits.
    }
}
