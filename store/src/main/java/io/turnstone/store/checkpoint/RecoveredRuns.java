package io.turnstone.store.checkpoint;

import io.turnstone.api.Message;
import io.turnstone.api.store.MessageStore.Recovery;
import io.turnstone.api.store.StoredRun;
import io.turnstone.store.journal.LiveSet;
import io.turnstone.store.journal.Targets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Tells the messages of one level of a queue in runs: what lies in blocks and in the journal, merged by position. Owned
 * by the thread that opens the store.
 */
final class RecoveredRuns {

    /** Messages of which none lies over another, in order. */
    private abstract static sealed class Cursor {
        long position;
        int bytes;
        long expiresAtMs;

        /** Goes to the next message; false when there is none. */
        abstract boolean next();
    }

    private static final class Fresh extends Cursor {
        private final LiveSet fresh;
        private final ReplayFigures figures;

        Fresh(LiveSet fresh, ReplayFigures figures) {
            this.fresh = fresh;
            this.figures = figures;
        }

        @Override
        boolean next() {
            position = fresh.next(position + 1);
            if (position < 0) {
                return false;
            }
            bytes = figures.size(position);
            expiresAtMs = figures.expiresAtMs(position);
            return true;
        }
    }

    private static final class Absorbed extends Cursor {
        private final BlockRow row;
        private long[] positions = {};
        private int[] sizes = {};
        private @Nullable Block block;
        private int nextBlock;
        private int entry;

        Absorbed(BlockRow row) {
            this.row = row;
        }

        @Override
        boolean next() {
            while (true) {
                while (block != null && ++entry < block.count()) {
                    if (block.alive(entry)) {
                        position = positions[entry];
                        bytes = sizes[entry];
                        expiresAtMs = block.expiresAtMs;
                        return true;
                    }
                }
                if (nextBlock == row.size()) {
                    return false;
                }
                block = row.get(nextBlock++);
                if (positions.length < block.count()) {
                    positions = new long[block.count()];
                    sizes = new int[block.count()];
                }
                block.unpack(positions, sizes);
                entry = -1;
            }
        }
    }

    private final Recovery recovery;
    private final ReplayFigures figures;
    private final SpooledEntries spooled;
    private final long[] positions = new long[StoredRun.MAX];
    private int count;
    private long bytes;
    private long expiresAtMs = Message.NONE;

    RecoveredRuns(Recovery recovery, ReplayFigures figures, SpooledEntries spooled) {
        this.recovery = recovery;
        this.figures = figures;
        this.spooled = spooled;
    }

    void tell(LevelEntries level) {
        List<Cursor> cursors = new ArrayList<>();
        cursors.add(new Fresh(level.fresh, figures));
        level.rows().forEach(row -> cursors.add(new Absorbed(row)));
        cursors.removeIf(cursor -> !cursor.next());
        while (!cursors.isEmpty()) {
            var first = cursors.get(0);
            for (int i = 1; i < cursors.size(); i++) {
                first = cursors.get(i).position < first.position ? cursors.get(i) : first;
            }
            add(level, first);
            if (!first.next()) {
                cursors.remove(first);
            }
        }
        flush(level);
    }

    private void add(LevelEntries level, Cursor message) {
        positions[count++] = message.position;
        var file = spooled.get(level.queue, message.position);
        bytes += file == null ? message.bytes : file.length;
        expiresAtMs = Targets.earlier(expiresAtMs, message.expiresAtMs);
        if (count == StoredRun.MAX) {
            flush(level);
        }
    }

    private void flush(LevelEntries level) {
        if (count > 0) {
            recovery.run(level.queue, level.level, new StoredRun(Arrays.copyOf(positions, count), bytes, expiresAtMs));
        }
        count = 0;
        bytes = 0;
        expiresAtMs = Message.NONE;
    }
}
