package io.turnstone.store.journal;

import static io.turnstone.store.journal.JournalFormat.*;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/**
 * Reads the groups of one segment and tells a torn end from damage. Owned by one thread.
 *
 * <p>A group is handed on only when all its records verify. Where one does not, the search goes on for the next valid
 * group: if there is one, what lies between is damage, of which every record that verifies by itself is still handed
 * on. Unless the end of the segment is not known: then it is damage only if a later group says that it was on the medium
 * once; else it is the end of a write that did not finish, or a power cut took it, and what stands behind it, if anything,
 * reached the medium out of order and counts no more.
 */
public final class SegmentReader {

    private static final int WINDOW = 1 << 20;

    private final Segment segment;
    private final SegmentWindow window;
    private final JournalVisitor visitor;
    private final Consumer<String> damage;
    private final long size;
    private long firstPosition = Long.MAX_VALUE;
    private long lastPosition;
    private int groups;
    private boolean sealed;
    private boolean overtaken;

    /** @param damage told of every stretch that cannot be read */
    public SegmentReader(long storeId, Segment segment, JournalVisitor visitor, Consumer<String> damage)
            throws IOException {
        this.segment = segment;
        this.visitor = visitor;
        this.damage = damage;
        size = segment.file.size();
        window = new SegmentWindow(storeId, segment, size, ByteBuffer.allocate(WINDOW), damage);
    }

    /** The position of the last record read, 0 if there was none. */
    public long lastPosition() {
        return lastPosition;
    }

    /** The position of the first record read, {@link Long#MAX_VALUE} if there was none. */
    long firstPosition() {
        return firstPosition;
    }

    /** How many whole groups were read. */
    int groups() {
        return groups;
    }

    /** Whether the last record says that the store was closed in order. */
    public boolean sealed() {
        return sealed;
    }

    /** Whether something reached the medium before what it follows, which never did. */
    public boolean overtaken() {
        return overtaken;
    }

    /** Reads up to an end that is known to be durable: what is not valid before it is damage. */
    public void readUntil(long end) throws IOException {
        long at = SEGMENT_HEADER;
        while (at < end) {
            at = readNext(at, end);
        }
    }

    /** Reads the group at an offset, or what there is up to the next one; where that begins. */
    public long readNext(long at, long end) throws IOException {
        long next = group(at);
        if (next < 0) {
            next = findGroup(at + 8, end);
            long until = next < 0 ? end : next;
            salvage(at, until);
            next = until;
        }
        return next;
    }

    /** Reads a segment whose end is unknown; where its last group ends. */
    public long readLast() throws IOException {
        long at = SEGMENT_HEADER;
        while (true) {
            long next = group(at);
            if (next < 0) {
                if (sealed) {
                    return at; // nothing is ever written behind that: who opens the store begins a new segment
                }
                next = findGroup(at + 8, size);
                if (next < 0 || !wasForced(Math.max(segment.firstPosition, lastPosition + 1), next)) {
                    overtaken = next >= 0;
                    return at;
                }
                salvage(at, next);
            }
            at = next;
        }
    }

    /** Reads the group at an offset; where it ends, or -1 when there is no whole one. */
    private long group(long at) throws IOException {
        int length = window.groupLength(at);
        if (length < 0 || !window.load(at, length)) {
            return -1;
        }
        int records = window.groupRecords(at);
        long end = at + length;
        long from = at + GROUP_HEADER;
        for (int i = 0; i < records; i++) {
            long recordSize = from + RECORD_HEADER > end ? -1 : window.recordSize(from);
            if (recordSize < 0 || from + recordSize > end || !window.verifies(from, recordSize)) {
                return -1;
            }
            from += recordSize;
        }
        groups++;
        from = at + GROUP_HEADER;
        for (int i = 0; i < records; i++) {
            visit(from);
            from += window.recordSize(from);
        }
        return end;
    }

    private void visit(long at) throws IOException {
        long position = window.position(at);
        sealed = window.seal(at);
        firstPosition = Math.min(firstPosition, window.firstPosition(at));
        lastPosition = Math.max(lastPosition, position);
        window.visit(at, visitor);
    }

    /** The next valid group header from an offset on, or -1. */
    private long findGroup(long from, long end) throws IOException {
        for (long at = window.skipZeros(from, end); at + GROUP_HEADER <= end; at = window.skipZeros(at + 8, end)) {
            if (window.groupLength(at) > 0) {
                return at;
            }
        }
        return -1;
    }

    /** Whether the group at an offset, or one behind it, says that a position was on the medium when it was written. */
    private boolean wasForced(long position, long from) throws IOException {
        for (long at = from; at >= 0; at = findGroup(at + 8, size)) {
            if (window.groupForced(at) >= position) {
                return true;
            }
        }
        return false;
    }

    /** Hands on the records between two offsets that verify by themselves and reports the rest. */
    private void salvage(long from, long until) throws IOException {
        int found = 0;
        int unreadable = 0;
        for (long at = from; at + RECORD_HEADER <= until; ) {
            long recordSize = window.recordSize(at);
            if (recordSize < 0 || at + recordSize > until) {
                at += 8;
                continue;
            }
            if (window.verifies(at, recordSize)) {
                visit(at);
                found++;
            } else {
                unreadable++;
            }
            at += recordSize;
        }
        damage.accept(segment + ": bytes " + from + " to " + until + " are damaged; " + found
                + " records in them were readable, " + unreadable + " were recognised and lost");
    }
}
