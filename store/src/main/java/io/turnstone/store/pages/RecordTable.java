package io.turnstone.store.pages;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.mapdb.DataIO;

/**
 * MapDB's table of records: by number, where each is. Read without MapDB, which answers with an exception for each number
 * that nothing has. Owned like {@link Pages}; says what was there when it was made.
 */
final class RecordTable {

    /*
     * MapDB 3.1 (StoreDirect): the first page of the file has the head, then a link to the next page of the table, then
     * values until its end; every other page of the table has 8 bytes of no use, the link, and values. A link is 0 at the
     * end. A value is 0 for a number that was never used.
     */
    static final int PAGE = 1 << 20;
    static final int HEAD = 32_864;

    private static final int BEFORE_VALUES = 16;
    private static final int READ = 32 << 10;
    private static final int SIZE_SHIFT = 48;
    private static final long DELETED = 0xFFFE;
    private static final long EMPTY = 0xFFFF;
    private static final long OFFSET = 0xFFFF_FFFF_FFF0L;
    private static final long LINKED = 8;

    private final CrashSafeVolume volume;
    private final List<Long> pages = new ArrayList<>();

    /** Receives the numbers that have, or had, a record. */
    interface Visitor {
        /** A number and what the table says of it, which may be damaged. */
        void value(long recid, long value);
    }

    /** @throws IndexOutOfBoundsException when a link leads nowhere; {@link org.mapdb.DBException} when it is damaged */
    RecordTable(CrashSafeVolume volume) {
        this.volume = volume;
        pages.add(0L);
        for (long link = HEAD; ; link = pages.get(pages.size() - 1) + 8) {
            long next = DataIO.parity16Get(volume.getLong(link));
            if (next == 0) {
                return;
            }
            if (next % PAGE != 0 || next >= volume.length() || pages.contains(next)) {
                throw new IndexOutOfBoundsException("the table of records goes on at " + next);
            }
            pages.add(next);
        }
    }

    /** Where in a page its values begin. */
    static int first(long page) {
        return (page == 0 ? HEAD : 0) + BEFORE_VALUES;
    }

    /** Where its pages begin. */
    List<Long> pages() {
        return pages;
    }

    /** The highest number it has room for. */
    long capacity() {
        return capacity(pages);
    }

    /** The highest number for which there is room in these pages. */
    static long capacity(List<Long> pages) {
        return pages.stream().mapToLong(page -> (PAGE - first(page)) / 8).sum();
    }

    /** How many of these are in its last page, which is there because the first of them was used. */
    int lastValues() {
        return (PAGE - first(pages.get(pages.size() - 1))) / 8;
    }

    /** What it says of a number from 1 to {@link #capacity}. */
    long value(long recid) {
        long left = recid - 1;
        for (long page : pages) {
            int values = (PAGE - first(page)) / 8;
            if (left < values) {
                return volume.getLong(page + first(page) + 8 * left);
            }
            left -= values;
        }
        return 0;
    }

    /** Visits all numbers that were ever used, in their order. */
    void forEach(Visitor visitor) {
        var bytes = ByteBuffer.allocate(READ);
        long recid = 1;
        for (long page : pages) {
            for (int at = first(page); at < PAGE; at += bytes.limit()) {
                bytes.clear().limit(Math.min(READ, PAGE - at));
                volume.getData(page + at, bytes.array(), 0, bytes.limit());
                for (int i = 0; i < bytes.limit(); i += 8) {
                    long value = bytes.getLong(i);
                    if (value != 0) {
                        visitor.value(recid, value);
                    }
                    recid++;
                }
            }
        }
    }

    /** Whether a value is one that MapDB wrote, as far as its parity says. */
    static boolean whole(long value) {
        return (Long.bitCount(value) & 1) == 1;
    }

    /** Whether no record has the number, and none is lost. */
    static boolean free(long value) {
        return value == 0 || (whole(value) && value >>> SIZE_SHIFT == DELETED);
    }

    /** Whether the record, or what is left of it, goes on elsewhere: where, its first 8 bytes say. */
    static boolean linked(long value) {
        return bytes(value) > 0 && (value & LINKED) != 0;
    }

    /** How many bytes of the file the record takes, its first piece if it has several; 0 when none. */
    static int bytes(long value) {
        long size = value >>> SIZE_SHIFT;
        return size < 6 || size == DELETED || size == EMPTY ? 0 : (int) (size + 15) & ~15;
    }

    /** Where they begin. */
    static long offset(long value) {
        return value & OFFSET;
    }
}
