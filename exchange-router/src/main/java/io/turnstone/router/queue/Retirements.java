package io.turnstone.router.queue;

import io.turnstone.api.store.StoreRecord;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The entries of one queue that one transaction settles. It holds them until it ends, whatever becomes of their consumers.
 *
 * <p>{@link #retire}, {@link #prepare} and {@link #rollback}: the transaction's loop. The rest is the home's, until it has
 * answered {@link #prepare}; from then on nothing changes before the end.
 */
public final class Retirements {

    private static final HandOff.Step<Retirements, Retired, Object> RETIRE = (all, retired, b, n) -> all.add(retired);
    private static final HandOff.Step<Retirements, Object, Object> PREPARE = (all, a, b, n) -> all.decide();
    private static final HandOff.Step<Retirements, Object, Object> PREPARED = (all, a, b, n) -> all.prepared();
    private static final HandOff.Step<Retirements, Object, Object> ROLLBACK = (all, a, b, n) -> all.undo();

    private final MessageQueue queue;
    private final QueueHome home;
    private final HandOff from;
    private final Map<Entry, Retired> entries = new LinkedHashMap<>();
    private @Nullable Consumer<@Nullable Throwable> prepared;
    private @Nullable Throwable failure;
    private boolean madeQueue;
    private boolean undone;

    Retirements(MessageQueue queue, QueueHome home, HandOff from) {
        this.queue = queue;
        this.home = home;
        this.from = from;
    }

    /** Settles an entry, if it is still its consumer's or was settled in this transaction before. */
    void retire(Retired retired) {
        from.send(queue.home(), RETIRE, this, retired);
    }

    private void add(Retired retired) {
        Retired before = entries.get(retired.entry);
        if (before != null) {
            before.again(retired);
        } else if (queue.retire(retired.seat, retired.entry)) {
            entries.put(retired.entry, retired);
        }
    }

    /**
     * Asks the home what the settlements mean.
     *
     * @param then told on this loop, with the failure if a dead-letter queue cannot be made
     */
    public void prepare(Consumer<@Nullable Throwable> then) {
        prepared = then;
        from.send(queue.home(), PREPARE, this, 0);
    }

    private void decide() {
        if (!undone) {
            for (Retired each : entries.values()) {
                if (!each.prepare()) {
                    if (madeQueue) {
                        made(new IllegalStateException("queue '" + queue.name() + "' has no dead-letter queue"));
                        return;
                    }
                    madeQueue = true;
                    home.routes()
                            .prepare(queue)
                            .whenComplete((made, cause) -> home.loop().execute(() -> made(cause)));
                    return;
                }
            }
            home.handOff().send(from.loop(), PREPARED, this, 0);
        }
    }

    private void made(@Nullable Throwable cause) {
        if (cause == null) {
            decide();
        } else if (!undone) {
            failure = cause;
            home.handOff().send(from.loop(), PREPARED, this, 0);
        }
    }

    private void prepared() {
        Consumer<@Nullable Throwable> then = prepared;
        prepared = null;
        if (then != null) {
            then.accept(failure);
        }
    }

    /** Undoes all of it. */
    public void rollback() {
        prepared = null;
        from.send(queue.home(), ROLLBACK, this, 0);
    }

    private void undo() {
        undone = true;
        if (!queue.deleted()) {
            entries.values().forEach(Retired::undo);
            queue.wake();
        }
        entries.clear();
    }

    /** What the store is told, one removal for all that leave; on the transaction's loop. */
    void describe(Commitment commitment) {
        var gone = new ArrayList<StoreRecord.Remove>();
        for (Retired each : entries.values()) {
            StoreRecord.Change change = each.change();
            Burial burial = each.burial();
            int step = Commitment.UNWRITTEN;
            if (change instanceof StoreRecord.Remove remove) {
                gone.add(remove);
            } else if (change != null) {
                step = commitment.add(change);
            }
            if (burial != null) {
                commitment.bury(burial, step);
            }
        }
        if (!gone.isEmpty()) {
            commitment.add(new StoreRecord.Remove(queue, positions(gone), this));
        }
    }

    private static long[] positions(Collection<StoreRecord.Remove> removals) {
        return removals.stream().mapToLong(each -> each.positions()[0]).sorted().toArray();
    }

    /** All of it is committed; on the home loop. */
    void applied() {
        List.copyOf(entries.values()).forEach(Retired::applied);
        entries.clear();
    }
}
