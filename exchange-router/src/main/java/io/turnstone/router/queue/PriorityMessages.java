package io.turnstone.router.queue;

import io.turnstone.api.Message;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Strict priority: a line per level, the highest level first. A message of priority p stands in level min(p, n-1). */
final class PriorityMessages implements ReadyMessages {

    /** A browser's place in each level, made when the level has something to see. */
    static final class Ats implements Cursor {
        private final FifoMessages.@Nullable At[] levels;

        private Ats(int levels) {
            this.levels = new FifoMessages.At[levels];
        }
    }

    private final ExpiryHeap expiry;
    private final @Nullable FifoMessages[] levels;

    /** One bit per level that has a ready entry. */
    private final long[] filled;

    PriorityMessages(int levels, ExpiryHeap expiry) {
        this.expiry = expiry;
        this.levels = new FifoMessages[levels];
        filled = new long[(levels + 63) >>> 6];
    }

    private int level(Entry entry) {
        return Math.min(Math.max(0, entry.message().priority()), levels.length - 1);
    }

    /** The line of an entry that stands in one. */
    private FifoMessages line(int level) {
        FifoMessages line = levels[level];
        if (line == null) {
            line = new FifoMessages(expiry);
            levels[level] = line;
        }
        return line;
    }

    private void fill(int level) {
        filled[level >>> 6] |= 1L << level;
    }

    private void drainIfEmpty(int level, FifoMessages line) {
        if (line.isEmpty()) {
            filled[level >>> 6] &= ~(1L << level);
        }
    }

    @Override
    public void add(Entry entry) {
        int level = level(entry);
        line(level).add(entry);
        fill(level);
    }

    @Override
    public @Nullable Entry first() {
        for (int i = filled.length - 1; i >= 0; i--) {
            if (filled[i] != 0) {
                return line((i << 6) + 63 - Long.numberOfLeadingZeros(filled[i]))
                        .first();
            }
        }
        return null;
    }

    @Override
    public @Nullable Entry least() {
        for (int i = 0; i < filled.length; i++) {
            if (filled[i] != 0) {
                return line((i << 6) + Long.numberOfTrailingZeros(filled[i])).first();
            }
        }
        return null;
    }

    @Override
    public void take(Entry entry) {
        int level = level(entry);
        FifoMessages line = line(level);
        line.take(entry);
        drainIfEmpty(level, line);
    }

    @Override
    public void restore(Entry entry) {
        int level = level(entry);
        line(level).restore(entry);
        fill(level);
    }

    @Override
    public void remove(Entry entry) {
        int level = level(entry);
        FifoMessages line = line(level);
        line.remove(entry);
        drainIfEmpty(level, line);
    }

    @Override
    public @Nullable Entry next(Cursor cursor) {
        var ats = (Ats) cursor;
        for (int level = levels.length - 1; level >= 0; level--) {
            FifoMessages line = levels[level];
            if (line == null) {
                continue;
            }
            var at = ats.levels[level];
            if (at == null) {
                at = new FifoMessages.At();
                ats.levels[level] = at;
            }
            Entry entry = line.next(at);
            if (entry != null) {
                return entry;
            }
        }
        return null;
    }

    @Override
    public void clear() {
        Arrays.fill(levels, null);
        Arrays.fill(filled, 0);
    }

    @Override
    public Cursor cursor() {
        return new Ats(levels.length);
    }

    @Override
    public long oldestAtMs() {
        long oldest = Message.NONE;
        for (int i = 0; i < filled.length; i++) {
            for (long rest = filled[i]; rest != 0; rest &= rest - 1) {
                long at = line((i << 6) + Long.numberOfTrailingZeros(rest)).oldestAtMs();
                oldest = oldest == Message.NONE ? at : Math.min(oldest, at);
            }
        }
        return oldest;
    }
}
