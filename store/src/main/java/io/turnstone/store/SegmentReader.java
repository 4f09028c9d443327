package io.turnstone.store;

import static io.turnstone.store.JournalFormat.*;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/**
 * Reads the groups of one segment and tells a torn end from damage. Owned by one thread.
 *
 * <p>A group is handed on only when all its records verify. Where one does not, the search goes on for the next valid
 * group: if there is one, what lies between is damage, of which every record that verifies by itself is still handed
 * on; if there is none and the end of the segment is not known, it is the end of a write that did not finish.
 */
final class SegmentReader {

    private static final int WINDOW = 1 << 20;

    private final Segment segment;
    private final Checksum sum;
    private final JournalVisitor visitor;
    private final Consumer<String> damage;
    private final long size;
    private ByteBuffer window = ByteBuffer.allocate(WINDOW).limit(0);
    private long windowAt;
    private int windowLimit;
    private long firstPosition = Long.MAX_VALUE;
    private long lastPosition;
    private int groups;
    private boolean sealed;

    /** @param damage told of every stretch that cannot be read */
    SegmentReader(long storeId, Segment segment, JournalVisitor visitor, Consumer<String> damage) throws IOException {
        this.segment = segment;
        this.visitor = visitor;
        this.damage = damage;
        sum = Checksum.ofSegment(storeId, segment.sequence);
        size = segment.file.size();
    }

    /** The position of the last record read, 0 if there was none. */
    long lastPosition() {
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
    boolean sealed() {
        return sealed;
    }

    /** Reads up to an end that is known to be durable: what is not valid before it is damage. */
    void readUntil(long end) throws IOException {
        long at = SEGMENT_HEADER;
        while (at < end) {
            at = readNext(at, end);
        }
    }

    /** Reads the group at an offset, or what there is up to the next one; where that begins. */
    long readNext(long at, long end) throws IOException {
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
    long readLast() throws IOException {
        long at = SEGMENT_HEADER;
        while (true) {
            long next = group(at);
            if (next < 0) {
                next = findGroup(at + 8, size);
                if (next < 0) {
                    return at;
                }
                salvage(at, next);
            }
            at = next;
        }
    }

    /** Reads the group at an offset; where it ends, or -1 when there is no whole one. */
    private long group(long at) throws IOException {
        int length = groupLength(at);
        if (length < 0 || !load(at, length)) {
            return -1;
        }
        int base = (int) (at - windowAt);
        int records = window.getInt(base + 16);
        int from = base + GROUP_HEADER;
        for (int i = 0; i < records; i++) {
            int recordSize = verified(from, base + length);
            if (recordSize < 0) {
                return -1;
            }
            from += recordSize;
        }
        groups++;
        from = base + GROUP_HEADER;
        for (int i = 0; i < records; i++) {
            int recordSize = RECORD_HEADER + aligned(window.getInt(from));
            visit(from);
            from += recordSize;
        }
        return at + length;
    }

    /** The length of the group whose header is at an offset, or -1. */
    private int groupLength(long at) throws IOException {
        if (!load(at, GROUP_HEADER)) {
            return -1;
        }
        int base = (int) (at - windowAt);
        if (window.getInt(base) != GROUP_MAGIC) {
            return -1;
        }
        int stored = window.getInt(base + 20);
        int computed = sum.of(window, base, 20);
        int length = window.getInt(base + 4);
        return computed == stored && length >= GROUP_HEADER ? length : -1;
    }

    /** The size of the record in the window if header and payload verify, or -1. */
    private int verified(int from, int end) {
        int length = headerLength(from, end);
        if (length < 0 || RECORD_HEADER + (long) aligned(length) > end - from) {
            return -1;
        }
        int computed = sum.of(window, from + RECORD_HEADER, aligned(length));
        return computed == window.getInt(from + 16) ? RECORD_HEADER + aligned(length) : -1;
    }

    private int headerLength(int from, int end) {
        if (end - from < RECORD_HEADER || window.getInt(from + 4) >>> 8 != RECORD_MAGIC) {
            return -1;
        }
        int stored = window.getInt(from + 20);
        int computed = sum.of(window, from, 20);
        int length = window.getInt(from);
        return stored == computed && length >= 0 ? length : -1;
    }

    private void visit(int from) {
        int length = window.getInt(from);
        int type = window.getInt(from + 4) & 0xFF;
        long position = window.getLong(from + 8);
        sealed = type == SEAL;
        firstPosition = Math.min(firstPosition, position);
        lastPosition = Math.max(lastPosition, position);
        try {
            RecordDecoder.decode(type, position, window.slice(from + RECORD_HEADER, length), visitor);
        } catch (BufferUnderflowException | IndexOutOfBoundsException | IllegalArgumentException e) {
            damage.accept(segment + ": record " + position + " of type " + type + " cannot be understood: " + e);
        }
    }

    /** The next valid group header from an offset on, or -1. */
    private long findGroup(long from, long end) throws IOException {
        for (long at = from; at + GROUP_HEADER <= end; at += 8) {
            if (groupLength(at) > 0) {
                return at;
            }
        }
        return -1;
    }

    /** Hands on the records between two offsets that verify by themselves and reports the rest. */
    private void salvage(long from, long until) throws IOException {
        int found = 0;
        int unreadable = 0;
        for (long at = from; at + RECORD_HEADER <= until; ) {
            int recordSize = -1;
            if (load(at, RECORD_HEADER)) {
                int base = (int) (at - windowAt);
                int length = headerLength(base, base + RECORD_HEADER);
                long whole = RECORD_HEADER + ((length + 7L) & ~7L);
                if (length >= 0 && at + whole <= until && load(at, (int) whole)) {
                    base = (int) (at - windowAt);
                    recordSize = verified(base, base + (int) whole);
                    if (recordSize < 0) {
                        unreadable++;
                        recordSize = (int) whole;
                    } else {
                        visit(base);
                        found++;
                    }
                }
            }
            at += recordSize < 0 ? 8 : recordSize;
        }
        damage.accept(segment + ": bytes " + from + " to " + until + " are damaged; " + found
                + " records in them were readable, " + unreadable + " were recognised and lost");
    }

    /** Sees to it that a stretch is in the window; false when the file is too short. */
    private boolean load(long at, int length) throws IOException {
        if (at + length > size) {
            return false;
        }
        if (at >= windowAt && at + length <= windowAt + windowLimit) {
            return true;
        }
        if (length > window.capacity()) {
            window = ByteBuffer.allocate(length);
        }
        window.clear();
        windowAt = at;
        windowLimit = TolerantReads.read(segment.file, window, at, what -> damage.accept(segment + ": " + what));
        window.clear().limit(windowLimit);
        return length <= windowLimit;
    }
}
