package io.turnstone.store.checkpoint;

import io.turnstone.store.checkpoint.LiveIndex.DefinitionKey;
import io.turnstone.store.files.StoreHealth;
import io.turnstone.store.pages.Pages;
import io.turnstone.store.spool.SpoolFolder;
import io.turnstone.store.spool.SpoolReference;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What MapDB holds when the store opens: the directory and the definitions are read, the blocks are not. Owned by the
 * thread that opens it.
 */
public final class StoredPages {

    private final Pages pages;
    private final StoreHealth health;
    private final List<Block> blocks = new ArrayList<>();
    private boolean broken;
    private Catalog catalog;
    final Map<DefinitionKey, byte[]> definitionValues = new HashMap<>();
    public final Pages.Meta meta;

    public StoredPages(Pages pages, StoreHealth health) {
        this.pages = pages;
        this.health = health;
        catalog = Catalog.of(pages);
        pages.opening();
        var found = pages.findMeta(health::damaged);
        broken = found == null || pages.doubtful();
        meta = found == null ? new Pages.Meta(0, 0, 0, List.of()) : pages.doubtful() ? replayingAll(found) : found;
    }

    /** Until a commit is through, the journal still has what it absorbs. */
    private static Pages.Meta replayingAll(Pages.Meta meta) {
        return new Pages.Meta(0, meta.position(), meta.highestQueue(), meta.roots());
    }

    /** What opening found, for those who write. */
    public Catalog catalog() {
        return catalog;
    }

    /** Puts the blocks into the index, and notes which files they name. */
    public void load(LiveIndex index, SpoolFolder spool) {
        load(index);
        blocks.stream().filter(block -> block.spooled).forEach(block -> noteFiles(block, index.spooled, spool));
    }

    /** Puts the blocks into the index. */
    void load(LiveIndex index) {
        boolean rooted = catalog.roots().read(meta.roots(), this::root, health::damaged);
        if (broken || !rooted) {
            rebuild();
        }
        blocks.sort(Comparator.comparingLong(block -> block.first)); // gives the fewest rows
        for (var block : blocks) {
            var level = index.entries(block.queue).level(block.level);
            level.add(block);
            if (block.sheet == null) {
                catalog.directory().add(block, level);
            } else if (block.sheet.roomy()) {
                level.sheet = block.sheet;
            }
        }
        pages.opened();
    }

    private void noteFiles(Block block, SpooledEntries spooled, SpoolFolder spool) {
        for (var entry : BlockEntry.read(pages, block, health::damaged)) {
            int at = block.indexOf(entry.position());
            if (SpoolReference.is(entry.format()) && at >= 0 && block.alive(at)) {
                byte[] reference = entry.body(pages, block.queue, health::damaged);
                if (reference != null) {
                    var use = SpoolReference.use(ByteBuffer.wrap(reference), spool);
                    spooled.add(block.queue, entry.position(), use);
                }
            }
        }
    }

    private void root(int kind, long recid, int slot) {
        var page = pages.get(recid, health::damaged);
        if (page != null && page.kind() == kind) {
            found(recid, slot, page);
        } else {
            broken |= kind == Pages.SHEET;
        }
    }

    private void found(long recid, int slot, Pages.Page page) {
        try {
            if (page.kind() == Pages.SHEET) {
                blocks.addAll(catalog.directory().found(recid, slot, page));
            } else if (page.kind() == Pages.DEFINITION) {
                catalog.definitions().found(recid, slot, page.content(), definitionValues::put);
            }
        } catch (BufferUnderflowException e) {
            health.damaged("MapDB record " + recid + " is shorter than its fields say");
            broken |= page.kind() == Pages.SHEET;
        }
    }

    /*
     * Something on the way to the blocks is damaged, so every record is looked at. A block of which no directory tells
     * seems to hold all it ever held, messages that were removed among it; these come back, and it is said.
     */
    private void rebuild() {
        blocks.clear();
        definitionValues.clear();
        catalog = Catalog.of(pages);
        var unlisted = new HashMap<Long, Block>();
        var oldRoots = new ArrayList<Long>();
        pages.scan(
                (recid, page) -> {
                    switch (page.kind()) {
                        case Pages.ROOT -> oldRoots.add(recid);
                        case Pages.BLOCK -> {
                            var draft = BlockEntry.draft(BlockEntry.decode(page.content(), page.count()));
                            unlisted.put(recid, new Block(page.queue(), page.level(), recid, draft));
                        }
                        case Pages.SHEET, Pages.DEFINITION ->
                            found(recid, catalog.roots().add(page.kind(), recid), page);
                        default -> {}
                    }
                },
                health::damaged);
        oldRoots.forEach(recid -> pages.discard(recid, health::damaged));
        blocks.forEach(block -> unlisted.remove(block.recid));
        int listed = blocks.size();
        blocks.addAll(unlisted.values());
        if (!unlisted.isEmpty()) {
            health.damaged("MapDB: the directory of " + unlisted.size()
                    + " blocks is lost; messages that were removed from them may be back");
        }
        new BodyReferences(pages, catalog.directory(), health).settle(blocks, listed);
    }
}
