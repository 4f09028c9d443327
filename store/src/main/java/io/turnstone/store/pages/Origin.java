package io.turnstone.store.pages;

import io.turnstone.store.files.Checksum;
import java.nio.ByteBuffer;

/**
 * Whose the records of MapDB's file are: each of ours begins with a checksum that knows its number and the store. Owned
 * like {@link Pages}.
 */
final class Origin {

    /** How the file begins: MapDB's letter, and the kind of its store. */
    static final long FORMAT = 74L << 56 | 3L << 48;

    private static final int FRAME_HEAD = 16;
    private static final int FRAME = 24;

    /** So many flipped bits may a beginning have that was MapDB's. */
    private static final int FLIPPED = 8;

    /** A file is judged by so many of its records, and not by fewer. */
    private static final int MOST_JUDGED = 4096;

    private static final int LEAST_JUDGED = 4;

    /** One of so many that is ours is enough for a file that was damaged. */
    private static final int ENOUGH = 8;

    private final CrashSafeVolume volume;
    private final long storeId;

    Origin(CrashSafeVolume volume, long storeId) {
        this.volume = volume;
        this.storeId = storeId;
    }

    /** Whether another store wrote the file, or none: of what is there, and is not zeros, hardly anything is ours. */
    boolean isForeign() {
        var counts = new int[] {hasFormat() ? 0 : LEAST_JUDGED, 0};
        new RecordTable(volume).forEach((recid, value) -> {
            if (recid >= Pages.FIRST_RECID && counts[0] < MOST_JUDGED && RecordTable.bytes(value) > 0) {
                var frame = frame(value);
                counts[0] += isZeros(frame) ? 0 : 1;
                counts[1] += isOurs(recid, frame) ? 1 : 0;
            }
        });
        return counts[0] >= LEAST_JUDGED && counts[1] * ENOUGH < counts[0];
    }

    private boolean hasFormat() {
        long begin = volume.getLong(0);
        return begin == 0 || Long.bitCount(begin ^ FORMAT) <= FLIPPED;
    }

    /** Whether it is a value such as MapDB has in its table of records. */
    boolean isValue(long value) {
        return RecordTable.whole(value)
                && (RecordTable.bytes(value) == 0 ? RecordTable.offset(value) == 0 : leadsSomewhere(value));
    }

    private boolean leadsSomewhere(long value) {
        long offset = RecordTable.offset(value);
        return offset >= RecordTable.PAGE && offset + RecordTable.bytes(value) <= volume.length();
    }

    /** Whether the store wrote the record that the table has under this number. */
    boolean isOurs(long recid, long value) {
        return isOurs(recid, frame(value));
    }

    private boolean isOurs(long recid, ByteBuffer frame) {
        return new Checksum(Checksum.seed(storeId, recid)).of(frame, 0, FRAME_HEAD) == frame.getInt(FRAME_HEAD);
    }

    /** How a record begins; zeros when there is none. */
    private ByteBuffer frame(long value) {
        var frame = ByteBuffer.allocate(FRAME);
        if (leadsSomewhere(value) && RecordTable.bytes(value) >= 8 + FRAME) {
            long link = RecordTable.linked(value) ? 8 : 0;
            volume.getData(RecordTable.offset(value) + link, frame.array(), 0, FRAME);
        }
        return frame;
    }

    private static boolean isZeros(ByteBuffer frame) {
        return frame.getLong(0) == 0 && frame.getLong(8) == 0 && frame.getLong(16) == 0;
    }
}
