package io.turnstone.store;

import io.turnstone.api.Loop;
import io.turnstone.api.store.MessageStore;
import io.turnstone.api.store.Spool;
import io.turnstone.api.store.StoreException;
import io.turnstone.api.store.StoreRecord;
import io.turnstone.api.store.StoreStatus;
import io.turnstone.api.store.StoredQueue;
import io.turnstone.store.checkpoint.Checkpointer;
import io.turnstone.store.checkpoint.Generations;
import io.turnstone.store.checkpoint.Healing;
import io.turnstone.store.checkpoint.HeldFiles;
import io.turnstone.store.checkpoint.LiveIndex;
import io.turnstone.store.checkpoint.ReadRequest;
import io.turnstone.store.checkpoint.Replay;
import io.turnstone.store.checkpoint.StoredPages;
import io.turnstone.store.files.FailedForce;
import io.turnstone.store.files.FileLayer;
import io.turnstone.store.files.StoreFolder;
import io.turnstone.store.files.StoreHealth;
import io.turnstone.store.journal.CommitFigures;
import io.turnstone.store.journal.Journal;
import io.turnstone.store.journal.JournalFiles;
import io.turnstone.store.journal.JournalTail;
import io.turnstone.store.journal.PendingQueue;
import io.turnstone.store.journal.Segment;
import io.turnstone.store.journal.SegmentPool;
import io.turnstone.store.journal.StoreOptions;
import io.turnstone.store.journal.StoreWriter;
import io.turnstone.store.journal.Submission;
import io.turnstone.store.pages.GenerationFiles;
import io.turnstone.store.pages.Pages;
import io.turnstone.store.spool.SpoolFolder;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.jspecify.annotations.Nullable;
import org.mapdb.DBException;

/**
 * The store that keeps everything: a journal in front, MapDB behind it. One folder, one process.
 *
 * <p><b>Threads:</b> {@link #submit}, {@link #congested} and {@link #status} any; the rest the thread that owns it.
 */
public final class MapDbStore implements MessageStore {

    private static final Logger log = LogManager.getLogger(MapDbStore.class);

    private final FileLayer files;
    private final StoreOptions options;
    private final StoreFolder folder;
    private final StoreHealth health;
    private final SegmentPool pool;
    private final SpoolFolder spool;
    private final CommitFigures figures = new CommitFigures();
    private volatile @Nullable Running running;
    private boolean closed;

    /** What works between recovery and close. */
    private record Running(Generations generations, Journal journal, StoreWriter writer, Checkpointer checkpointer) {}

    private MapDbStore(FileLayer files, StoreFolder folder, StoreOptions options) {
        this.files = files;
        this.options = options;
        this.folder = folder;
        health = new StoreHealth(folder.path, files);
        pool = new SegmentPool(files, folder.path, options);
        spool = SpoolFolder.open(files, folder.path, health);
    }

    /** Locks a folder, made if need be, and reads what it says of itself; {@link #recover} comes next. */
    public static MapDbStore open(FileLayer files, Path path, StoreOptions options) {
        return new MapDbStore(files, StoreFolder.open(files, path), options);
    }

    @Override
    public void recover(Recovery recovery) {
        long start = System.nanoTime();
        Pages pages = null;
        try {
            folder.raise(files);
            var current = new GenerationFiles(files, folder.path, folder.manifest.generation());
            current.removeOthers();
            var opened = Healing.open(current, folder.manifest.storeId(), health);
            pages = opened.pages();
            running = run(opened.files(), pages, recovery);
        } catch (IOException | UncheckedIOException | DBException e) {
            throw StoreFolder.unusable(folder.path, e);
        } finally {
            if (pages != null && running == null) {
                pages.close();
            }
        }
        log.info(
                "store={} recovered ms={} state={}",
                folder.path,
                (System.nanoTime() - start) / 1_000_000,
                health.state());
    }

