package io.turnstone.store.spool;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * Who still needs one file of the spool: records of the store that name it, those who hold it and will say when they are
 * done, and objects that stand for it. Any thread.
 */
public final class SpoolUse {

    /** Once a record named it or somebody held it, objects alone count only when it is shared. */
    private record State(int names, int holders, int objects, boolean known, boolean shared) {
        boolean needed() {
            return names > 0 || (objects > 0 && (holders > 0 || shared || !known));
        }

        State named(int change) {
            return new State(names + change, holders, objects, true, shared);
        }

        State held(int change) {
            return new State(names, holders + change, objects, true, shared);
        }

        State objects(int change) {
            return new State(names, holders, objects + change, known, shared);
        }
    }

    final long number;
    public final long length;

    /** Whether its body need not survive; set before anybody else has it. */
    volatile boolean light;

    private final Consumer<SpoolUse> forget;
    private final AtomicReference<State> state = new AtomicReference<>(new State(0, 0, 0, false, false));
    private final AtomicBoolean forgotten = new AtomicBoolean();

    /** @param forget called once, when nobody needs the file any more */
    SpoolUse(long number, long length, Consumer<SpoolUse> forget) {
        this.number = number;
        this.length = length;
        this.forget = forget;
    }

    /** One more record names it. */
    public void named() {
        state.updateAndGet(was -> was.named(1));
    }

    /** A record that named it is gone. */
    public void unnamed() {
        check(state.updateAndGet(was -> was.named(-1)));
    }

    boolean isNamed() {
        return Objects.requireNonNull(state.get()).names > 0;
    }

    /** One more object stands for it. */
    void held() {
        state.updateAndGet(was -> was.objects(1));
    }

    /** An object that stood for it is garbage. */
    void released() {
        check(state.updateAndGet(was -> was.objects(-1)));
    }

    /** Somebody needs it who will say when it is no longer so. */
    void taken() {
        state.updateAndGet(was -> was.held(1));
    }

    /** One of these needs it no more. */
    void givenBack() {
        check(state.updateAndGet(was -> was.held(-1)));
    }

    /** Objects count even when no record names it any more. */
    void share() {
        state.updateAndGet(was -> new State(was.names, was.holders, was.objects, was.known, true));
    }

    private void check(State now) {
        if (!now.needed() && forgotten.compareAndSet(false, true)) {
            forget.accept(this);
        }
    }
}
