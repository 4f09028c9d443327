package io.turnstone.store.files;

import io.turnstone.api.store.StoreException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.jspecify.annotations.Nullable;

/**
 * What is wrong with a store, if anything: damage found while reading, a full disk, or a failure that closed it for
 * writing. Any thread.
 */
public final class StoreHealth {

    private static final Logger log = LogManager.getLogger(StoreHealth.class);

    private final Path folder;
    private final FileLayer files;
    private final Consumer<String> witness;
    private volatile @Nullable StoreException failure;
    private volatile @Nullable StoreException full;
    private volatile String damage = "";
    private final AtomicLong damages = new AtomicLong();

    public StoreHealth(Path folder, FileLayer files) {
        this(folder, files, what -> log.warn("store={} damage: {}", folder, what));
    }

    /** @param witness told of each damage */
    public StoreHealth(Path folder, FileLayer files, Consumer<String> witness) {
        this.folder = folder;
        this.files = files;
        this.witness = witness;
    }

    /** Whether an error says that the disk is full, which may pass. */
    public boolean isFull(IOException error) {
        return !(error instanceof FailedForce) && files.full(error);
    }

    /** Closes the store for writing; the first cause stays. */
    public StoreException fail(String what, Throwable cause) {
        var known = failure;
        if (known != null) {
            return known;
        }
        String remedy =
                cause instanceof StoreException ? "" : ": check the disk and restart"; // else it says one itself
        var error = new StoreException(
                folder + ": " + what + " failed (" + cause.getMessage() + "); the store is closed for writing" + remedy,
                cause);
        failure = error;
        log.error("store={} closed for writing: {}", folder, what, cause);
        return error;
    }

    /** Takes notice of a full disk. */
    public StoreException full(IOException cause) {
        var known = full;
        if (known != null) {
            return known;
        }
        var error =
                StoreException.full(folder + ": the disk is full; publishes are refused until space returns", cause);
        full = error;
        log.error("store={} disk is full, publishes are refused until space returns", folder);
        return error;
    }

    /** Space returned. */
    public void roomy() {
        if (full != null) {
            full = null;
            log.info("store={} disk has room again", folder);
        }
    }

    /** Says why something is not done, which does no harm to the store. */
    public StoreException refusal(String why) {
        return new StoreException(folder + ": " + why);
    }

    /** Counts bytes that cannot be read. */
    public void damaged(String what) {
        long count = damages.incrementAndGet();
        damage = count == 1 ? what : what + " (the last of " + count + " damaged places)";
        witness.accept(what);
    }

    /** Why the store is closed for writing, or null. */
    @Nullable
    public StoreException failure() {
        return failure;
    }

    /** That the disk is full, or null. */
    @Nullable
    public StoreException full() {
        return full;
    }

    /** How many damaged places were met. */
    public long damages() {
        return damages.get();
    }

    /** {@code ok}, {@code damaged}, {@code full} or {@code failed}: the worst that holds. */
    public String state() {
        if (failure != null) {
            return "failed";
        }
        return full != null ? "full" : damages.get() > 0 ? "damaged" : "ok";
    }

    /** What to know about the state, empty when there is nothing. */
    public String detail() {
        var worst = failure != null ? failure : full;
        if (worst == null) {
            return damage;
        }
        return worst.getMessage() + (damage.isEmpty() ? "" : "; damaged: " + damage);
    }
}
