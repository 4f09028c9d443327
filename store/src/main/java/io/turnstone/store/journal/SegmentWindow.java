package io.turnstone.store.journal;

import static io.turnstone.store.journal.JournalFormat.*;

import io.turnstone.store.files.Checksum;
import io.turnstone.store.files.TolerantReads;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/** A stretch of a segment in memory, and what the bytes in it say. Owned by one thread. */
public final class SegmentWindow {

    /** What a segment is full of behind its end: many bytes are compared at once. */
    private static final ByteBuffer ZEROS = ByteBuffer.allocate(1 << 16);

    private final Segment segment;
    private final Checksum sum;
    private final Consumer<String> damage;
    private final long size;
    private ByteBuffer bytes;
    private long from;
    private int length;
    private long until = Long.MAX_VALUE;

    /**
     * @param size how far the segment may be read
     * @param buffer where the bytes go, as long as no larger piece is asked for
     * @param damage told of what the disk cannot read
     */
    public SegmentWindow(long storeId, Segment segment, long size, ByteBuffer buffer, Consumer<String> damage) {
        this.segment = segment;
        this.size = size;
        this.damage = damage;
        bytes = buffer;
        sum = Checksum.ofSegment(storeId, segment.sequence);
    }

    /** Nothing behind this place is wanted for now. */
    public void until(long end) {
        until = end;
    }

    /** Sees to it that a stretch is in the window; false when the file is too short. */
    boolean load(long at, int count) throws IOException {
        if (at + count > size) {
            return false;
        }
        if (at >= from && at + count <= from + length) {
            return true;
        }
        if (count > bytes.capacity()) {
            bytes = ByteBuffer.allocate(count);
        }
        long wanted = Math.max(count, Math.min(bytes.capacity(), Math.min(until, size) - at));
        bytes.clear().limit((int) wanted);
        from = at;
        length = 0;
        length = TolerantReads.read(segment.file, bytes, at, what -> damage.accept(segment + ": " + what));
        bytes.clear().limit(length);
        return count <= length;
    }

    /** From a place on, in steps of eight bytes, the first of which one is not zero; {@code end} or about when there is none. */
    long skipZeros(long at, long end) throws IOException {
        long next = at;
        while (next + GROUP_HEADER <= end && load(next, GROUP_HEADER)) {
            int base = base(next);
            int count = Math.min(ZEROS.capacity(), length - base);
            int zeros = bytes.slice(base, count).mismatch(ZEROS.slice(0, count));
            if (zeros >= 0) {
                return next + (zeros & ~7);
            }
            next += count & ~7;
        }
        return next;
    }

    private int base(long at) {
        return (int) (at - from);
    }

    /** The length of the group whose header is at a place, or -1. */
    int groupLength(long at) throws IOException {
        if (!load(at, GROUP_HEADER)) {
            return -1;
        }
        int base = base(at);
        if (bytes.getInt(base) != GROUP_MAGIC) {
            return -1;
        }
        int stored = bytes.getInt(base + 28);
        int computed = sum.of(bytes, base, 28);
        int groupLength = bytes.getInt(base + 4);
        return computed == stored && groupLength >= GROUP_HEADER ? groupLength : -1;
    }

    /** How many records the group whose header is at a loaded place has. */
    int groupRecords(long at) {
        return bytes.getInt(base(at) + 24);
    }

    /** The position up to which everything was on the medium when the group was written whose header is at a loaded place. */
    long groupForced(long at) {
        return bytes.getLong(base(at) + 16);
    }

    /** The size of the record whose header is at a place, by that header, padding included; or -1. */
    public long recordSize(long at) throws IOException {
        if (!load(at, RECORD_HEADER)) {
            return -1;
        }
        int base = base(at);
        if (bytes.getInt(base + 4) >>> 8 != RECORD_MAGIC) {
            return -1;
        }
        int stored = bytes.getInt(base + 20);
        int computed = sum.of(bytes, base, 20);
        int payload = bytes.getInt(base);
        return stored == computed && payload >= 0 ? RECORD_HEADER + ((payload + 7L) & ~7L) : -1;
    }

    /** Whether the payload of a record of that size verifies. */
    public boolean verifies(long at, long recordSize) throws IOException {
        if (recordSize > Integer.MAX_VALUE || !load(at, (int) recordSize)) {
            return false;
        }
        int base = base(at);
        return sum.of(bytes, base + RECORD_HEADER, (int) recordSize - RECORD_HEADER) == bytes.getInt(base + 16);
    }

    /** The position of the record whose header is at a loaded place; of a commit, the last. */
    public long position(long at) {
        return bytes.getLong(base(at) + 8);
    }

    /** The first position of the record at a place, which is another one than its last for a commit. */
    long firstPosition(long at) throws IOException {
        long last = position(at);
        boolean commit = type(at) == COMMIT && load(at, RECORD_HEADER + 4);
        return commit ? firstOfCommit(last, bytes.getInt(base(at) + RECORD_HEADER)) : last;
    }

    /** Whether the record at a place has this position, alone or among others. */
    public boolean covers(long at, long position) throws IOException {
        return position <= position(at) && position >= firstPosition(at);
    }

    /** Whether the record at a loaded place says that the store was closed in order. */
    boolean seal(long at) {
        return type(at) == SEAL;
    }

    private int type(long at) {
        return bytes.getInt(base(at) + 4) & 0xFF;
    }

    /** Hands on the record at a loaded place, which verified. */
    public void visit(long at, JournalVisitor visitor) {
        int base = base(at);
        long position = position(at);
        visitor.record(position, at);
        try {
            var payload = bytes.slice(base + RECORD_HEADER, bytes.getInt(base));
            RecordDecoder.decode(type(at), position, payload, visitor);
        } catch (BufferUnderflowException | IndexOutOfBoundsException | IllegalArgumentException e) {
            damage.accept(segment + ": record " + position + " of type " + type(at) + " cannot be understood: " + e);
        }
    }
}
