package io.turnstone.amqp;

import io.turnstone.api.Refusal;
import io.turnstone.api.Transaction;
import java.util.ArrayList;
import java.util.List;

/** Collects what is to be done at its end. */
final class MemoryTransaction implements Transaction {
    final Listener listener;
    final List<Runnable> onCommit = new ArrayList<>();
    final List<Runnable> onRollback = new ArrayList<>();
    /** Commits wait for {@link #answer}. */
    boolean holdCommit;

    Refusal failure;
    boolean ended;
    boolean committed;
    private CommitListener waiting;

    private final MemoryRouter router;

    MemoryTransaction(MemoryRouter router, Listener listener) {
        this.router = router;
        this.listener = listener;
    }

    @Override
    public void keep(String name, byte[] value) {
        onCommit.add(() -> router.kept.put(name, value));
    }

    @Override
    public void commit(CommitListener told) {
        waiting = told;
        if (!holdCommit) {
            answer();
        }
    }

    /** Ends a commit that waits. */
    void answer() {
        ended = true;
        committed = failure == null;
        (committed ? onCommit : onRollback).forEach(Runnable::run);
        waiting.committed(failure);
    }

    @Override
    public void rollback() {
        if (!ended) {
            ended = true;
            onRollback.forEach(Runnable::run);
        }
    }

    /** It took too long. */
    void expire(Refusal why) {
        failure = why;
        rollback();
        listener.rolledBack(why);
    }

    @Override
    public void fail(Refusal why) {
        failure = failure == null ? why : failure;
    }
}
