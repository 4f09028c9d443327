package io.turnstone.store.journal;

import io.turnstone.api.store.Marks;
import io.turnstone.api.store.MessageStore;
import io.turnstone.api.store.StoreRecord;
import io.turnstone.api.store.StoredQueue;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The queues that were dropped in this run, and what later records still mean without them: loops submit on their own, so
 * that a publish may be logged behind the drop of a queue it was routed to. Owned by the writer's thread.
 */
final class DroppedQueues {

    private final LiveSet ids = new LiveSet();

    /** Takes notice of a drop in log order. */
    void add(StoreRecord.Drop drop) {
        ids.add(drop.queue().id());
    }

    /** The drop was not written after all. */
    void undo(StoreRecord.Drop drop) {
        ids.remove(drop.queue().id());
    }

    /** What remains of a record without these queues; null when nothing does. */
    @Nullable
    StoreRecord without(StoreRecord record) {
        if (ids.size() == 0) {
            return record;
        }
        if (record instanceof StoreRecord.Enqueue enqueue) {
            var left = left(enqueue.queues());
            if (left == enqueue.queues()) {
                return record;
            }
            return left.isEmpty()
                    ? null
                    : new StoreRecord.Enqueue(
                            left,
                            enqueue.format(),
                            enqueue.body(),
                            enqueue.overlay(),
                            enqueue.marks(),
                            true,
                            enqueue.payload());
        } else if (record instanceof StoreRecord.Remove remove) {
            return gone(remove.queue()) ? null : record;
        } else if (record instanceof StoreRecord.Amend amend) {
            return gone(amend.queue()) ? null : record;
        } else if (record instanceof StoreRecord.Move move) {
            return without(move);
        } else if (record instanceof StoreRecord.Drop drop) {
            return gone(drop.queue()) ? null : record;
        } else if (record instanceof StoreRecord.Commit commit) {
            var left = new ArrayList<StoreRecord.Change>(commit.changes().size());
            commit.changes().forEach(change -> add(change, left));
            return left.isEmpty() ? null : new StoreRecord.Commit(commit.queues(), left, commit.payload());
        }
        return record;
    }

    /** Whether messages of a dropped queue were to move elsewhere. */
    boolean losesMoved(StoreRecord.Commit commit) {
        if (ids.size() > 0) {
            for (var change : commit.changes()) {
                if (change instanceof StoreRecord.Move move && gone(move.source())) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Adds what remains of a change; one with a position leaves something there, so that others keep theirs. */
    private void add(StoreRecord.Change change, List<StoreRecord.Change> left) {
        if (change instanceof StoreRecord.Enter enter) {
            left.add(new StoreRecord.Enter(enter.pending(), left(enter.queues()), enter.marks()));
        } else if (without((StoreRecord) change) instanceof StoreRecord.Change rest) {
            left.add(rest);
        } else if (change.positioned()) {
            left.add(new StoreRecord.Enter(MessageStore.UNWRITTEN, List.of(), Marks.lasting(0)));
        }
    }

    private @Nullable StoreRecord without(StoreRecord.Move move) {
        if (gone(move.source())) {
            return null; // its body went with the source
        }
        var left = left(move.targets());
        if (left == move.targets()) {
            return move;
        }
        return new StoreRecord.Move(move.source(), move.position(), left, move.overlay(), move.marks(), move.payload());
    }

    private boolean gone(StoredQueue queue) {
        return ids.contains(queue.id());
    }

    /** The same list when none of it is gone. */
    private List<? extends StoredQueue> left(List<? extends StoredQueue> queues) {
        int gone = 0;
        for (int i = 0; i < queues.size(); i++) {
            gone += gone(queues.get(i)) ? 1 : 0;
        }
        if (gone == 0) {
            return queues;
        }
        var left = new ArrayList<StoredQueue>(queues.size() - gone);
        for (var queue : queues) {
            if (!gone(queue)) {
                left.add(queue);
            }
        }
        return left;
    }
}
