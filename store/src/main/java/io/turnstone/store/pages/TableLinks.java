package io.turnstone.store.pages;

import static io.turnstone.store.pages.RecordTable.PAGE;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.mapdb.DBException;
import org.mapdb.DataIO;

/**
 * The links between the pages of MapDB's table of records, without which no record behind them can be found. Used once,
 * by the owner of {@link Pages}, before anything else looks at the table.
 */
final class TableLinks {

    /*
     * MapDB takes each new page from the end of the file, so the pages of the table lie in their order. One that no link
     * leads to any more is known by its values: these are such as MapDB writes, and a record that one of them says where it
     * is knows its number and this store, which no bytes of a message can imitate.
     */
    private static final int HIGHEST_NUMBER = 32;

    private static final int READ = 32 << 10;

    /** As many values as are damaged when one page of the disk is. */
    private static final int DAMAGED = 4096 / 8;

    private static final int MOST_TRIED = 256;

    private final CrashSafeVolume volume;
    private final Origin origin;
    private final List<Long> pages = new ArrayList<>(List.of(0L));

    private TableLinks(CrashSafeVolume volume, Origin origin) {
        this.volume = volume;
        this.origin = origin;
    }

    /**
     * Follows the links, and where one is damaged looks for the pages behind it, and links them. That counts in memory, like
     * all that is written before a commit; there must be none.
     *
     * @return what is wrong, empty when nothing is
     */
    static String mend(CrashSafeVolume volume, Origin origin) {
        return new TableLinks(volume, origin).mend();
    }

    private String mend() {
        String problem = follow();
        long highest = highest();
        if (problem.isEmpty() && highest > 0) {
            if (highest <= RecordTable.capacity(pages)) {
                return "";
            }
            problem = "it ends before record " + highest;
        }
        int linked = pages.size();
        search();
        if (problem.isEmpty() && pages.size() == linked) {
            return ""; // the head is damaged, and not this
        }
        link();
        return problem.isEmpty() ? "it ends before " + pages.get(linked) : problem;
    }

    private static long linkOf(long page) {
        return page == 0 ? RecordTable.HEAD : page + 8;
    }

    private String follow() {
        while (true) {
            long last = pages.get(pages.size() - 1);
            long next;
            try {
                next = DataIO.parity16Get(volume.getLong(linkOf(last)));
            } catch (DBException e) {
                return "the link at " + linkOf(last) + " is damaged";
            }
            if (next == 0) {
                return "";
            }
            if (next % PAGE != 0 || next <= last || next >= volume.length()) {
                return "the link at " + linkOf(last) + " leads to " + next;
            }
            pages.add(next);
        }
    }

    /** The highest number that was used, as MapDB's head says; 0 when it does not. */
    private long highest() {
        try {
            return DataIO.parity3Get(volume.getLong(HIGHEST_NUMBER)) >>> 3;
        } catch (DBException e) {
            return 0;
        }
    }

    private void search() {
        long last = pages.get(pages.size() - 1);
        for (long page = last + PAGE; page < volume.length(); page += PAGE) {
            if (isNext(page)) {
                pages.add(page);
            }
        }
    }

    /** Whether a page of the file belongs to the table, behind those that are known. */
    private boolean isNext(long page) {
        long recid = RecordTable.capacity(pages) + 1;
        var bytes = ByteBuffer.allocate(READ);
        int values = 0;
        int others = 0;
        int tried = 0;
        boolean verified = false;
        for (int at = RecordTable.first(page); at < PAGE; at += bytes.limit()) {
            bytes.clear().limit(Math.min(READ, PAGE - at));
            volume.getData(page + at, bytes.array(), 0, bytes.limit());
            for (int i = 0; i < bytes.limit(); i += 8, recid++) {
                long value = bytes.getLong(i);
                if (value != 0 && !origin.isValue(value)) {
                    others++;
                } else if (value != 0) {
                    values++;
                    if (RecordTable.bytes(value) > 0 && tried < MOST_TRIED && !verified) {
                        tried++;
                        verified = origin.isOurs(recid, value);
                    }
                }
            }
            if (others > DAMAGED + values) {
                return false;
            }
        }
        return tried > 0 ? verified : values > others;
    }

    private void link() {
        for (int i = 0; i < pages.size(); i++) {
            long next = i + 1 < pages.size() ? pages.get(i + 1) : 0;
            volume.putLong(linkOf(pages.get(i)), DataIO.parity16Set(next));
        }
    }
}
