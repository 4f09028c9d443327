package io.turnstone.store.checkpoint;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Blocks of one level of a queue that do not overlap, in order of their positions. Owned by the checkpointer. */
final class BlockRow {

    private Block[] blocks = new Block[2];
    private int size;
    private int gone;

    boolean empty() {
        return size == gone;
    }

    int size() {
        return size;
    }

    /** One of them, which may hold nothing any more. */
    Block get(int index) {
        return blocks[index];
    }

    /** The last block that begins at a position or before, or null; it may hold nothing any more. */
    @Nullable
    Block floor(long position) {
        int index = floorIndex(position);
        return index < 0 ? null : blocks[index];
    }

    /** One of them and those behind it, at most so many. */
    List<Block> from(Block first, int count) {
        var found = new ArrayList<Block>();
        for (int i = floorIndex(first.first); i < size && found.size() < count; i++) {
            if ((blocks[i].alive | blocks[i].stored) != 0) {
                found.add(blocks[i]);
            }
        }
        return found;
    }

    private int floorIndex(long position) {
        if (size > 0 && blocks[size - 1].first <= position) {
            return size - 1;
        }
        int low = 0;
        int high = size - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (blocks[middle].first <= position) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return high;
    }

    /** False when it overlaps one of them. */
    boolean add(Block block) {
        int before = floorIndex(block.last);
        if (before >= 0 && blocks[before].overlaps(block)) {
            return false;
        }
        if (size == blocks.length) {
            blocks = Arrays.copyOf(blocks, size * 2);
        }
        System.arraycopy(blocks, before + 1, blocks, before + 2, size - before - 1);
        blocks[before + 1] = block;
        size++;
        return true;
    }

    /** Whether the block is one of them; it holds nothing any more and MapDB has forgotten it. */
    boolean forget(Block block) {
        if (floor(block.first) != block) {
            return false;
        }
        gone++;
        if (gone > 16 && gone > size / 4) {
            compact();
        }
        return true;
    }

    private void compact() {
        int left = 0;
        for (int i = 0; i < size; i++) {
            if ((blocks[i].alive | blocks[i].stored) != 0) {
                blocks[left++] = blocks[i];
            }
        }
        blocks = Arrays.copyOf(blocks, Math.max(2, left + left / 2));
        size = left;
        gone = 0;
    }

    void forEach(Consumer<Block> visitor) {
        for (int i = 0; i < size; i++) {
            visitor.accept(blocks[i]);
        }
    }
}