    private Running run(GenerationFiles current, Pages pages, Recovery recovery) throws IOException {
        long storeId = folder.manifest.storeId();
        var index = new LiveIndex();
        var stored = new StoredPages(pages, health);
        stored.load(index, spool);
        var replay = new Replay(index, stored, health, pool, spool, storeId);
        replay.run(new JournalFiles(files, folder.path, storeId, pool, health).find(options.segmentBytes()));
        index.drop(PendingQueue.ID); // transactions that were open are rolled back
        forceLast(index.segments());
        spool.recovered();
        boolean clean = !folder.leftOpen(files);
        folder.markOpen(files); // before the first delivery, which may leave no record
        replay.tell(recovery, clean);
        var end = replay.end();
        var generations = new Generations(current, storeId, stored.catalog(), index, health, options);
        var tail = new JournalTail(files, health, options);
        var checkpointer = new Checkpointer(
                new Checkpointer.Start(storeId, stored.meta.absorbedThrough(), index, generations, spool),
                tail,
                pool,
                health,
                options);
        var journal = new Journal(pool, tail, health, options, end, checkpointer::committed);
        var writer = new StoreWriter(journal, figures);
        checkpointer.start(writer::rest);
        writer.start();
        return new Running(generations, journal, writer, checkpointer);
    }

    /** A process that was killed may have left it to the operating system; from now on it counts as durable. */
    private static void forceLast(List<Segment> segments) throws IOException {
        if (!segments.isEmpty()) {
            FailedForce.force(segments.get(segments.size() - 1).file);
        }
    }

    @Override
    public void submit(StoreRecord record, Loop from, @Nullable Committed committed) {
        var now = running;
        if (now == null) {
            throw new IllegalStateException("recover() comes before submit()");
        }
        now.writer.submit(new Submission(record, from, committed));
    }

    @Override
    public void read(StoredQueue queue, long[] positions, Loop loop, Loaded loaded) {
        assert loop.inLoop();
        if (positions.length > MAX_READ) {
            throw new IllegalArgumentException(
                    positions.length + " messages are too many for one read: at most " + MAX_READ);
        }
        var now = running;
        if (now == null) {
            throw new IllegalStateException("recover() comes before read()");
        }
        now.checkpointer.read(new ReadRequest(queue.id(), positions, loop, loaded));
    }

    @Override
    public boolean reads() {
        return true;
    }

    @Override
    public int maxBodyBytes() {
        return StoreOptions.MAX_BODY;
    }

    @Override
    public Optional<Spool> spool() {
        return Optional.of(spool);
    }

    @Override
    public boolean congested() {
        return health.full() == null
                && pool.usedBytes() > 2 * options.windowBytes(); // a full disk is told, not waited for
    }

    @Override
    public StoreStatus status() {
        var now = running;
        return new StoreStatus(
                health.state(),
                health.detail(),
                options.fsync().toString(),
                pool.usedBytes() + pool.spareBytes(),
                now == null ? 0 : now.generations.pages().fileBytes(),
                figures.commits(),
                figures.records(),
                figures.nanos(),
                CommitFigures.bounds(),
                figures.buckets());
    }

    /**
     * Files that say all that was committed, and stay as they are until {@link #release}. Any thread but a loop; one at a
     * time.
     */
    public HeldFiles hold() {
        var now = running;
        if (now == null) {
            throw new IllegalStateException("recover() comes before hold()");
        }
        return now.checkpointer.hold(folder.path);
    }

    /** Lets files change again; whether they were held until now. */
    public boolean release() {
        var now = running;
        return now != null && now.checkpointer.release();
    }

    /** Where it keeps everything. */
    public Path folder() {
        return folder.path;
    }

    /** Calls after the first do nothing: by then the folder may belong to another store. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        var failures = new ArrayList<Exception>(0);
        var now = running;
        if (now != null) {
            attempt(() -> finish(now), failures);
            attempt(now.journal::close, failures);
            attempt(now.checkpointer::closeSegments, failures);
            attempt(now.generations::close, failures);
        }
        spool.close();
        attempt(pool::close, failures);
        attempt(folder::close, failures);
        if (!failures.isEmpty()) {
            var first = failures.get(0);
            throw new StoreException("data folder " + folder.path + " was not closed in order (" + first + ")", first);
        }
    }

    private void finish(Running now) throws IOException {
        now.writer.finish();
        now.checkpointer.finish();
        if (health.failure() == null && now.checkpointer.absorbedAll()) {
            now.journal.seal();
            folder.markClosed(files);
        }
    }

    private static void attempt(Closeable step, List<Exception> failures) {
        try {
            step.close();
        } catch (IOException | RuntimeException e) {
            failures.add(e);
        }
    }
}
