package io.turnstone.store.checkpoint;

import static io.turnstone.store.journal.JournalFormat.*;

import io.turnstone.store.journal.JournalVisitor;
import io.turnstone.store.journal.Segment;
import io.turnstone.store.journal.SegmentWindow;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/** Finds single records in the journal, neighbours with one read. Owned by the checkpointer. */
final class JournalLookup {

    private static final int SPAN = 256 << 10;

    private final LiveIndex index;
    private final long storeId;
    private final Consumer<String> damage;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(SPAN);

    /** The last position of the record that was found last. */
    private long found;

    /** @param damage told of each record that cannot be read */
    JournalLookup(LiveIndex index, long storeId, Consumer<String> damage) {
        this.index = index;
        this.storeId = storeId;
        this.damage = damage;
    }

    /** Hands on the records at these positions, ascending; those that cannot be read are missing. */
    void read(long[] positions, JournalVisitor visitor) throws IOException {
        for (int from = 0; from < positions.length; ) {
            var segment = index.holder(positions[from]);
            int to = from + 1;
            while (to < positions.length && index.holder(positions[to]) == segment) {
                to++;
            }
            read(segment, positions, from, to, visitor);
            from = to;
        }
    }

    private void read(Segment segment, long[] positions, int from, int to, JournalVisitor visitor) throws IOException {
        var window = new SegmentWindow(storeId, segment, segment.end, buffer, damage);
        long at = 0;
        int within = from;
        long visited = 0;
        for (int i = from; i < to; i++) {
            if (positions[i] <= visited) {
                continue; // of the same commit
            }
            at = Math.max(at, segment.offsets.before(positions[i]));
            if (i == within) {
                long end = segment.offsets.behind(positions[i], segment.end);
                for (within++; within < to; within++) {
                    long next = segment.offsets.behind(positions[within], segment.end);
                    if (next - at > SPAN) {
                        break;
                    }
                    end = next;
                }
                window.until(end);
            }
            at = find(window, at, positions[i], segment, visitor);
            visited = found;
        }
    }

    /** Reads on from a place up to the record; where the next one begins. */
    private long find(SegmentWindow window, long from, long wanted, Segment segment, JournalVisitor visitor)
            throws IOException {
        long at = from;
        while (at + RECORD_HEADER <= segment.end) {
            long recordSize = window.recordSize(at);
            if (recordSize < 0) {
                at += 8; // the header of a group, or damage
                continue;
            }
            if (window.covers(at, wanted) && window.verifies(at, recordSize)) {
                found = window.position(at);
                window.visit(at, visitor);
                return at + recordSize;
            }
            if (window.position(at) >= wanted) {
                break;
            }
            at += recordSize;
        }
        damage.accept(segment + ": record " + wanted + " cannot be read back");
        return at;
    }
}
