package io.turnstone.store;

import io.turnstone.store.LiveIndex.DefinitionKey;
import java.nio.BufferUnderflowException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What MapDB holds when the store opens. Owned by the thread that opens it. */
final class StoredPages {

    private final Pages pages;
    private final StoreHealth health;
    private final Map<Long, Block> blocks = new HashMap<>();
    private final IdentityHashMap<Block, List<BlockEntry>> messages = new IdentityHashMap<>();
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
        byFirst.sort(Comparator.comparingLong(block -> block.first)); // gives the fewest levels
        boolean damaged = health.damages() > 0;
        for (var block : byFirst) {
            index.entries(block.queue).add(block);
            if (block.external && damaged) {
                forgetRevived(block);
            }
            if (block.external) {
                countBodies(block);
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
        var positions = entries.stream().mapToLong(BlockEntry::position).toArray();
        boolean external = entries.stream().anyMatch(BlockEntry::external);
        var block = new Block(page.queue(), recid, positions, external);
        blocks.put(recid, block);
        messages.put(block, entries);
    }

    private void countBodies(Block block) {
        forEachAlive(block, entry -> {
            if (entry.external()) {
                bodyReferences.merge(entry.bodyRecid(), 1, Integer::sum);
            }
        });
    }

    private void forEachAlive(Block block, Consumer<BlockEntry> visitor) {
        var entries = messages.getOrDefault(block, List.of());
        for (int i = 0; i < entries.size(); i++) {
            if (block.alive(i)) {
                visitor.accept(entries.get(i));
            }
        }
    }

    /** The messages that live in a block; bodies that are records of their own are read. */
    void forEachMessage(Block block, Consumer<BlockEntry> visitor) {
        forEachAlive(block, entry -> withBody(block, entry, visitor));
    }

    /** One message of a block, dead or alive, with its body. */
    void body(Block block, long position, Consumer<BlockEntry> visitor) {
        withBody(block, messages.getOrDefault(block, List.of()).get(block.indexOf(position)), visitor);
    }

    private void withBody(Block block, BlockEntry entry, Consumer<BlockEntry> visitor) {
        if (!entry.external()) {
            visitor.accept(entry);
            return;
        }
        byte[] body = body(block, entry, health::damaged);
        if (body != null) {
            visitor.accept(new BlockEntry(entry.position(), entry.format(), entry.overlay(), body, 0, 0));
        }
    }

    /** A body that is a record of its own, or null when the record is damaged or by now another one. */
    private byte @Nullable [] body(Block block, BlockEntry entry, Consumer<String> damage) {
        String whose = ": message " + entry.position() + " of queue " + block.queue;
        var page = pages.get(entry.bodyRecid(), what -> damage.accept(what + whose));
        if (page == null) {
            return null;
        }
        byte[] body = Pages.copy(page.content());
        if (page.kind() != Pages.BODY || BlockEntry.sum(body) != entry.bodySum()) {
            damage.accept("MapDB record " + entry.bodyRecid() + " is not the body that was stored" + whose);
            return null;
        }
        return body;
    }

    /*
     * Without its mask a block seems to hold messages that were removed, and whose bodies' record numbers may have been
     * used again. Such an entry must neither be handed out nor ever release that record.
     */
    private void forgetRevived(Block block) {
        var entries = messages.getOrDefault(block, List.of());
        for (int i = 0; i < entries.size(); i++) {
            if (block.alive(i) && entries.get(i).external() && body(block, entries.get(i), what -> {}) == null) {
                block.alive &= ~(1L << i);
                block.stored = block.alive;
                lost++;
            }
        }
    }
}
