package io.turnstone.store.pages;

import static io.turnstone.store.pages.RedoLog.PAGE;

import io.turnstone.store.files.FailedForce;
import io.turnstone.store.files.FileLayer;
import io.turnstone.store.files.Forces;
import io.turnstone.store.files.StoreFile;
import io.turnstone.store.files.TolerantReads;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.mapdb.DataInput2;
import org.mapdb.volume.Volume;

/**
 * The file under MapDB, which changes from one commit to the next in one step, whatever happens in between. Owned by
 * one thread.
 */
final class CrashSafeVolume extends Volume {

    /*
     * Space beyond the length of the last commit is fresh: nothing refers to it yet, so whole pages go there straight.
     * Everything else is kept in memory as pages until the commit:
     *   1. fresh pages are written and forced,
     *   2. the overwritten pages are written to the redo log and forced: this is the commit point,
     *   3. that this is about to happen is noted, they are written in place and forced, and that it is done is noted.
     * On opening, the last whole log is applied unless it or a later one was, and the file is cut to the length it names.
     * A write that finds no room before the first page is in its place has changed nothing, and the commit may be tried
     * again; a force that fails may have lost fresh pages, which nobody holds in memory any more, and ends it all.
     *
     * A log that is not whole is a write that did not finish, and nothing of its commit is in place; unless it was noted
     * that this began. Then the log was damaged since, and some pages may be of one commit and some of another.
     */
    private static final int GROWTH = 1 << 20;

    private final FileLayer files;
    private final StoreFile file;
    private final RedoLog log;
    private final Consumer<String> damage;
    private final Map<Long, byte[]> pages = new HashMap<>();
    private final ByteBuffer scratch = ByteBuffer.allocateDirect(64 * PAGE);
    private long commits;
    private long committed;
    private long length;
    private boolean freshWritten;
    private boolean doubtful;
    private long lastRead;
    private @Nullable ReadAhead ahead;

    /** @param damage told of what cannot be read */
    CrashSafeVolume(FileLayer files, StoreFile file, RedoLog log, Consumer<String> damage) throws IOException {
        this.files = files;
        this.file = file;
        this.log = log;
        this.damage = damage;
        var applied = log.applied();
        var last = log.last();
        var begun = log.begun();
        var newer = applied == null && last != null ? log.newerThan(last) : null;
        if (begun != null && begun.after(applied) && begun.after(last)) {
            applyRest(begun);
        } else if (newer != null) {
            // what says whether it was applied is lost too: to apply the one before it would bring old pages back
            applyRest(newer);
        } else if (applied == null && last != null && log.alone(last)) {
            leaveAsItIs(last);
        } else if (last == null && applied == null) {
            if (log.laterThanFirst()) {
                throw new IOException("both redo logs of MapDB are damaged: restore the folder from a backup");
            }
            committed = length = 0;
            file.resize(0); // at most the first commit was on its way, and it holds no messages
        } else if (last != null && last.after(applied)) {
            log.forEachPage(last, (number, content) -> file.write(content, number * PAGE));
            adopt(last);
            FailedForce.force(file);
            log.markApplied(last);
        } else {
            // a log older than what was applied would bring old pages back; the newer one was damaged after its time
            adopt(Objects.requireNonNull(applied));
        }
    }

    /** Of a log that was whole and is not any more. */
    private void applyRest(RedoLog.Commit commit) throws IOException {
        var intact = new int[1];
        log.forEachIntactPage(commit, (number, content) -> {
            file.write(content, number * PAGE);
            intact[0]++;
        });
        adopt(commit);
        FailedForce.force(file);
        log.markApplied(commit);
        int lost = commit.pages() - intact[0];
        doubtful = lost > 0;
        damage.accept("the redo log of a commit that may have been interrupted is damaged: " + lost + " of its "
                + commit.pages() + " pages are lost");
    }

