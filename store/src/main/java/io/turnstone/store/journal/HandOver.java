package io.turnstone.store.journal;

import io.turnstone.api.Loop;
import io.turnstone.api.store.StoreRecord;
import io.turnstone.api.store.StoredQueue;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Tells the loops what became of a group: one task per loop, homes before those that only submitted. Owned by the
 * writer's thread.
 */
final class HandOver {

    private final List<LoopShare> shares = new ArrayList<>();
    private @Nullable LoopShare last;

    /** Throws when the shares cannot be made; then nothing was handed over. */
    void tell(List<Submission> group) {
        var homes = new ArrayList<LoopShare>(4);
        try {
            for (int i = 0; i < group.size(); i++) {
                var submission = group.get(i);
                if (submission.failure == null) {
                    apply(submission, homes);
                }
                if (submission.committed != null) {
                    share(submission.from, homes).answer(submission);
                }
            }
            for (int i = 0; i < homes.size(); i++) {
                homes.get(i).handOver();
            }
            for (int i = 0; i < shares.size(); i++) {
                var share = shares.get(i);
                if (share.place == LoopShare.NO_HOME) {
                    share.handOver();
                }
            }
        } finally {
            shares.clear();
            last = null;
        }
    }

    private void apply(Submission submission, List<LoopShare> homes) {
        StoreRecord record = submission.record;
        if (record instanceof StoreRecord.Enqueue enqueue) {
            apply(submission, enqueue.queues(), homes);
        } else if (record instanceof StoreRecord.Remove remove) {
            apply(submission, remove.queue(), homes);
        } else if (record instanceof StoreRecord.Amend amend) {
            apply(submission, amend.queue(), homes);
        } else if (record instanceof StoreRecord.Move move) {
            apply(submission, move.source(), homes);
            apply(submission, move.targets(), homes);
        } else if (record instanceof StoreRecord.Drop drop) {
            apply(submission, drop.queue(), homes);
        } else if (record instanceof StoreRecord.Commit commit) {
            apply(submission, commit.queues(), homes);
        }
    }

    private void apply(Submission submission, List<? extends StoredQueue> queues, List<LoopShare> homes) {
        for (int i = 0; i < queues.size(); i++) {
            apply(submission, queues.get(i), homes);
        }
    }

    private void apply(Submission submission, StoredQueue queue, List<LoopShare> homes) {
        var share = share(queue.home(), homes);
        if (share.place == LoopShare.NO_HOME) {
            share.place = homes.size();
            homes.add(share);
        }
        share.apply(submission, queue);
    }

    private LoopShare share(Loop loop, List<LoopShare> homes) {
        if (last != null && last.loop == loop) {
            return last;
        }
        for (int i = 0; i < shares.size(); i++) {
            if (shares.get(i).loop == loop) {
                last = shares.get(i);
                return last;
            }
        }
        var share = new LoopShare(loop, homes);
        shares.add(share);
        last = share;
        return share;
    }
}
