package io.turnstone.store;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The live entries of one queue: those whose bodies are in the journal, and blocks in MapDB. Owned by the checkpointer. */
final class QueueEntries {

    /*
     * Blocks of messages that were enqueued here do not overlap, since they are absorbed in order; blocks of messages
     * that were moved here may. Each level holds blocks that do not overlap each other, a new block goes to the first
     * level with room for it, and so there are as many levels as blocks lie over one another at the deepest place.
     */
    final LiveSet fresh = new LiveSet();
    private final List<TreeMap<Long, Block>> levels = new ArrayList<>(1);

    void add(Block block) {
        for (var level : levels) {
            if (fits(level, block)) {
                level.put(block.first, block);
                return;
            }
        }
        var level = new TreeMap<Long, Block>();
        level.put(block.first, block);
        levels.add(level);
    }

    private static boolean fits(TreeMap<Long, Block> level, Block block) {
        var before = level.floorEntry(block.last);
        return before == null || !before.getValue().overlaps(block);
    }

    void remove(Block block) {
        for (var level : levels) {
            if (level.get(block.first) == block) {
                level.remove(block.first);
                return;
            }
        }
    }

    /** The block in which this position lives, or null. */
    @Nullable
    Block alive(long position) {
        for (int i = 0; i < levels.size(); i++) {
            var floor = levels.get(i).floorEntry(position);
            if (floor != null) {
                var block = floor.getValue();
                int index = block.indexOf(position);
                if (index >= 0 && block.alive(index)) {
                    return block;
                }
            }
        }
        return null;
    }

    void forEachBlock(Consumer<Block> visitor) {
        for (var level : levels) {
            level.values().forEach(visitor);
        }
    }

    boolean empty() {
        return fresh.size() == 0 && levels.stream().allMatch(TreeMap::isEmpty);
    }
}
