package io.turnstone.store.checkpoint;

import io.turnstone.store.files.Forces;
import io.turnstone.store.files.Manifest;
import io.turnstone.store.files.StoreHealth;
import io.turnstone.store.journal.StoreOptions;
import io.turnstone.store.pages.GenerationFiles;
import io.turnstone.store.pages.Pages;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The generation of MapDB's file that is in use. A file of MapDB never becomes smaller; so when little of it lives, that
 * is copied to a new one, which the manifest names from then on.
 *
 * <p><b>Threads:</b> {@link #pages} any; the rest the checkpointer, and before and after it the thread that owns the store.
 */
public final class Generations implements AutoCloseable {

    private static final Logger log = LogManager.getLogger(Generations.class);

    private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final StoreHealth health;
    private final LiveIndex index;
    private final StoreOptions options;
    private final long storeId;
    private GenerationFiles files;
    private volatile Catalog catalog;
    private PageWriter writer;
    private boolean changed = true;
    private long nextTry = System.nanoTime();

    public Generations(
            GenerationFiles files,
            long storeId,
            Catalog catalog,
            LiveIndex index,
            StoreHealth health,
            StoreOptions options) {
        this.files = files;
        this.storeId = storeId;
        this.catalog = catalog;
        this.index = index;
        this.health = health;
        this.options = options;
        writer = new PageWriter(catalog, health, index);
    }

    /** MapDB's file that counts. */
    public Pages pages() {
        return catalog.pages();
    }

    PageWriter writer() {
        pages().requireSound();
        return writer;
    }

    /** Makes durable what the writer has written. */
    void commit(Forces forces) throws IOException {
        pages().commit(forces);
        changed = true;
    }

    /** Whether it is worth looking how much of the file lives. */
    boolean copyMayPay() {
        return changed && pages().fileBytes() >= options.shrinking().fromBytes() && health.damages() == 0;
    }

    /**
     * Whether so little of the file lives that it should be copied. Takes some time when nobody has asked since the store
     * was opened.
     *
     * @param quiet whether there is nothing else to do; else it must not take long
     */
    boolean copyPays(boolean quiet) {
        if (!copyMayPay()) {
            return false;
        }
        long bytes = pages().fileBytes();
        long wanted = pages().liveBytes() * options.shrinking().times();
        changed = wanted <= bytes;
        return changed && (quiet || wanted <= options.windowBytes() / 2);
    }

    /**
     * Copies what lives to the next generation and goes on with that, unless it is given up. Everything that was written
     * is committed.
     *
     * @param stop asked between two steps whether to give up; reads may be answered meanwhile
     */
    void copy(Forces forces, BooleanSupplier stop) throws IOException {
        if (System.nanoTime() - nextTry < 0) {
            return;
        }
        var next = files.next();
        var copied = copied(next, forces, stop);
        if (copied == null) {
            nextTry = System.nanoTime() + RETRY_NANOS;
            remove(next);
        } else {
            Manifest.publish(files.files(), files.folder());
            goOn(next, copied);
        }
    }

    private @Nullable Catalog copied(GenerationFiles next, Forces forces, BooleanSupplier stop) {
        Pages pages = null;
        Catalog copied = null;
        try {
            next.delete();
            pages = Pages.open(next, storeId, health::damaged, forces);
            var target = Catalog.of(pages);
            long damages = health.damages();
            BooleanSupplier giveUp = () -> stop.getAsBoolean() || health.damages() > damages;
            var copy = new GenerationCopy(catalog, target, health::damaged, forces, giveUp);
            if (copy.run(catalog.pages().figures())) {
                new Manifest(storeId, next.number()).prepare(files.files(), files.folder(), forces);
                copied = target;
            }
        } catch (IOException | UncheckedIOException e) { // nothing of it counts, a failed force included
            log.warn("MapDB's file could not be made smaller, which will be tried again: {}", e.toString());
        } finally {
            if (pages != null && copied == null) {
                pages.close();
            }
        }
        return copied;
    }

    private void goOn(GenerationFiles next, Catalog copied) {
        var old = catalog.pages();
        log.debug("generation={} bytes={} of={}", next.number(), copied.pages().fileBytes(), old.fileBytes());
        copied.directory().takeOver();
        writer = new PageWriter(copied, health, index);
        catalog = copied;
        old.close();
        remove(files);
        files = next;
        changed = false;
    }

    /** What cannot be removed now is when the store opens. */
    private static void remove(GenerationFiles unused) {
        try {
            unused.delete();
        } catch (IOException e) {
            log.warn("{} could not be removed: {}", unused.db(), e.toString());
        }
    }

    /** Releases the files without committing. */
    @Override
    public void close() {
        pages().close();
    }
}
