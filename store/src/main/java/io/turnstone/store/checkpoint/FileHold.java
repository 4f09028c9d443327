package io.turnstone.store.checkpoint;

import io.turnstone.api.store.StoreException;
import io.turnstone.store.files.DiskFiles;
import io.turnstone.store.files.StoreFolder;
import io.turnstone.store.files.StoreHealth;
import io.turnstone.store.journal.SegmentPool;
import io.turnstone.store.spool.SpoolFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the files of a running store as they are while a tool reads them. The writer goes on behind the end of what is
 * held; the checkpointer follows it, and neither absorbs nor lets segments leave.
 *
 * <p><b>Threads:</b> {@link #take}, {@link #release} and {@link #close} any; the rest the checkpointer.
 */
final class FileHold {

    private record Request(Path folder, CompletableFuture<HeldFiles> files) {}

    private final AtomicReference<@Nullable Request> request = new AtomicReference<>();
    private final Thread checkpointer;
    private final StoreHealth health;
    private volatile boolean closed;

    FileHold(Thread checkpointer, StoreHealth health) {
        this.checkpointer = checkpointer;
        this.health = health;
    }

    /** Waits until the checkpointer is between two absorptions. */
    HeldFiles take(Path folder) {
        var asked = new Request(folder, new CompletableFuture<>());
        if (!request.compareAndSet(null, asked)) {
            throw health.refusal("another tool is looking at the store: wait for it to end");
        }
        if (closed || health.failure() != null) {
            request.set(null);
            throw unavailable();
        }
        LockSupport.unpark(checkpointer);
        try {
            return asked.files.join();
        } catch (CompletionException e) {
            request.compareAndSet(asked, null);
            throw e.getCause() instanceof StoreException told ? told : StoreFolder.unusable(folder, e);
        }
    }

    private StoreException unavailable() {
        return health.refusal(
                "the store is closed or failed and its files cannot be held: stop the broker and try again");
    }

    /** Whether the files were held until now: not when the store was closed meanwhile, or nobody took them. */
    boolean release() {
        boolean held = request.getAndSet(null) != null;
        LockSupport.unpark(checkpointer);
        return held;
    }

    /** Refuses from now on, and whoever waits. */
    void close() {
        closed = true;
        var asked = request.getAndSet(null);
        if (asked != null) {
            asked.files.completeExceptionally(unavailable());
        }
    }

    /** Whether somebody waits for the files. */
    boolean asked() {
        var asked = request.get();
        return asked != null && !asked.files.isDone();
    }

    /** Whether files are to stay as they are. */
    boolean wanted() {
        return request.get() != null;
    }

    /** Everything that was committed to MapDB is in its file, and the index has followed the journal. */
    void give(LiveIndex index, SpoolFolder spool) {
        var asked = request.get();
        if (asked == null || asked.files.isDone()) {
            return;
        }
        try {
            var lengths = new HashMap<>(spool.named());
            for (var path : new DiskFiles().list(asked.folder)) {
                if (HeldFiles.needed(path) && !SegmentPool.isSegment(path)) {
                    lengths.put(path, Files.size(path));
                }
            }
            for (var segment : index.segments()) {
                lengths.put(segment.path, segment.end);
            }
            asked.files.complete(new HeldFiles(asked.folder, lengths));
        } catch (IOException | RuntimeException e) {
            asked.files.completeExceptionally(e);
        }
    }
}