    /** Nothing says whether this commit is the last one: to apply it could bring old pages back. */
    private void leaveAsItIs(RedoLog.Commit known) throws IOException {
        var next = new RedoLog.Commit(known.commit() + 1, Math.max(known.length(), file.size()), 0);
        adopt(next);
        FailedForce.force(file);
        log.markApplied(next);
        doubtful = true;
        damage.accept("a redo log of MapDB is lost, and what says which commit was the last");
    }

    private void adopt(RedoLog.Commit commit) throws IOException {
        file.resize(commit.length());
        commits = commit.commit();
        committed = length = commit.length();
    }

    /** Reads in large pieces what is read from now on, until something is written or {@link #opened} says that it is enough. */
    void opening() {
        ahead = new ReadAhead(file);
    }

    /** What is read from now on are single records. */
    void opened() {
        ahead = null;
    }

    /** Whether there ever was a commit. */
    boolean exists() {
        return commits > 0;
    }

    /** Whether pages of more than one commit may be in it, since the log of the last was damaged. */
    boolean doubtful() {
        return doubtful;
    }

    /** Bytes held in memory until the next commit. */
    long heldBytes() {
        return (long) pages.size() * PAGE;
    }

    /** What MapDB calls when it has written everything that belongs to a commit. */
    @Override
    public void sync() {
        // our commit comes next, and says when files are forced
    }

    /**
     * Makes all that was written durable in one step. While a file is forced, the volume may be read: until the commit is
     * through, the pages in memory lie over what the file has.
     */
    void commit(Forces forces) throws IOException {
        if (pages.isEmpty() && !freshWritten && length == committed) {
            return;
        }
        var numbers =
                pages.keySet().stream().mapToLong(Long::longValue).sorted().toArray();
        int old = 0;
        while (old < numbers.length && numbers[old] * PAGE < committed) {
            old++;
        }
        if (old < numbers.length || freshWritten || length != committed) {
            place(numbers, old, numbers.length);
            file.resize(length);
            forces.force(file);
        }
        var cursor = new int[1];
        var commit = new RedoLog.Commit(commits + 1, length, old);
        log.write(
                commit,
                target -> {
                    long number = numbers[cursor[0]++];
                    target.putLong(number).put(page(number));
                },
                forces);
        log.markBegun(commit);
        commits++;
        committed = length;
        freshWritten = false;
        place(numbers, 0, old);
        forces.force(file);
        pages.clear();
        log.markApplied(commit);
    }

    /** Goes back to the last commit. */
    void forget() {
        pages.clear();
        length = committed;
    }

    /** Writes pages to their places, neighbours together. */
    private void place(long[] numbers, int from, int to) throws IOException {
        opened();
        for (int i = from; i < to; ) {
            long first = numbers[i];
            scratch.clear();
            while (i < to && scratch.hasRemaining() && numbers[i] == first + scratch.position() / PAGE) {
                scratch.put(page(numbers[i++]));
            }
            file.write(scratch.flip(), first * PAGE);
        }
    }

    private byte[] page(long number) {
        var page = pages.get(number);
        if (page == null) {
            page = new byte[PAGE];
            if (number * PAGE < length) {
                readFile(number * PAGE, page, 0, PAGE);
            }
            pages.put(number, page);
        }
        return page;
    }

