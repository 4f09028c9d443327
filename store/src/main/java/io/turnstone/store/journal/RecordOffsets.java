package io.turnstone.store.journal;

import java.util.Arrays;

/** Where in a segment every sixteenth record begins, so that any record is found without reading the whole. Owned like its segment. */
public final class RecordOffsets {

    static final int EVERY = 1 << 4;

    /** More than the largest segment holds of the smallest records. */
    private static final int LIMIT = 1 << 22;

    private final long firstKey;
    private int[] offsets = new int[16];
    private int size = 1;

    /** @param firstPosition of the segment; its first records are found from the start */
    RecordOffsets(long firstPosition) {
        firstKey = firstPosition / EVERY;
        offsets[0] = JournalFormat.SEGMENT_HEADER;
    }

    /** Whether the place of a record is to be remembered. */
    public static boolean wanted(long position) {
        return position % EVERY == 0;
    }

    /** Takes notice of a wanted record. In the order of positions; some may be missing. */
    public void put(long position, long offset) {
        long index = (position / EVERY) - firstKey;
        if (index <= 0 || index >= LIMIT) {
            return;
        }
        if (index >= offsets.length) {
            offsets = Arrays.copyOf(offsets, (int) Math.min(LIMIT, Math.max(index + 1, offsets.length * 2L)));
        }
        offsets[(int) index] = (int) offset;
        size = Math.max(size, (int) index + 1);
    }

    /** A place before the record, or its own. */
    public long before(long position) {
        int index = (int) Math.max(0, Math.min(size - 1, (position / EVERY) - firstKey));
        while (offsets[index] == 0) {
            index--;
        }
        return offsets[index];
    }

    /** A place behind the record; {@code end} when none is known. */
    public long behind(long position, long end) {
        long index = Math.max(1, (position / EVERY) - firstKey + 1);
        while (index < size && offsets[(int) index] == 0) {
            index++;
        }
        return index < size ? offsets[(int) index] : end;
    }
}
