package io.turnstone.router.queue;

import io.turnstone.api.Outcome;
import io.turnstone.api.Refusal;
import io.turnstone.api.store.MessageStore;
import io.turnstone.api.store.StoreException;
import io.turnstone.api.store.StoreRecord;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The entries that leave a queue for good in this turn: one {@link StoreRecord.Remove} for all of them. Owned by the
 * queue's home loop.
 */
final class Departures {

    private static final int FIRST_CAPACITY = 16;
    private static final Entry[] NO_ENTRIES = {};
    private static final Seat[] NO_SEATS = {};
    private static final Outcome[] NO_OUTCOMES = {};
    private static final long[] NO_POSITIONS = {};

    /** Messages in the store alone that leave as they are. */
    private interface Unread {
        void gone();

        void stay();
    }

    /** A run that leaves, and which of its slots were ready. */
    private record PagedOut(Entries entries, Run run, long ready) implements Unread {
        @Override
        public void gone() {
            entries.gone(run);
        }

        @Override
        public void stay() {
            entries.restore(run, ready);
        }
    }

    /** Delayed messages that leave. */
    private record Delayed(Entries entries, DueBatch batch) implements Unread {
        @Override
        public void gone() {
            entries.gone(batch);
        }

        @Override
        public void stay() {
            entries.restore(batch);
        }
    }

    /** What one record removes; told when it is committed or lost. */
    private final class Group implements Decision, MessageStore.Committed {
        private final @Nullable Entry[] gone;
        private final @Nullable Seat[] toTell;
        private final @Nullable Outcome[] ends;
        private final List<Unread> unread;
        private final List<Runnable> afterwards = new ArrayList<>(0);
        private @Nullable StoreException failed;

        Group() {
            gone = Arrays.copyOf(leaving, size);
            toTell = Arrays.copyOf(tell, size);
            ends = Arrays.copyOf(outcomes, size);
            unread = List.copyOf(leavingUnread);
        }

        @Override
        public void applied() {
            for (int i = 0; i < gone.length; i++) {
                Entry entry = gone[i];
                if (entry != null) {
                    entries.gone(entry);
                    queue.tell(toTell[i], entry, ends[i]);
                }
            }
            unread.forEach(Unread::gone);
        }

        @Override
        public void committed(long position, @Nullable StoreException failure) {
            failed = failure;
            if (latest == this) {
                latest = null; // or a queue that has come to rest would keep what left it last on the heap
            }
            if (failure != null) {
                stay(failure);
            }
            afterwards.forEach(Runnable::run);
        }

        private void stay(StoreException failure) {
            unread.forEach(Unread::stay);
            for (int i = 0; i < gone.length; i++) {
                Entry entry = gone[i];
                if (entry != null) {
                    kept.accept(entry);
                    if (toTell[i] != null) {
                        queue.seating().end(toTell[i], unavailable(failure));
                    }
                }
            }
        }

        private void complete(CompletableFuture<Long> stage, long answer) {
            if (failed == null) {
                stage.complete(answer);
            } else {
                stage.completeExceptionally(failed);
            }
        }
    }

    private final MessageQueue queue;
    private final Entries entries;
    private final QueueHome home;
    private final Consumer<Entry> kept;
    private @Nullable Entry[] leaving = NO_ENTRIES;
    private @Nullable Seat[] tell = NO_SEATS;
    private @Nullable Outcome[] outcomes = NO_OUTCOMES;
    private long[] positions = NO_POSITIONS;
    private final List<Unread> leavingUnread = new ArrayList<>(0);
    private int size;
    private int removed;
    private @Nullable Group latest;

    /**
     * For one queue.
     *
     * @param kept told of an entry whose removal the store did not keep
     */
    Departures(MessageQueue queue, Entries entries, QueueHome home, Consumer<Entry> kept) {
        this.queue = queue;
        this.entries = entries;
        this.home = home;
        this.kept = kept;
    }

    /** An entry leaves; it is gone, and the consumer told, when that is as durable as the entry was. */
    void add(Entry entry, @Nullable Seat toTell, @Nullable Outcome outcome) {
        if (!entry.stored()) {
            entries.gone(entry);
            queue.tell(toTell, entry, outcome);
            return;
        }
        entries.move(entry, Entry.State.LEAVING);
        if (size == leaving.length) {
            int capacity = larger(size);
            leaving = Arrays.copyOf(leaving, capacity);
            tell = Arrays.copyOf(tell, capacity);
            outcomes = Arrays.copyOf(outcomes, capacity);
        }
        leaving[size] = entry;
        tell[size] = toTell;
        outcomes[size++] = outcome;
        remove(entry.position);
    }

    private static int larger(int capacity) {
        return Math.max(FIRST_CAPACITY, 2 * capacity);
    }

    /** A run that is paged out leaves; it is gone when that is durable. */
    void add(Run run) {
        Page page = run.page;
        if (page != null) {
            for (long position : page.positions(run.live)) {
                remove(position);
            }
            leavingUnread.add(new PagedOut(entries, run, run.ready));
            entries.withdraw(run);
        }
    }

    /** Delayed messages leave that are in the store alone; they are gone when that is durable. */
    void add(DueBatch batch) {
        for (long position : batch.positions()) {
            remove(position);
        }
        leavingUnread.add(new Delayed(entries, batch));
        entries.withdraw(batch);
    }

    /** An entry was handed to a consumer that does not settle: it is gone whatever the store says. */
    void handedOver(Entry entry) {
        entries.gone(entry);
        if (entry.stored()) {
            remove(entry.position);
        }
    }

    /** What is at a position of the store never was in the queue. */
    void forget(long position) {
        if (position != MessageStore.UNWRITTEN) {
            remove(position);
        }
    }

    private void remove(long position) {
        if (removed == positions.length) {
            positions = Arrays.copyOf(positions, larger(removed));
        }
        positions[removed++] = position;
    }

    /** Submits what left in this turn. */
    void submit() {
        if (removed == 0) {
            return;
        }
        var group = new Group();
        long[] ascending = Arrays.copyOf(positions, removed);
        Arrays.sort(ascending);
        Arrays.fill(leaving, 0, size, null);
        Arrays.fill(tell, 0, size, null);
        Arrays.fill(outcomes, 0, size, null);
        leavingUnread.clear();
        size = 0;
        removed = 0;
        latest = group;
        home.store().submit(new StoreRecord.Remove(queue, ascending, group), home.loop(), group);
    }

    /** Completes a stage when everything that left until now is durable. */
    void afterwards(CompletableFuture<Long> stage, long answer) {
        submit();
        var group = latest;
        if (group == null) {
            stage.complete(answer);
        } else {
            group.afterwards.add(() -> group.complete(stage, answer));
        }
    }

    private static Refusal unavailable(StoreException failure) {
        return failure.refusal("the store cannot write that a message was settled, which is delivered again");
    }

    /** Forgets what was not submitted yet: the queue is dropped. */
    void clear() {
        Arrays.fill(leaving, null);
        Arrays.fill(tell, null);
        Arrays.fill(outcomes, null);
        leavingUnread.clear();
        size = 0;
        removed = 0;
    }
}
