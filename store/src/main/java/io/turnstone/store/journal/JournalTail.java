package io.turnstone.store.journal;

import io.turnstone.api.Durability;
import io.turnstone.store.files.FailedForce;
import io.turnstone.store.files.FileLayer;
import io.turnstone.store.files.StoreFile;
import io.turnstone.store.files.StoreHealth;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The end of the journal that the operating system has and the medium may not have yet, and the thread that forces it
 * when its time has come. It never reaches back over the segment that is written.
 *
 * <p><b>Threads:</b> {@link #force}, {@link #forced} and {@link #behind} any; the rest the writer, and after that has ended
 * the thread that closes the store.
 */
public final class JournalTail implements AutoCloseable {

    /** A segment is forced in so many parts at least, so that its end need not wait for all of it. */
    private static final int PARTS = 4;

    private static final int IDLE_SECONDS = 10;

    private final FileLayer files;
    private final StoreHealth health;
    private final long intervalMs;
    private final int partBytes;
    private final ScheduledThreadPoolExecutor thread;

    /*
     * One force at a time: of two at once, one may be told of the error that the other one needs to know. For the same
     * reason none is tried again.
     */
    private final ReentrantLock forcing = new ReentrantLock();

    private volatile @Nullable FailedForce failed;
    private volatile @Nullable StoreFile file;
    private volatile long written;
    private volatile long forced;
    private volatile boolean due;
    private int unforcedBytes;

    public JournalTail(FileLayer files, StoreHealth health, StoreOptions options) {
        this.files = files;
        this.health = health;
        intervalMs = options.fsync().intervalMs();
        partBytes = options.segmentBytes() / PARTS;
        thread = new ScheduledThreadPoolExecutor(1, task -> {
            var made = new Thread(task, "turnstone-store-fsync");
            made.setDaemon(true);
            return made;
        });
        thread.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
        thread.allowCoreThreadTimeOut(true);
        thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    /** Everything up to this position is on the medium. */
    long forced() {
        return forced;
    }

    /** A group was written durably, and nothing before it was not. */
    void durable(long position) {
        written = position;
        forced = position;
    }

    /** Hands a group to the operating system. */
    void write(Segment segment, ByteBuffer group, long offset) throws IOException {
        var open = file;
        if (open == null) {
            file = open = files.open(segment.path, false);
        }
        open.write(group, offset);
    }

    /** A group was handed to the operating system; sees to it that it is forced in time. */
    @SuppressWarnings("FutureReturnValueIgnored") // the task tells of its failure itself
    void later(long position, int bytes, Durability promise) {
        written = position;
        unforcedBytes += bytes;
        if (unforcedBytes > partBytes) {
            unforcedBytes = 0;
            thread.execute(this::forceInTime);
        } else if (promise == Durability.INTERVAL && !due) {
            due = true;
            thread.schedule(this::forceInTime, intervalMs, TimeUnit.MILLISECONDS);
        }
    }

    private void forceInTime() {
        due = false;
        try {
            force();
        } catch (IOException | RuntimeException | Error e) {
            health.fail("forcing the journal", e);
        }
    }

    /** Whether something is written and not forced. */
    public boolean behind() {
        return forced < written;
    }

    /** Makes durable what was written so far. Throws {@link FailedForce}, and from then on always. */
    public void force() throws IOException {
        if (!behind()) {
            return;
        }
        forcing.lock();
        try {
            if (failed != null) {
                throw failed;
            }
            long through = written;
            var open = file;
            if (open != null && forced < through) {
                FailedForce.force(open);
                forced = through;
            }
        } catch (FailedForce e) {
            failed = e;
            health.fail("forcing the journal", e);
            throw e;
        } finally {
            forcing.unlock();
        }
    }

    /** The segment is full: nothing may follow in another one before all of it is durable. */
    void endSegment() throws IOException {
        force();
        unforcedBytes = 0;
        var open = file;
        file = null;
        if (open != null) {
            open.close();
        }
    }

    /** Forces what is left, unless that failed before. */
    @Override
    public void close() throws IOException {
        thread.shutdown();
        var open = file;
        try {
            if (failed == null) {
                force();
            }
        } finally {
            if (open != null) {
                open.close();
            }
        }
    }
}
