package io.turnstone.router;

import io.turnstone.api.Loop;
import io.turnstone.api.store.MessageStore;
import io.turnstone.api.store.StoreRecord;
import io.turnstone.api.store.StoreStatus;
import io.turnstone.api.store.StoredQueue;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A store that says yes and keeps nothing: what is measured with it is the router. It commits what one loop submitted when
 * that is told to, in one task of the loop. Used by one thread.
 */
final class DroppingStore implements MessageStore {

    private record Submitted(StoreRecord record, @Nullable Committed committed) {}

    private final Loop loop;
    private final Runnable handOver = this::handOver;
    private List<Submitted> waiting = new ArrayList<>();
    private List<Submitted> group = new ArrayList<>();
    private long position;

    /** @param loop the only one */
    DroppingStore(Loop loop) {
        this.loop = loop;
    }

    @Override
    public void recover(Recovery recovery) {
        recovery.done(true);
    }

    @Override
    public void submit(StoreRecord record, Loop from, @Nullable Committed committed) {
        waiting.add(new Submitted(record, committed));
    }

    /** Commits what is waiting; whether there was anything. */
    boolean commit() {
        if (waiting.isEmpty()) {
            return false;
        }
        var free = group;
        group = waiting;
        waiting = free;
        loop.execute(handOver);
        return true;
    }

    private void handOver() {
        for (Submitted submitted : group) {
            position++;
            List<? extends StoredQueue> queues = submitted.record.queues();
            for (int i = 0; i < queues.size(); i++) {
                queues.get(i).apply(submitted.record, position);
            }
            if (submitted.committed != null) {
                submitted.committed.committed(position, null);
            }
        }
        group.clear();
    }

    @Override
    public void read(StoredQueue queue, long[] positions, Loop home, Loaded loaded) {
        throw new AssertionError("it says that it cannot read");
    }

    @Override
    public boolean reads() {
        return false;
    }

    @Override
    public int maxBodyBytes() {
        return Integer.MAX_VALUE;
    }

    @Override
    public boolean congested() {
        return false;
    }

    @Override
    public StoreStatus status() {
        return new StoreStatus("ok", "", "", 0, 0, 0, 0, 0, new long[0], new long[1]);
    }

    @Override
    public void close() {
        // There is nothing to close.
    }
}
