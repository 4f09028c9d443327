package io.turnstone.store.pages;

import static io.turnstone.store.pages.RecordTable.HEAD;
import static io.turnstone.store.pages.RecordTable.PAGE;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.BitSet;
import org.mapdb.DBException;
import org.mapdb.DataIO;

/**
 * What MapDB says is free in its file: places by their size, and numbers of records. It believes that when it writes, and
 * only parities guard it; so it is looked at before anything is written. Used once, by the owner of {@link Pages}.
 */
final class FreeSpace {

    /*
     * MapDB 3.1 (StoreDirect): the head has a stack for numbers at 64 and behind it one for each size of places, a multiple
     * of 16. It says where its last chunk is and how far that is filled. A chunk begins with its size and where the one
     * before it is; then come packed numbers of 7 bits a byte, of which the last has the highest bit set. In each of these
     * the lowest bit is a parity. What an earlier chunk does not need is zeros.
     */
    private static final int FORMAT = 0;
    private static final int CHECKSUM_OF_ALL = 8;
    private static final int FEATURES = 16;
    private static final int CHECKSUM = 20;
    private static final int DATA_TAIL = 24;
    private static final int HIGHEST_NUMBER = 32;
    private static final int FILE_TAIL = 40;
    private static final int STACKS = 64;
    private static final int CHUNK_HEAD = 8;

    /** Each is a read of its own somewhere in the file: so many are those of 1 GiB in large records. */
    private static final int MOST_LINKS = 1 << 14;

    /** How far a chunk is filled that is not the last one: up to the zeros at its end. */
    private static final int EARLIER = 0;

    /** Its first records are catalogs of what others keep in it by name; behind them are some without a use. */
    private static final int CATALOGS = 2;

    private static final long EMPTY_CATALOG = 0x0001_0000_0000_8002L;
    private static final long NOTHING = 0xFFFF_0000_0000_0002L;

    private static final int LARGEST = 65_520;
    private static final int SIZE_SHIFT = 48;
    private static final long OFFSET = 0xFFFF_FFFF_FFF0L;

    /** As places are sorted: where in units of 16 bytes, and how many of these. */
    private static final int UNITS = 18;

    private final CrashSafeVolume volume;
    private final RecordTable table;
    private final ByteBuffer head = ByteBuffer.allocate(HEAD);
    private final BitSet numbers = new BitSet();
    private long[] places = new long[256];
    private int count;
    private long end;
    private long taken;
    private int links;

    /** Every number up to the highest has a value, also when its record is gone. */
    private long known;

    private interface Visitor {
        void value(long value);
    }

    FreeSpace(CrashSafeVolume volume, RecordTable table) {
        this.volume = volume;
        this.table = table;
    }

    /**
     * Looks whether nothing is free that is not: no number that a record has, no place of a record, of the table or of the
     * lists themselves. Of records of 64 KiB and more the links between their pieces are followed, so many that it takes no
     * time to speak of.
     *
     * @return what is wrong, empty when MapDB may write
     */
    String problem() {
        volume.getData(0, head.array(), 0, HEAD);
        try {
            end = DataIO.parity16Get(head.getLong(FILE_TAIL));
            if (end > volume.length()) {
                throw new DBException.DataCorruption("the file ends before " + end);
            }
            table.pages().forEach(page -> add(page, PAGE));
            table.forEach(this::record);
            long highest = DataIO.parity3Get(head.getLong(HIGHEST_NUMBER)) >>> 3;
            if (known != highest) {
                throw new DBException.DataCorruption(known + " records instead of " + highest);
            }
            long tail = DataIO.parity4Get(head.getLong(DATA_TAIL));
            if (tail != 0) {
                add(tail, (int) (PAGE - tail % PAGE));
            }
            walk(STACKS, this::number);
            for (int size = 16; size <= LARGEST; size += 16) {
                int bytes = size;
                walk(STACKS + size / 2, value -> place(value, bytes));
            }
            compare();
            return "";
        } catch (DBException e) {
            return String.valueOf(e);
        }
    }

    private void record(long recid, long value) {
        if (recid != ++known || !RecordTable.whole(value)) {
            throw new DBException.DataCorruption("where record " + known + " is");
        }
        if (!RecordTable.free(value)) {
            numbers.set((int) recid);
        }
        if (RecordTable.bytes(value) > 0) {
            add(RecordTable.offset(value), RecordTable.bytes(value));
            pieces(recid, value);
        }
    }

    private void pieces(long recid, long first) {
        for (long piece = first; RecordTable.linked(piece) && links < MOST_LINKS; links++) {
            long next = DataIO.parity3Get(volume.getLong(RecordTable.offset(piece)));
            if (RecordTable.bytes(next) == 0) {
                throw new DBException.DataCorruption("where record " + recid + " goes on");
            }
            add(RecordTable.offset(next), RecordTable.bytes(next));
            piece = next;
        }
    }

