package io.turnstone.router.queue;

import io.turnstone.api.store.Marks;
import io.turnstone.api.store.StoredRun;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * How messages from before a restart come into one queue: known by their positions, for all or kept for those who held them.
 * Owned by the queue's home loop; before that starts, by the starting thread.
 */
final class Recovery {

    private final Entries entries;
    private final ReadyMessages line;
    private final Timetable timetable;
    private final QueueCounters counters;
    private final QueueLimits limits;

    Recovery(Entries entries, ReadyMessages line, Timetable timetable, QueueCounters counters, QueueLimits limits) {
        this.entries = entries;
        this.line = line;
        this.timetable = timetable;
        this.counters = counters;
        this.limits = limits;
    }

    /** Messages that are for all. */
    void recover(int level, StoredRun run) {
        long[] positions = run.positions();
        if (level == Marks.DELAYED_LEVEL) {
            timetable.postponed().recover(positions, run.bytes(), run.expiresAtMs());
            counters.recovered(Entry.State.DELAYED, positions.length, run.bytes());
            limits.left(counters);
            return;
        }
        int pieces = (int) Math.min(positions.length, run.bytes() / Run.MAX_BYTES + 1);
        long bytesLeft = run.bytes();
        for (int i = 0; i < pieces; i++) {
            int from = positions.length * i / pieces;
            int to = positions.length * (i + 1) / pieces;
            long bytes = bytesLeft / (pieces - i);
            bytesLeft -= bytes;
            line.recover(level, Arrays.copyOfRange(positions, from, to), bytes, run.expiresAtMs());
        }
        counters.recovered(Entry.State.READY, positions.length, run.bytes());
        limits.left(counters);
    }

    /** Consumers may have had what was recovered. */
    void maybeSeen() {
        timetable.maybeSeen();
        for (int level = 0; level < line.levels(); level++) {
            FifoMessages each = line.level(level);
            if (each != null) {
                each.maybeSeen();
            }
        }
    }

    /** Messages that are kept from all but one. */
    Withheld.Piece withhold(int level, StoredRun part) {
        Run run = null;
        if (level == Marks.DELAYED_LEVEL) {
            timetable.postponed(); // is told what consumers may have seen
        } else {
            run = line.withhold(level, part);
        }
        counters.recovered(Entry.State.HELD, part.positions().length, part.bytes());
        limits.left(counters);
        return new Withheld.Piece(part.positions(), part.bytes(), part.expiresAtMs(), run);
    }

    /** They are on the heap, held; what was not found is lost. */
    void claim(Withheld.Piece piece, @Nullable Entry[] found) {
        int count = piece.positions().length;
        int lost = count;
        long lostBytes = piece.bytes();
        long heapBytes = 0;
        for (Entry entry : found) {
            if (entry != null) {
                lost--;
                lostBytes -= entry.message().size();
                heapBytes += entry.message().body().heapBytes();
                entry.state = Entry.State.HELD;
            }
        }
        counters.pagedIn(count, heapBytes);
        counters.lost(Entry.State.HELD, lost, lostBytes);
        limits.left(counters);
        if (piece.run() != null) {
            line.claim(piece.run(), found);
        }
    }

    /** They are nobody's again, at their old place if they had one. */
    void giveBack(Withheld.Piece piece) {
        Run run = piece.run();
        if (run != null) {
            entries.restore(run, Entry.State.HELD, run.all());
            return;
        }
        counters.move(Entry.State.HELD, Entry.State.DELAYED, piece.positions().length, piece.bytes());
        timetable.postponed().recover(piece.positions(), piece.bytes(), piece.atMs());
    }
}
