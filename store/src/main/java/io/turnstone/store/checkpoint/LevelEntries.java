package io.turnstone.store.checkpoint;

import io.turnstone.store.journal.LiveSet;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The live entries of one level of a queue: those whose bodies are in the journal, and blocks in MapDB. Owned by the
 * checkpointer.
 */
public final class LevelEntries {

    /*
     * Blocks of messages that were enqueued here do not overlap, since they are absorbed in order; blocks of messages
     * that were moved here may. A new block goes to the first row with room for it, and so there are as many rows as
     * blocks lie over one another at the deepest place.
     */
    final int queue;
    final int level;
    final LiveSet fresh = new LiveSet();

    /** Where in the directory its next block goes, if there is room. */
    Directory.@Nullable Sheet sheet;

    private final List<BlockRow> rows = new ArrayList<>(1);

    LevelEntries(int queue, int level) {
        this.queue = queue;
        this.level = level;
    }

    void add(Block block) {
        for (var row : rows) {
            if (row.add(block)) {
                return;
            }
        }
        var row = new BlockRow();
        row.add(block);
        rows.add(row);
    }

    /** MapDB has forgotten a block. */
    void forget(Block block) {
        for (var row : rows) {
            if (row.forget(block)) {
                return;
            }
        }
    }

    /** The block in which this position lives, or null. */
    @Nullable
    Block alive(long position) {
        for (int i = 0; i < rows.size(); i++) {
            var block = rows.get(i).floor(position);
            if (block != null) {
                int index = block.indexOf(position);
                if (index >= 0 && block.alive(index)) {
                    return block;
                }
            }
        }
        return null;
    }

    /** A block and those behind it in its row, at most so many. */
    List<Block> from(Block first, int count) {
        for (var row : rows) {
            if (row.floor(first.first) == first) {
                return row.from(first, count);
            }
        }
        return List.of();
    }

    List<BlockRow> rows() {
        return rows;
    }

    /** Every block that MapDB holds of it, also those of which nothing lives any more. */
    public void forEachBlock(Consumer<Block> visitor) {
        for (var row : rows) {
            row.forEach(visitor);
        }
    }

    boolean empty() {
        return fresh.size() == 0 && rows.stream().allMatch(BlockRow::empty);
    }
}
