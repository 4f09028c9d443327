package io.turnstone.store;

import io.turnstone.store.LiveIndex.DefinitionKey;
import java.nio.BufferUnderflowException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;

/** What MapDB holds when the store opens. Owned by the thread that opens it. */
final class StoredPages {

    private final Pages pages;
    private final StoreHealth health;
    private final Map<Long, Block> blocks = new HashMap<>();
    private final Map<Long, long[]> masks = new HashMap<>();
    private final Map<Long, Integer> bodyReferences = new HashMap<>();
    private int lost;
    final Definitions definitions = new Definitions();
    final Map<DefinitionKey, byte[]> definitionValues = new HashMap<>();
    final Pages.Meta meta;

    StoredPages(Pages pages, StoreHealth health) {
        this.pages = pages;
        this.health = health;
        meta = pages.findMeta(health::damaged);
    }

    /** Reads every record and puts the blocks into the index. */
    void load(LiveIndex index) {
        pages.scan(this::page, health::damaged);
        masks.forEach((maskRecid, mask) -> {
            var block = blocks.get(mask[0]);
            if (block == null) {
                pages.delete(maskRecid); // of a block that could not be read
            } else {
                block.maskRecid = maskRecid;
                block.alive = block.stored = mask[1];
            }
        });
        var byFirst = new ArrayList<>(blocks.values());
        byFirst.sort(Comparator.comparingLong(block -> block.first)); // gives the fewest rows
        boolean damaged = health.damages() > 0;
        for (var block : byFirst) {
            index.entries(block.queue).level(block.level).add(block);
            if (block.external) {
                countBodies(block, damaged);
            }
        }
        bodyReferences.forEach((recid, references) -> pages.retain(recid, references - 1));
        bodyReferences.clear();
        if (lost > 0) {
            health.damaged("MapDB: the bodies of " + lost + " messages, some of which were removed before, are lost");
        }
    }

    private void page(long recid, Pages.Page page) {
        try {
            switch (page.kind()) {
                case Pages.BLOCK -> block(recid, page);
                case Pages.MASK ->
                    masks.put(
                            recid,
                            new long[] {page.content().getLong(), page.content().getLong()});
                case Pages.DEFINITION -> definitions.found(recid, page.content(), definitionValues::put);
                default -> {}
            }
        } catch (BufferUnderflowException e) {
            health.damaged("MapDB record " + recid + " is shorter than its fields say");
        }
    }

    private void block(long recid, Pages.Page page) {
        var entries = BlockEntry.decode(page.content(), page.count());
        blocks.put(recid, new Block(page.queue(), page.level(), recid, BlockEntry.draft(entries)));
    }

    /*
     * Without its mask a block seems to hold messages that were removed, and whose bodies' record numbers may have been
     * used again. Such an entry must neither be handed out nor ever release that record.
     */
    private void countBodies(Block block, boolean damaged) {
        var entries = pages.block(block, what -> {});
        for (int i = 0; i < entries.size(); i++) {
            var external = entries.get(i).external();
            if (external == null || !block.alive(i)) {
                continue;
            }
            if (damaged && pages.body(entries.get(i), block.queue, what -> {}) == null) {
                block.alive &= ~(1L << i);
                block.stored = block.alive;
                lost++;
            } else {
                bodyReferences.merge(external.recid(), 1, Integer::sum);
            }
        }
    }
}
