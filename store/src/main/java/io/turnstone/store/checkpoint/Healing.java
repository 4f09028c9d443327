package io.turnstone.store.checkpoint;

import io.turnstone.api.store.StoreException;
import io.turnstone.store.files.FailedForce;
import io.turnstone.store.files.Manifest;
import io.turnstone.store.files.StoreHealth;
import io.turnstone.store.pages.GenerationFiles;
import io.turnstone.store.pages.Pages;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Opens MapDB's file, and makes it anew before that when it is damaged so that nothing may be written to it: all that can
 * be read is copied to the next generation. The damaged files are kept. Owned by the thread that opens the store.
 */
public final class Healing {

    private static final Logger log = LogManager.getLogger(Healing.class);

    private final GenerationFiles damaged;
    private final long storeId;
    private final StoreHealth health;

    /** What the store goes on with. */
    public record Opened(GenerationFiles files, Pages pages) {}

    private Healing(GenerationFiles damaged, long storeId, StoreHealth health) {
        this.damaged = damaged;
        this.storeId = storeId;
        this.health = health;
    }

    /**
     * Opens the generation that counts, or the one that takes its place. Where there is no room for that, the damaged one
     * can be read and fails when something is absorbed. A file that is not the store's, or is gone, is refused,
     * since nothing would be left of the store.
     */
    public static Opened open(GenerationFiles current, long storeId, StoreHealth health) throws IOException {
        if (current.isGone()) {
            throw notOurs(current.db() + " is missing or empty, though messages were moved to it.");
        }
        var pages = Pages.open(current, storeId, health::damaged, FailedForce::force);
        if (pages.isForeign()) {
            pages.close();
            throw notOurs(current.db() + " is not this store's: hardly a record in it was written by it.");
        }
        if (pages.unsound().isEmpty()) {
            return new Opened(current, pages);
        }
        health.damaged(pages.unsound());
        return new Healing(current, storeId, health).heal(pages);
    }

    private static StoreException notOurs(String what) {
        return new StoreException(
                what + " Put the file back that belongs there, or restore the folder from a backup; where"
                        + " neither is to be had, 'turnstone store salvage' brings what the journal has to a new folder");
    }

    private Opened heal(Pages old) throws IOException {
        var next = damaged.next();
        long bytes = old.fileBytes();
        Pages copied = null;
        try {
            copied = copied(old, next);
            if (copied == null) {
                next.delete();
                return new Opened(damaged, old.asCommitted());
            }
            Manifest.publish(damaged.files(), damaged.folder());
        } catch (IOException | RuntimeException e) {
            old.close();
            if (copied != null) {
                copied.close();
            }
            throw e;
        }
        old.close();
        next.removeOthers();
        log.warn(
                "store={} healed: what could be read is in {} now; the damaged file is kept as {} with its redo logs, {}"
                        + " bytes, until you remove it",
                damaged.folder(),
                next.name(),
                damaged.kept(),
                bytes);
        return new Opened(next, copied);
    }

    /** A generation that is complete and counts as soon as the manifest names it; null when there cannot be one. */
    private @Nullable Pages copied(Pages old, GenerationFiles next) {
        Pages pages = null;
        boolean whole = false;
        try {
            var stored = new StoredPages(old, health);
            stored.load(new LiveIndex());
            leaveOut(stored.catalog());
            next.delete();
            pages = Pages.open(next, storeId, health::damaged, FailedForce::force);
            var copy = new GenerationCopy(
                    stored.catalog(), Catalog.of(pages), health::damaged, FailedForce::force, () -> false);
            whole = copy.run(stored.meta);
            new Manifest(storeId, next.number()).prepare(damaged.files(), damaged.folder(), FailedForce::force);
            damaged.markDamaged();
        } catch (IOException
                | UncheckedIOException
                | StoreException e) { // nothing of it counts, a failed force included
            whole = false;
            log.error("store={} could not be healed: {}", damaged.folder(), e.toString());
        } finally {
            if (pages != null && !whole) {
                pages.close();
            }
        }
        return whole ? pages : null;
    }

    /** Takes away what cannot be read, so that it is told now and never again. */
    private void leaveOut(Catalog catalog) {
        for (var sheet : catalog.directory().all()) {
            for (var block : List.copyOf(sheet.blocks())) {
                long readable = readable(block, catalog.pages());
                int lost = Long.bitCount(block.stored & ~readable);
                if (lost > 0) {
                    health.damaged("queue " + block.queue + ": " + lost + " messages of MapDB record " + block.recid
                            + " are lost");
                    block.stored = block.alive = block.stored & readable;
                    catalog.directory().changed(block);
                }
            }
        }
    }

    /** Which messages of a block can be read; the others of it do not matter. */
    private long readable(Block block, Pages pages) {
        var page = pages.get(block.recid, health::damaged);
        if (page == null || page.kind() != Pages.BLOCK) {
            return 0;
        }
        long readable = -1;
        var entries = block.external ? BlockEntry.decode(page.content(), page.count()) : List.<BlockEntry>of();
        for (int i = 0; i < entries.size(); i++) {
            boolean lives = (block.stored & 1L << i) != 0;
            if (lives && entries.get(i).body(pages, block.queue, health::damaged) == null) {
                readable &= ~(1L << i);
            }
        }
        return readable;
    }
}
