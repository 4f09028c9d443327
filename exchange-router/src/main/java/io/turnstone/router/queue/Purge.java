package io.turnstone.router.queue;

import io.turnstone.api.Loop;
import java.util.concurrent.CompletableFuture;

/** Removes what a queue held when it was asked to, some in each turn. Owned by the home loop. */
final class Purge implements Runnable {

    private static final int MAX_PER_TURN = 10_000;

    private final Entries entries;
    private final Settlement settlement;
    private final Loop loop;
    private final CompletableFuture<Long> purged;
    private final ReadyMessages.Cursor cursor;
    private final long wanted;
    private long done;

    /** To be run on the home loop. */
    Purge(Entries entries, Settlement settlement, Loop loop, CompletableFuture<Long> purged) {
        this.entries = entries;
        this.settlement = settlement;
        this.loop = loop;
        this.purged = purged;
        cursor = entries.line().cursor();
        wanted = entries.waiting();
    }

    @Override
    public void run() {
        long most = Math.min(wanted, done + MAX_PER_TURN);
        while (done < most) {
            Entry entry = entries.nextWaiting(cursor);
            Run run = cursor.before();
            if (entry != null) {
                entries.withdraw(entry);
                settlement.purge(entry);
                done++;
            } else if (run != null) { // as a whole: nobody has to read it for that
                done += run.live;
                settlement.purge(run);
            } else {
                DueBatch batch = entries.nextPostponed();
                if (batch == null) {
                    settlement.afterwards(purged, done);
                    return;
                }
                done += batch.count;
                settlement.purge(batch);
            }
        }
        if (done < wanted) {
            loop.execute(this);
        } else {
            settlement.afterwards(purged, done);
        }
    }
}