    private void number(long value) {
        long recid = value >>> 1;
        if (recid == 0 || recid > table.capacity() || numbers.get((int) recid)) {
            throw new DBException.DataCorruption("record " + recid + " is not free, or twice");
        }
        numbers.set((int) recid);
    }

    private void place(long value, int bytes) {
        add((value & ~1) << 3, bytes);
    }

    /** Takes in what must be there alone. */
    private void add(long offset, int bytes) {
        taken += bytes;
        if (offset % 16 != 0 || offset + bytes > end || taken > end) {
            throw new DBException.DataCorruption(bytes + " bytes at " + offset + " of " + end);
        }
        if (count == places.length) {
            places = Arrays.copyOf(places, 2 * count);
        }
        places[count++] = (offset / 16) << UNITS | (bytes / 16);
    }

    private void walk(int stack, Visitor visitor) {
        long link = DataIO.parity4Get(head.getLong(stack));
        int filled = (int) (link >>> SIZE_SHIFT);
        if (link != 0 && ((link & OFFSET) == 0 || filled <= CHUNK_HEAD)) {
            throw new DBException.DataCorruption("where the list at " + stack + " ends");
        }
        for (long chunk = link & OFFSET; chunk != 0; ) {
            long before = DataIO.parity4Get(volume.getLong(chunk));
            int size = (int) (before >>> SIZE_SHIFT);
            if (size < 16 || size % 16 != 0 || filled > size) {
                throw new DBException.DataCorruption("a list at " + chunk);
            }
            add(chunk, size);
            var bytes = new byte[size];
            volume.getData(chunk, bytes, 0, size);
            values(chunk, bytes, filled == EARLIER ? filled(bytes) : filled, visitor);
            chunk = before & OFFSET;
            filled = EARLIER;
        }
    }

    private static int filled(byte[] chunk) {
        int filled = chunk.length;
        while (filled > CHUNK_HEAD && chunk[filled - 1] == 0) {
            filled--;
        }
        return filled;
    }

    private static void values(long chunk, byte[] bytes, int filled, Visitor visitor) {
        if (filled <= CHUNK_HEAD || bytes[filled - 1] >= 0) {
            throw new DBException.DataCorruption("the end of a list at " + chunk);
        }
        long value = 0;
        for (int at = CHUNK_HEAD; at < filled; at++) {
            value = (value << 7) | (bytes[at] & 0x7F);
            if (bytes[at] < 0) {
                if (value >>> SIZE_SHIFT != 0 || !RecordTable.whole(value)) {
                    throw new DBException.DataCorruption("a list at " + chunk);
                }
                visitor.value(value);
                value = 0;
            }
        }
    }

    private void compare() {
        Arrays.sort(places, 0, count);
        long last = 0;
        for (int i = 0; i < count; i++) {
            long from = places[i] >>> UNITS;
            if (from < last) {
                throw new DBException.DataCorruption("what is at " + from * 16 + " is there twice, or not free");
            }
            last = from + (places[i] & ((1 << UNITS) - 1));
        }
    }

    /**
     * Gives MapDB another head, by which nothing is free and new places are at the end of the file, and its own records as
     * they are in every store of ours. It counts in memory, like all that is written before a commit; there must be none.
     */
    void forget() {
        for (int recid = 1; recid < Pages.FIRST_RECID; recid++) {
            volume.putLong(RecordTable.first(0) + 8L * (recid - 1), recid <= CATALOGS ? EMPTY_CATALOG : NOTHING);
        }
        var highest = new long[] {table.capacity() - table.lastValues() + 1};
        table.forEach((recid, value) -> highest[0] = Math.max(highest[0], recid));
        volume.putLong(FORMAT, Origin.FORMAT);
        volume.putLong(CHECKSUM_OF_ALL, 1);
        volume.putInt(FEATURES, 1);
        volume.putLong(DATA_TAIL, DataIO.parity4Set(0));
        volume.putLong(HIGHEST_NUMBER, DataIO.parity3Set(highest[0] << 3));
        volume.putLong(FILE_TAIL, DataIO.parity16Set((volume.length() + PAGE - 1) / PAGE * PAGE));
        for (int at = FILE_TAIL + 8; at < STACKS; at += 8) {
            volume.putLong(at, 0);
        }
        for (int stack = STACKS; stack < HEAD; stack += 8) {
            volume.putLong(stack, DataIO.parity4Set(0));
        }
        int sum = 1_142_099_053;
        for (int at = DATA_TAIL; at < HEAD; at += 4) {
            sum += volume.getInt(at);
        }
        volume.putInt(CHECKSUM, sum);
    }
}
