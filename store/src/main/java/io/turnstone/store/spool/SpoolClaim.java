package io.turnstone.store.spool;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * Who still needs one file of the spool: records of the store that name it, and objects that stand for it. Any thread.
 */
public final class SpoolClaim {

    private record State(int names, int objects, boolean wasNamed, boolean shared) {
        boolean needed() {
            return names > 0 || (objects > 0 && (shared || !wasNamed));
        }
    }

    final long number;
    public final long length;

    /** Whether its body need not survive; set before anybody else has it. */
    volatile boolean light;

    private final Consumer<SpoolClaim> forget;
    private final AtomicReference<State> state = new AtomicReference<>(new State(0, 0, false, false));
    private final AtomicBoolean forgotten = new AtomicBoolean();

    /** @param forget called once, when nobody needs the file any more */
    SpoolClaim(long number, long length, Consumer<SpoolClaim> forget) {
        this.number = number;
        this.length = length;
        this.forget = forget;
    }

    /** One more record names it. */
    public void named() {
        state.updateAndGet(was -> new State(was.names + 1, was.objects, true, was.shared));
    }

    /** A record that named it is gone. */
    public void unnamed() {
        check(state.updateAndGet(was -> new State(was.names - 1, was.objects, was.wasNamed, was.shared)));
    }

    boolean isNamed() {
        return Objects.requireNonNull(state.get()).names > 0;
    }

    /** One more object stands for it. */
    void held() {
        state.updateAndGet(was -> new State(was.names, was.objects + 1, was.wasNamed, was.shared));
    }

    /** An object that stood for it is garbage. */
    void released() {
        check(state.updateAndGet(was -> new State(was.names, was.objects - 1, was.wasNamed, was.shared)));
    }

    /** Objects count even when no record names it any more. */
    void share() {
        state.updateAndGet(was -> new State(was.names, was.objects, was.wasNamed, true));
    }

    private void check(State now) {
        if (!now.needed() && forgotten.compareAndSet(false, true)) {
            forget.accept(this);
        }
    }
}
