package io.turnstone.router.queue;

import io.turnstone.api.Loop;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Carries what one loop wants from others: collects it during a turn and posts one batch per target loop at the end.
 *
 * <p>Steps for one target run there in the order they were asked for, in one task. Steps for the own loop run at once.
 * A step is a constant (a non-capturing lambda) with its subject and two arguments, so that handing over a message
 * allocates nothing; emptied batches come back to the loop that filled them.
 *
 * <p>Owned by its loop; batches are run and given back by their target loop.
 */
public final class HandOff {

    /** What is to be done on the other loop: a constant that gets everything it needs as arguments. */
    @FunctionalInterface
    interface Step<S, A, B> {
        /** Does it, on the loop of {@code subject}. */
        void run(S subject, A a, B b, long n);
    }

    private static final Logger LOG = LogManager.getLogger(HandOff.class);
    private static final Object NOTHING = new Object();
    private static final int FIRST_CAPACITY = 64;
    private static final int KEPT_CAPACITY = 16 * 1024;

    private final Loop loop;
    private final @Nullable Batch[] open;
    private final AtomicReferenceArray<@Nullable Batch> spare;
    private final Runnable atEndOfTurn = this::endOfTurn;
    private boolean registered;
    private boolean yielded;

    /**
     * The hand-off of one loop.
     *
     * @param loops how many loops the broker has
     */
    public HandOff(Loop loop, int loops) {
        this.loop = loop;
        open = new Batch[loops];
        spare = new AtomicReferenceArray<>(loops);
    }

    /** The loop it collects for. */
    Loop loop() {
        return loop;
    }

    /** Runs a step on {@code target}: now if it is this loop, else in this turn's batch. */
    <S, A, B> void send(Loop target, Step<? super S, ? super A, ? super B> step, S subject, A a, B b, long n) {
        assert loop.inLoop();
        if (target == loop) {
            step.run(subject, a, b, n);
            return;
        }
        Batch batch = open[target.index()];
        if (batch == null) {
            batch = open(target);
        }
        batch.add(step, subject, a, b, n);
    }

    /** The same for a step with one argument. */
    <S, A> void send(Loop target, Step<? super S, ? super A, Object> step, S subject, A a) {
        send(target, step, subject, a, NOTHING, 0);
    }

    /** The same for a step with a number. */
    <S> void send(Loop target, Step<? super S, Object, Object> step, S subject, long n) {
        send(target, step, subject, NOTHING, NOTHING, n);
    }

    private Batch open(Loop target) {
        int index = target.index();
        Batch batch = spare.getAndSet(index, null);
        if (batch == null) {
            batch = new Batch(this, target);
        }
        open[index] = batch;
        if (!registered) {
            registered = true;
            yielded = false;
            loop.atEndOfTurn(atEndOfTurn);
        }
        return batch;
    }

    /** Queues work at the end of the turn too: steps behind them once, so that their steps go with the same batch. */
    private void endOfTurn() {
        if (!yielded) {
            yielded = true;
            loop.atEndOfTurn(atEndOfTurn);
            return;
        }
        registered = false;
        for (int i = 0; i < open.length; i++) {
            Batch batch = open[i];
            if (batch != null) {
                open[i] = null;
                batch.target.execute(batch);
            }
        }
    }

    /** The steps of one turn for one loop. Filled by the owner, then run and emptied by the target. */
    private static final class Batch implements Runnable {
        private static final int WIDTH = 4;

        private final HandOff owner;
        private final Loop target;
        private Object[] slots = new Object[FIRST_CAPACITY * WIDTH];
        private long[] numbers = new long[FIRST_CAPACITY];
        private int size;

        Batch(HandOff owner, Loop target) {
            this.owner = owner;
            this.target = target;
        }

        void add(Step<?, ?, ?> step, Object subject, Object a, Object b, long n) {
            if (size == numbers.length) {
                numbers = Arrays.copyOf(numbers, 2 * size);
                slots = Arrays.copyOf(slots, 2 * slots.length);
            }
            int at = size * WIDTH;
            slots[at] = step;
            slots[at + 1] = subject;
            slots[at + 2] = a;
            slots[at + 3] = b;
            numbers[size++] = n;
        }

        @Override
        @SuppressWarnings("unchecked") // add() took the four together
        public void run() {
            for (int i = 0, at = 0; i < size; i++, at += WIDTH) {
                var step = (Step<Object, Object, Object>) slots[at];
                try {
                    step.run(slots[at + 1], slots[at + 2], slots[at + 3], numbers[i]);
                } catch (RuntimeException
                        | Error failure) { // as at the top of a turn: the steps behind it concern others
                    LOG.error("loop={} a step from loop {} failed", target.index(), owner.loop.index(), failure);
                }
            }
            if (numbers.length <= KEPT_CAPACITY) {
                Arrays.fill(slots, 0, size * WIDTH, null);
                size = 0;
                owner.spare.set(target.index(), this);
            }
        }
    }
}
