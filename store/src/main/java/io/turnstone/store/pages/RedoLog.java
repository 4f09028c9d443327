package io.turnstone.store.pages;

import io.turnstone.store.files.Checksum;
import io.turnstone.store.files.FileLayer;
import io.turnstone.store.files.Forces;
import io.turnstone.store.files.StoreFile;
import io.turnstone.store.files.TolerantReads;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The pages that a commit overwrites, made durable before the first of them is touched in place. Two files take turns,
 * so that the last commit's log is whole while the next is written. Owned by one thread.
 */
final class RedoLog implements AutoCloseable {

    static final int PAGE = 4096;

    private static final int VERSION = 4;
    private static final long MAGIC = 0x5453544e5245444fL; // TSTNREDO
    private static final int HEADER = 64;
    private static final int ENTRY = 8 + PAGE;
    private static final int BATCH = 128;
    private static final int BEGUN = 2 * PAGE;

    private final StoreFile[] slots = new StoreFile[2];
    private final StoreFile marks;
    private final CRC32C crc = new CRC32C();
    private final ByteBuffer batch = ByteBuffer.allocateDirect(BATCH * ENTRY);
    private final long storeId;

    /**
     * What a log says.
     *
     * @param commit the number of the commit, from 1
     * @param length length of the volume after it
     * @param pages how many pages it holds
     */
    record Commit(long commit, long length, int pages) {

        boolean after(@Nullable Commit other) {
            return other == null || commit > other.commit;
        }
    }

    RedoLog(FileLayer files, Path first, Path second, Path applied, long storeId) throws IOException {
        this.storeId = storeId;
        slots[0] = files.open(first, false);
        try {
            slots[1] = files.open(second, false);
            try {
                marks = files.open(applied, true);
            } catch (IOException e) {
                slots[1].close();
                throw e;
            }
        } catch (IOException e) {
            slots[0].close();
            throw e;
        }
    }

    /** Notes that a commit's pages are in their places. Two marks take turns, a page of the disk apart. */
    void markApplied(Commit commit) throws IOException {
        marks.write(header(commit, 0), (commit.commit & 1) * PAGE);
    }

    /** The last commit that was noted as applied, or null. */
    @Nullable
    Commit applied() throws IOException {
        return mark(0);
    }

    /** Notes that a commit's log was whole, before the first of its pages is put in its place. */
    void markBegun(Commit commit) throws IOException {
        marks.write(header(commit, 0), BEGUN + (commit.commit & 1) * PAGE);
    }

    /** The last commit whose log is known to have been whole, or null. */
    @Nullable
    Commit begun() throws IOException {
        return mark(BEGUN);
    }

    private @Nullable Commit mark(long at) throws IOException {
        var even = header(marks, at);
        var odd = header(marks, at + PAGE);
        return newer(commit(even), commit(odd));
    }

    private static @Nullable Commit newer(@Nullable Commit one, @Nullable Commit other) {
        return other != null && other.after(one) ? other : one;
    }

    private static @Nullable Commit commit(@Nullable ByteBuffer header) {
        return header == null ? null : new Commit(header.getLong(24), header.getLong(32), header.getInt(12));
    }

    /** Whether there was a second commit: only then is the even slot written. */
    boolean laterThanFirst() throws IOException {
        return slots[0].size() > 0;
    }

    /** A header if it is whole and of this store. */
    private @Nullable ByteBuffer header(StoreFile file, long at) throws IOException {
        var header = ByteBuffer.allocate(HEADER);
        int read = TolerantReads.read(file, header, at, what -> {});
        if (read < HEADER || header.getLong(0) != MAGIC || header.getLong(16) != storeId) {
            return null;
        }
        header.flip();
        return new Checksum(0).of(header, 0, HEADER - 4) == header.getInt(HEADER - 4) ? header : null;
    }

    private StoreFile slot(long commit) {
        return slots[(int) (commit & 1)];
    }

    /** Receives one page; the buffer is valid during the call only. */
    interface PageVisitor {
        /** A page by its number. */
        void page(long number, ByteBuffer content) throws IOException;
    }

