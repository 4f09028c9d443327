package io.turnstone.store;

import io.turnstone.api.Loop;
import io.turnstone.api.store.MessageStore;
import io.turnstone.api.store.Spool;
import io.turnstone.api.store.StoreException;
import io.turnstone.api.store.StoreRecord;
import io.turnstone.api.store.StoreStatus;
import io.turnstone.api.store.StoredQueue;
import io.turnstone.store.journal.CommitFigures;
import io.turnstone.store.journal.MemoryLog;
import io.turnstone.store.journal.StoreOptions;
import io.turnstone.store.journal.StoreWriter;
import io.turnstone.store.journal.Submission;
import io.turnstone.store.spool.SpoolFolder;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A store that survives nothing: the same order and answers as the real one, for embedding and tests. Only bodies that
 * are too large for the heap are in files, as long as it runs.
 */
final class MemoryStore implements MessageStore {

    private final CommitFigures figures = new CommitFigures();
    private final StoreWriter writer = new StoreWriter(new MemoryLog(), figures);
    private final SpoolFolder spool;

    MemoryStore(SpoolFolder spool) {
        this.spool = spool;
    }

    @Override
    public Optional<Spool> spool() {
        return Optional.of(spool);
    }

    @Override
    public void recover(Recovery recovery) {
        spool.recovered();
        recovery.done(true);
        writer.start();
    }

    @Override
    public void submit(StoreRecord record, Loop from, @Nullable Committed committed) {
        writer.submit(new Submission(record, from, committed));
    }

    @Override
    public void read(StoredQueue queue, long[] positions, Loop loop, Loaded loaded) {
        var failure = new StoreException("the store keeps nothing in memory that could be read back");
        loop.execute(() -> loaded.loaded(null, failure));
    }

    @Override
    public boolean reads() {
        return false;
    }

    @Override
    public int maxBodyBytes() {
        return StoreOptions.MAX_BODY;
    }

    @Override
    public boolean congested() {
        return false;
    }

    @Override
    public StoreStatus status() {
        return new StoreStatus(
                "ok",
                "",
                "",
                0,
                0,
                figures.commits(),
                figures.records(),
                figures.nanos(),
                CommitFigures.bounds(),
                figures.buckets());
    }

    @Override
    public void close() {
        writer.finish();
        spool.close();
    }
}
