package io.turnstone.store.journal;

import io.turnstone.api.Durability;
import io.turnstone.api.store.StoreRecord;
import io.turnstone.api.store.StoredQueue;
import java.util.List;

/** What was promised for records: the strongest of what their queues promise. Owned by the writer's thread. */
final class Promises {

    private final Durability usual;

    /** @param usual what holds for queues that do not say otherwise */
    Promises(Durability usual) {
        this.usual = usual;
    }

    /** What is promised for one record. Topology is forced at once: it changes rarely, and much hangs on it. */
    Durability of(StoreRecord record) {
        if (record instanceof StoreRecord.Enqueue enqueue) {
            return of(enqueue.queues());
        } else if (record instanceof StoreRecord.Define) {
            return Durability.ALWAYS;
        } else if (record instanceof StoreRecord.Change change) {
            return ofChange(change);
        } else if (record instanceof StoreRecord.Commit commit) {
            var strongest = Durability.NEVER;
            for (int i = 0; i < commit.changes().size() && strongest != Durability.ALWAYS; i++) {
                strongest = strongest.and(ofChange(commit.changes().get(i)));
            }
            return strongest;
        } else if (record instanceof StoreRecord.Pending || record instanceof StoreRecord.Abandon) {
            return Durability.NEVER; // it counts with a commit, which is written after it
        }
        return Durability.ALWAYS;
    }

    private Durability ofChange(StoreRecord.Change change) {
        if (change instanceof StoreRecord.Remove remove) {
            return of(remove.queue());
        } else if (change instanceof StoreRecord.Amend amend) {
            return of(amend.queue());
        } else if (change instanceof StoreRecord.Move move) {
            return of(move.source()).and(of(move.targets()));
        }
        // A definition among other changes is as safe as they are.
        return change instanceof StoreRecord.Enter enter ? of(enter.queues()) : Durability.NEVER;
    }

    private Durability of(List<? extends StoredQueue> queues) {
        var strongest = Durability.NEVER;
        for (int i = 0; i < queues.size() && strongest != Durability.ALWAYS; i++) {
            strongest = strongest.and(of(queues.get(i)));
        }
        return strongest;
    }

    private Durability of(StoredQueue queue) {
        var own = queue.durability();
        return own == null ? usual : own;
    }
}
