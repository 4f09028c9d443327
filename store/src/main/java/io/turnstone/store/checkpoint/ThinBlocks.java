package io.turnstone.store.checkpoint;

import io.turnstone.store.files.StoreHealth;
import io.turnstone.store.pages.Pages;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Writes blocks anew of which less than a quarter lives, neighbours together, so that a few forgotten messages cost what
 * they are and not what once was around them. Owned by the checkpointer.
 */
final class ThinBlocks {

    /** A commit is not to become long by it. */
    private static final int BLOCKS_PER_COMMIT = 256;

    private final Pages pages;
    private final LiveIndex index;
    private final Directory directory;
    private final StoreHealth health;
    private final Set<Block> thin = new LinkedHashSet<>();

    ThinBlocks(Pages pages, LiveIndex index, Directory directory, StoreHealth health) {
        this.pages = pages;
        this.index = index;
        this.directory = directory;
        this.health = health;
        index.forEachQueue(queue -> queue.forEachLevel(level -> level.forEachBlock(this::settled)));
    }

    /** Takes notice of what lives in a block. */
    void settled(Block block) {
        if (block.alive != 0 && 4 * Long.bitCount(block.alive) < block.count()) {
            thin.add(block);
        } else {
            thin.remove(block);
        }
    }

    /** Merges some of them; they go with the next commit. */
    void merge(Runnable pause) {
        for (int left = BLOCKS_PER_COMMIT; left > 0 && !thin.isEmpty() && health.full() == null; ) {
            var first = thin.iterator().next();
            var entries = index.known(first.queue);
            left--;
            if (entries == null || !mergeable(first)) {
                thin.remove(first);
                continue;
            }
            left -= merge(entries.level(first.level), first);
            pause.run();
        }
    }

    /** What changed, or has messages that moved away, is settled first and comes back then. */
    private boolean mergeable(Block block) {
        return thin.contains(block)
                && !block.changed
                && index.moves.ofBlock(block).isEmpty();
    }

    private int merge(LevelEntries level, Block first) {
        var merged = new ArrayList<Block>();
        var living = new ArrayList<BlockEntry>();
        int bytes = 0;
        for (var block : level.from(first, Block.MAX_ENTRIES)) {
            if (!mergeable(block) || living.size() + Long.bitCount(block.alive) > Block.MAX_ENTRIES) {
                break;
            }
            var entries = living(block);
            int more = entries.stream().mapToInt(BlockEntry::size).sum();
            if (!merged.isEmpty() && bytes + more > PageWriter.BLOCK_BYTES) {
                break;
            }
            thin.remove(block);
            if (!entries.isEmpty()) { // else it is damaged, which was reported
                merged.add(block);
                living.addAll(entries);
                bytes += more;
            }
        }
        if (!merged.isEmpty()) {
            replace(level, merged, living);
        }
        return merged.size();
    }

    private List<BlockEntry> living(Block block) {
        var entries = BlockEntry.read(pages, block, health::damaged);
        var living = new ArrayList<BlockEntry>();
        for (int i = 0; i < entries.size(); i++) {
            if (block.alive(i)) {
                living.add(entries.get(i));
            }
        }
        return living;
    }

    private void replace(LevelEntries level, List<Block> merged, List<BlockEntry> living) {
        for (var block : merged) {
            block.alive = block.stored = 0;
            directory.changed(block);
            pages.delete(block.recid);
            index.settled(block);
        }
        long recid = pages.add(Pages.BLOCK, level.queue, level.level, living.size(), BlockEntry.encode(living));
        var block = new Block(level.queue, level.level, recid, BlockEntry.draft(living));
        level.add(block);
        directory.add(block, level);
    }
}