    private void readFile(long offset, byte[] target, int from, int count) {
        if (ahead != null && ahead.read(offset, target, from, count)) {
            return;
        }
        try {
            int done = 0;
            while (done < count) {
                scratch.clear().limit(Math.min(scratch.capacity(), count - done));
                int read = TolerantReads.read(file, scratch, offset + done, damage);
                if (read == 0) {
                    Arrays.fill(target, from + done, from + count, (byte) 0);
                    return;
                }
                scratch.flip().get(target, from + done, read);
                done += read;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void putData(long offset, byte[] source, int from, int count) {
        int done = 0;
        while (done < count) {
            long at = offset + done;
            long number = at / PAGE;
            int within = (int) (at % PAGE);
            int straight = within == 0 ? straightPages(number, count - done) * PAGE : 0;
            if (straight > 0 && writeStraight(at, source, from + done, straight)) {
                done += straight;
            } else {
                int piece = Math.min(PAGE - within, count - done);
                System.arraycopy(source, from + done, page(number), within, piece);
                done += piece;
            }
        }
    }

    /** How many whole pages of fresh space, of which none is held in memory, begin at a page. */
    private int straightPages(long number, int bytes) {
        int whole = bytes / PAGE;
        int count = 0;
        while (count < whole && (number + count) * PAGE >= committed && !pages.containsKey(number + count)) {
            count++;
        }
        return count;
    }

    /** False when the disk is full: then the pages wait in memory, and the commit reports it. */
    private boolean writeStraight(long offset, byte[] source, int from, int count) {
        try {
            opened();
            freshWritten = true;
            for (int done = 0; done < count; ) {
                int piece = Math.min(scratch.capacity(), count - done);
                scratch.clear().put(source, from + done, piece).flip();
                file.write(scratch, offset + done);
                done += piece;
            }
            return true;
        } catch (IOException e) {
            if (files.full(e)) {
                return false;
            }
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void getData(long offset, byte[] target, int from, int count) {
        readFile(offset, target, from, count);
        if (pages.isEmpty()) {
            return;
        }
        for (int done = 0; done < count; ) {
            long at = offset + done;
            int within = (int) (at % PAGE);
            int piece = Math.min(PAGE - within, count - done);
            var page = pages.get(at / PAGE);
            if (page != null) {
                System.arraycopy(page, within, target, from + done, piece);
            }
            done += piece;
        }
    }

    private ByteBuffer at(long offset, int bytes, boolean writing) {
        var page = pages.get(offset / PAGE);
        int within = (int) (offset % PAGE);
        if (within + bytes > PAGE) {
            throw new IndexOutOfBoundsException("a value at " + offset + " crosses a page");
        }
        if (page == null && writing) {
            page = page(offset / PAGE);
        }
        if (page != null) {
            return ByteBuffer.wrap(page, within, bytes);
        }
        var small = new byte[bytes];
        readFile(offset, small, 0, bytes);
        return ByteBuffer.wrap(small);
    }

    @Override
    public void putLong(long offset, long value) {
        at(offset, 8, true).putLong(value);
    }

    @Override
    public void putInt(long offset, int value) {
        at(offset, 4, true).putInt(value);
    }

    @Override
    public void putByte(long offset, byte value) {
        at(offset, 1, true).put(value);
    }

    @Override
    public void putData(long offset, ByteBuffer source) {
        var bytes = new byte[source.remaining()];
        source.get(bytes);
        putData(offset, bytes, 0, bytes.length);
    }

    @Override
    public long getLong(long offset) {
        return at(offset, 8, false).getLong();
    }

    @Override
    public int getInt(long offset) {
        return at(offset, 4, false).getInt();
    }

    @Override
    public byte getByte(long offset) {
        return at(offset, 1, false).get();
    }

    /** Where the last content began that was asked for, to name the place of damage. */
    long lastRead() {
        return lastRead;
    }

    @Override
    public DataInput2 getDataInput(long offset, int size) {
        lastRead = offset;
        var bytes = new byte[size];
        getData(offset, bytes, 0, size);
        return new DataInput2.ByteArray(bytes);
    }

    @Override
    public void clear(long from, long to) {
        putData(from, new byte[(int) (to - from)], 0, (int) (to - from));
    }

    @Override
    public void ensureAvailable(long size) {
        length = Math.max(length, (size + GROWTH - 1) / GROWTH * GROWTH);
    }

    @Override
    public void truncate(long size) {
        throw new UnsupportedOperationException("the volume never shrinks");
    }

    /** Releases the files; what was not committed is forgotten. */
    @Override
    public void close() {
        if (closed.getAndSet(true)) {
            return;
        }
        pages.clear();
        try (log) {
            file.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public int sliceSize() {
        return GROWTH;
    }

    @Override
    public boolean isSliced() {
        return true;
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public boolean isReadOnly() {
        return false;
    }

    @Override
    public @Nullable File getFile() {
        return null;
    }

    @Override
    public boolean getFileLocked() {
        return false;
    }
}
