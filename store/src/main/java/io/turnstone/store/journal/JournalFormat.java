package io.turnstone.store.journal;

import io.turnstone.store.files.Checksum;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The layout of journal segments; docs/format.md describes it byte by byte. Everything is big-endian and begins at a
 * multiple of eight bytes.
 */
public final class JournalFormat {

    static final int VERSION = 3;
    static final long SEGMENT_MAGIC = 0x5453544e4a524e4cL; // TSTNJRNL
    public static final int SEGMENT_HEADER = 64;

    public static final int GROUP_MAGIC = 0x54534752; // TSGR
    public static final int GROUP_HEADER = 32;

    static final int RECORD_MAGIC = 0x545352; // TSR, above the type
    public static final int RECORD_HEADER = 24;

    /** Set in the number of a record's targets when keys follow them. */
    static final int KEYED = 0x8000;

    /** What a key takes. */
    static final int KEY_BYTES = 40;

    static final int ENQUEUE = 1;
    static final int REMOVE = 2;
    static final int AMEND = 3;
    static final int MOVE = 4;
    static final int DEFINE = 5;
    static final int DROP = 6;
    static final int SEAL = 7;
    static final int COMMIT = 8;

    /** Stands in a commit only. */
    static final int ENTER = 9;

    private JournalFormat() {}

    /** The first position of a commit, whose header has the last one. */
    static long firstOfCommit(long last, int span) {
        return last - span + 1;
    }

    static int aligned(int length) {
        return (length + 7) & ~7;
    }

    /**
     * What a group says of itself.
     *
     * @param firstPosition the position of its first record
     * @param forced everything up to this position was on the medium when the group was written
     * @param records how many there are
     */
    public record GroupHeader(long firstPosition, long forced, int records) {

        /** Writes the header of a group that stands in {@code [from, from + length)}. */
        public void write(ByteBuffer buffer, int from, int length, Checksum sum) {
            buffer.putInt(from, GROUP_MAGIC)
                    .putInt(from + 4, length)
                    .putLong(from + 8, firstPosition)
                    .putLong(from + 16, forced)
                    .putInt(from + 24, records);
            buffer.putInt(from + 28, sum.of(buffer, from, 28));
        }
    }

    /** Writes the header of a record whose payload of {@code length} bytes stands behind it. */
    static void putRecordHeader(ByteBuffer buffer, int from, int length, int type, long position, Checksum sum) {
        buffer.putInt(from, length).putInt(from + 4, RECORD_MAGIC << 8 | type).putLong(from + 8, position);
        buffer.putInt(from + 16, sum.of(buffer, from + RECORD_HEADER, aligned(length)));
        buffer.putInt(from + 20, sum.of(buffer, from, 20));
    }

    /**
     * What a segment says of itself; null bytes and stale headers answer null.
     *
     * @param before what is known of the segments before it: {@link #MAY_BE_MISSED}, {@link #SOME} or {@link #NONE}
     */
    public record SegmentHeader(long storeId, long sequence, long firstPosition, long previousEnd, int before) {

        /** Written when segments left without a note; whether some are missing cannot be told. */
        static final int MAY_BE_MISSED = 0;

        /** There are some, or all that MapDB does not say it has absorbed. */
        static final int SOME = 1;

        /** All of them have left the journal. */
        static final int NONE = 2;

        public SegmentHeader(long storeId, long sequence, long firstPosition, long previousEnd) {
            this(storeId, sequence, firstPosition, previousEnd, SOME);
        }

        SegmentHeader withNoneBefore() {
            return new SegmentHeader(storeId, sequence, firstPosition, previousEnd, NONE);
        }

        ByteBuffer encode() {
            var buffer = ByteBuffer.allocate(SEGMENT_HEADER);
            write(buffer);
            return buffer.clear();
        }

        /** Writes the header at the start of a buffer. */
        public void write(ByteBuffer buffer) {
            buffer.putLong(0, SEGMENT_MAGIC)
                    .putInt(8, VERSION)
                    .putInt(12, before)
                    .putLong(16, storeId)
                    .putLong(24, sequence)
                    .putLong(32, firstPosition)
                    .putLong(40, previousEnd)
                    .putLong(48, 0)
                    .putInt(56, 0);
            buffer.putInt(60, Checksum.ofSegment(storeId, sequence).of(buffer, 0, 60));
        }

        /** Reads what {@link #write} wrote; null when these bytes are none. */
        public static @Nullable SegmentHeader decode(ByteBuffer buffer) {
            if (buffer.limit() < SEGMENT_HEADER || buffer.getLong(0) != SEGMENT_MAGIC) {
                return null;
            }
            var header = new SegmentHeader(
                    buffer.getLong(16), buffer.getLong(24), buffer.getLong(32), buffer.getLong(40), buffer.getInt(12));
            int stored = buffer.getInt(60);
            return Checksum.ofSegment(header.storeId, header.sequence).of(buffer, 0, 60) == stored ? header : null;
        }
    }
}