    /** Hands out pages to be logged; called until {@code count} were put. */
    interface PageSource {
        /** Writes number and content of the next page at the buffer's position. */
        void next(ByteBuffer target);
    }

    /** Makes a commit durable: when this returns it happens, whatever comes. */
    void write(Commit commit, PageSource source, Forces forces) throws IOException {
        var file = slot(commit.commit);
        crc.reset();
        var sum = entrySum(commit);
        long at = HEADER;
        for (int i = 0; i < commit.pages; ) {
            batch.clear();
            for (; i < commit.pages && batch.hasRemaining(); i++) {
                int base = batch.position();
                source.next(batch);
                batch.putInt(base, sum.of(batch, base + 4, ENTRY - 4));
            }
            batch.flip();
            crc.update(batch.duplicate());
            int length = batch.remaining();
            file.write(batch, at);
            at += length;
        }
        file.write(header(commit, (int) crc.getValue()), 0);
        forces.force(file);
    }

    /** Of the number and the content of a page in one commit's log, so that what a former log left there does not count. */
    private Checksum entrySum(Commit commit) {
        return Checksum.ofSegment(storeId, commit.commit);
    }

    private ByteBuffer header(Commit commit, int contentCrc) {
        var header = ByteBuffer.allocate(HEADER);
        header.putLong(MAGIC).putInt(VERSION).putInt(commit.pages).putLong(storeId);
        header.putLong(commit.commit).putLong(commit.length).putInt(contentCrc).position(HEADER - 4);
        return header.putInt(new Checksum(0).of(header, 0, HEADER - 4)).flip();
    }

    /** The last whole commit, or null when there is none. */
    @Nullable
    Commit last() throws IOException {
        return newer(read(0), read(1));
    }

    /** A commit after the last whole one, of whose log only the first bytes are right, or null. */
    @Nullable
    Commit newerThan(Commit last) throws IOException {
        var other = commit(header(slot(last.commit + 1), 0));
        return other != null && other.after(last) ? other : null;
    }

    /** Whether the log that should be the one before it is lost, which may as well have been the one after it. */
    boolean alone(Commit last) throws IOException {
        var other = commit(header(slot(last.commit + 1), 0));
        return last.commit > 1 && (other == null || other.commit != last.commit - 1);
    }

    private @Nullable Commit read(int index) throws IOException {
        var header = header(slots[index], 0);
        var commit = commit(header);
        if (header == null || commit == null) {
            return null;
        }
        crc.reset();
        boolean whole = forEachPage(index, commit.pages, null, (number, content) -> {});
        return whole && (int) crc.getValue() == header.getInt(40) ? commit : null;
    }

    /** Visits the pages of a commit that was found whole. */
    void forEachPage(Commit commit, PageVisitor visitor) throws IOException {
        forEachPage((int) (commit.commit & 1), commit.pages, null, visitor);
    }

    /** Visits those pages of a commit that verify by themselves. */
    void forEachIntactPage(Commit commit, PageVisitor visitor) throws IOException {
        forEachPage((int) (commit.commit & 1), commit.pages, entrySum(commit), visitor);
    }

    private boolean forEachPage(int index, int pages, @Nullable Checksum sum, PageVisitor visitor) throws IOException {
        long at = HEADER;
        for (int i = 0; i < pages; ) {
            int count = Math.min(BATCH, pages - i);
            batch.clear().limit(count * ENTRY);
            int read = TolerantReads.read(slots[index], batch, at, what -> {});
            batch.flip();
            crc.update(batch.duplicate());
            for (int p = 0; p < read / ENTRY; p++) {
                int base = p * ENTRY;
                if (sum == null || sum.of(batch, base + 4, ENTRY - 4) == batch.getInt(base)) {
                    visitor.page(batch.getInt(base + 4) & 0xFFFFFFFFL, batch.slice(base + 8, PAGE));
                }
            }
            if (read < count * ENTRY) {
                return false;
            }
            at += read;
            i += count;
        }
        return true;
    }

    @Override
    public void close() throws IOException {
        try (var first = slots[0];
                var second = slots[1];
                var third = marks) {
            assert first != second && second != third;
        }
    }
}
