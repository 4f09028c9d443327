package io.turnstone.store.checkpoint;

import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The live entries of one queue by level. Owned by the checkpointer. */
public final class QueueEntries {

    final int queue;

    /**
     * By position of an entry the journal record that holds its overlay, when that is not in the record of its body or
     * in its block.
     */
    final PositionMap overlays = new PositionMap();

    private @Nullable LevelEntries[] levels = new LevelEntries[1];
    private int lastHit;

    QueueEntries(int queue) {
        this.queue = queue;
    }

    LevelEntries level(int level) {
        if (level >= levels.length) {
            levels = Arrays.copyOf(levels, level + 1);
        }
        var entries = levels[level];
        if (entries == null) {
            levels[level] = entries = new LevelEntries(queue, level);
        }
        return entries;
    }

    /** The level in which this position lives and is not in a block, or null. */
    @Nullable
    LevelEntries fresh(long position) {
        for (int i = 0; i < levels.length; i++) {
            int tried = hit(i);
            var level = levels[tried];
            if (level != null && level.fresh.contains(position)) {
                lastHit = tried;
                return level;
            }
        }
        return null;
    }

    /** The block in which this position lives, or null. */
    @Nullable
    Block block(long position) {
        for (int i = 0; i < levels.length; i++) {
            int tried = hit(i);
            var level = levels[tried];
            var block = level == null ? null : level.alive(position);
            if (block != null) {
                lastHit = tried;
                return block;
            }
        }
        return null;
    }

    /** Neighbours are mostly of one level, so the last hit is tried first. */
    private int hit(int attempt) {
        return attempt == 0 ? lastHit : attempt <= lastHit ? attempt - 1 : attempt;
    }

    /** Every level that ever held something. */
    public void forEachLevel(Consumer<LevelEntries> visitor) {
        for (var level : levels) {
            if (level != null) {
                visitor.accept(level);
            }
        }
    }

    boolean empty() {
        for (var level : levels) {
            if (level != null && !level.empty()) {
                return false;
            }
        }
        return true;
    }
}
