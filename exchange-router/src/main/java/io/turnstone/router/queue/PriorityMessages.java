package io.turnstone.router.queue;

import io.turnstone.api.Message;
import io.turnstone.api.store.StoredRun;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Strict priority: a line per level, the highest level first. A message of priority p stands in level min(p, n-1). */
final class PriorityMessages implements ReadyMessages {

    /** A place in each level, made when the level has something to see. */
    static final class Ats implements Cursor {
        private final FifoMessages.@Nullable At[] levels;
        private @Nullable Run before;

        private Ats(int levels) {
            this.levels = new FifoMessages.At[levels];
        }

        @Override
        public @Nullable Run before() {
            return before;
        }

        @Override
        public boolean passed(Entry entry) {
            FifoMessages.At at = levels[entry.run.level];
            return at != null && at.passed(entry);
        }

        @Override
        public void back(Entry entry) {
            FifoMessages.At at = levels[entry.run.level];
            if (at != null) {
                at.back(entry);
            }
        }

        @Override
        public void back(Run run) {
            FifoMessages.At at = levels[run.level];
            if (at != null) {
                at.back(run);
            }
        }

        @Override
        public void back(Cursor other) {
            var ats = (Ats) other;
            for (int i = 0; i < levels.length; i++) {
                FifoMessages.At at = levels[i];
                FifoMessages.At less = ats.levels[i];
                if (at != null && less != null) {
                    at.back(less);
                } else {
                    levels[i] = null;
                }
            }
        }

        @Override
        public Ats copy() {
            var copy = new Ats(levels.length);
            for (int i = 0; i < levels.length; i++) {
                FifoMessages.At at = levels[i];
                copy.levels[i] = at == null ? null : at.copy();
            }
            return copy;
        }
    }

    private final ExpiryHeap expiry;
    private final Paging paging;
    private final @Nullable FifoMessages[] levels;

    /** One bit per level that has a ready entry. */
    private final long[] filled;

    PriorityMessages(int levels, ExpiryHeap expiry, Paging paging) {
        this.expiry = expiry;
        this.paging = paging;
        this.levels = new FifoMessages[levels];
        filled = new long[(levels + 63) >>> 6];
    }

    private FifoMessages line(int level) {
        FifoMessages line = levels[level];
        if (line == null) {
            line = new FifoMessages(level, expiry, paging);
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
    public boolean isEmpty() {
        for (long word : filled) {
            if (word != 0) {
                return false;
            }
        }
        return true;
    }

    @Override
    public void add(Entry entry) {
        int level = Math.min(Math.max(0, entry.message().priority()), levels.length - 1);
        line(level).add(entry);
        fill(level);
    }

    @Override
    public void recover(int level, long[] positions, long bytes, long expiresAtMs) {
        int known = Math.min(level, levels.length - 1);
        line(known).recover(known, positions, bytes, expiresAtMs);
        fill(known);
    }

    @Override
    public Run withhold(int level, StoredRun recovered) {
        int known = Math.min(level, levels.length - 1);
        return line(known).withhold(known, recovered);
    }

    @Override
    public void claim(Run run, @Nullable Entry[] found) {
        line(run.level).claim(run, found);
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
        int level = entry.run.level;
        FifoMessages line = line(level);
        line.take(entry);
        drainIfEmpty(level, line);
    }

    @Override
    public void restore(Entry entry) {
        int level = entry.run.level;
        line(level).restore(entry);
        fill(level);
    }

    @Override
    public void remove(Entry entry) {
        int level = entry.run.level;
        FifoMessages line = line(level);
        line.remove(entry);
        drainIfEmpty(level, line);
    }

    @Override
    public void take(Run run) {
        FifoMessages line = line(run.level);
        line.take(run);
        drainIfEmpty(run.level, line);
    }

    @Override
    public void restore(Run run, long ready) {
        line(run.level).restore(run, ready);
        fill(run.level);
    }

    @Override
    public void remove(Run run) {
        line(run.level).remove(run);
    }

    @Override
    public void pageIn(Run run, @Nullable Entry[] found) {
        FifoMessages line = line(run.level);
        line.pageIn(run, found);
        drainIfEmpty(run.level, line);
    }

    @Override
    public int levels() {
        return levels.length;
    }

    @Override
    public @Nullable FifoMessages level(int index) {
        return levels[index];
    }

    @Override
    public @Nullable Entry next(Cursor cursor, int leastLevel) {
        var ats = (Ats) cursor;
        ats.before = null;
        for (int level = levels.length - 1; level >= leastLevel; level--) {
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
            ats.before = at.before();
            if (entry != null || ats.before != null) {
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
                oldest = oldest == Message.NONE || at == Message.NONE ? Math.max(oldest, at) : Math.min(oldest, at);
            }
        }
        return oldest;
    }
}
