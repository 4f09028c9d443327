package io.turnstone.store.journal;

import io.turnstone.store.files.FileLayer;
import io.turnstone.store.files.StoreFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The files that a journal may use next, and the count of bytes it takes on disk.
 *
 * <p>The last three spares are not for publishes. One is kept for removals and moves, which stay possible on a full disk;
 * the others are given back to the disk when MapDB finds no room: enough to absorb a segment, which then leaves. While
 * there is much room anyway, publishes may take these two.
 *
 * <p><b>Threads:</b> the writer takes, the checkpointer prepares and recycles; figures any.
 */
public final class SegmentPool {

    /** A file ready for use: blocks allocated up to its length, no valid header. */
    record Spare(Path path, StoreFile file) {}

    private static final int KEPT = 3;

    /** With room for so many segments on the disk publishes may take all spares but one: the others can be made again. */
    private static final int ROOMY = 16;

    /** What stands in the place of the header of a segment that left the journal. */
    private static final String LEFT = String.format("%-" + JournalFormat.SEGMENT_HEADER + "s", "TSTNLEFT");

    private final FileLayer files;
    private final Path folder;
    private final StoreOptions options;
    private final ConcurrentLinkedQueue<Spare> spares = new ConcurrentLinkedQueue<>();
    private final AtomicInteger count = new AtomicInteger();
    private final AtomicLong used = new AtomicLong();
    private long spareNumber;

    public SegmentPool(FileLayer files, Path folder, StoreOptions options) {
        this.files = files;
        this.folder = folder;
        this.options = options;
    }

    /** The file of the segment with this sequence. */
    public static Path segmentPath(Path folder, long sequence) {
        return folder.resolve(String.format("journal-%016x.log", sequence));
    }

    /** Whether a file has the name of a segment. */
    public static boolean isSegment(Path path) {
        return path.getFileName().toString().startsWith("journal-");
    }

    /**
     * A file for the segment of this sequence: a spare, or a new one whose blocks are not allocated yet.
     *
     * @param settling whether the last spares may be taken
     */
    Segment open(long sequence, long firstPosition, boolean settling) throws IOException {
        var path = segmentPath(folder, sequence);
        var spare = take(settling);
        if (spare != null) {
            files.rename(spare.path, path);
            return new Segment(path, spare.file, sequence, firstPosition, options.segmentBytes());
        }
        return openNew(sequence, firstPosition);
    }

    /** A new file for the segment of this sequence, of which no block is allocated yet. */
    Segment openNew(long sequence, long firstPosition) throws IOException {
        var path = segmentPath(folder, sequence);
        var file = files.open(path, true);
        try {
            files.forceFolder(folder);
        } catch (IOException e) {
            file.close();
            throw e;
        }
        return new Segment(path, file, sequence, firstPosition, options.segmentBytes());
    }

    private @Nullable Spare take(boolean settling) {
        int present = count.get();
        if (present == 0 || (present <= KEPT && !settling && (present == 1 || !roomy()))) {
            return null;
        }
        var spare = spares.poll();
        if (spare != null) {
            count.decrementAndGet();
        }
        return spare;
    }

    private boolean roomy() {
        return files.usableBytes(folder) > (long) ROOMY * options.segmentBytes();
    }

    /** A segment of the journal, from now on or found when the store opens. */
    public void used(Segment segment) {
        used.addAndGet(segment.length);
    }

    /** Bytes of the segments that hold records. */
    public long usedBytes() {
        return used.get();
    }

    /** Bytes of the files that are ready to become segments. */
    public long spareBytes() {
        return (long) count.get() * options.segmentBytes();
    }

    /** Whether a spare is missing that removals or MapDB would soon need: the first, or one of all where room is scarce. */
    public boolean pressing() {
        return count.get() == 0 || (count.get() < KEPT && !roomy());
    }

    /** Whether fewer spares are ready than there should be. */
    public boolean wanted() {
        return count.get() < options.spareSegments() + KEPT - 1;
    }

    /** Whether MapDB could be given room, and settlements would still have theirs. */
    public boolean reserved() {
        return count.get() >= KEPT;
    }

    /** Gives room back to the disk: all spares but the one for settlements. Whether there was any. */
    public boolean giveBack() throws IOException {
        return keep(1);
    }

    /**
     * Gives back what is not needed at rest.
     *
     * @param empty whether no message is stored, so that there is nothing to remove on a full disk either
     */
    public void rest(boolean empty) throws IOException {
        keep(empty ? 0 : Math.max(1, options.spareSegments() - 1));
    }

    private boolean keep(int spared) throws IOException {
        boolean any = false;
        while (count.get() > spared) {
            var spare = take(true);
            if (spare == null) {
                break;
            }
            discard(spare);
            any = true;
        }
        return any;
    }

    /** A file that becomes a spare when zeros have been written over all of its length, or is discarded. */
    Spare begin() throws IOException {
        var path = sparePath();
        return new Spare(path, files.open(path, true));
    }

    /** Takes in a spare whose blocks are all allocated. */
    void ready(Spare spare) throws IOException {
        files.forceFolder(folder);
        add(spare);
    }

    void discard(Spare spare) throws IOException {
        spare.file.close();
        files.delete(spare.path);
    }

    /** Notes durably that nothing before this segment belongs to the journal any more, before that leaves. */
    public void oldest(Segment segment) throws IOException {
        var bytes = ByteBuffer.allocate(JournalFormat.SEGMENT_HEADER);
        segment.file.read(bytes, 0);
        var header = JournalFormat.SegmentHeader.decode(bytes.flip());
        if (header == null || header.before() == JournalFormat.SegmentHeader.NONE) {
            return; // damaged and known as such, or noted already
        }
        try {
            segment.file.write(header.withNoneBefore().encode(), 0);
        } catch (IOException e) {
            if (!files.full(e)) {
                throw e; // else the next start may miss segments that only left, and lose nothing
            }
        }
    }

    /** Takes a segment out of the journal: its header first, so that it can never be read again. */
    public void recycle(Segment segment) throws IOException {
        try {
            segment.file.write(ByteBuffer.wrap(LEFT.getBytes(StandardCharsets.US_ASCII)), 0);
        } catch (IOException e) {
            if (!files.full(e)) {
                throw e;
            }
            discard(segment); // some file systems need room even to overwrite
            files.forceFolder(folder);
            used.addAndGet(-segment.length);
            return;
        }
        used.addAndGet(-segment.length);
        keepOrDelete(segment.path, segment.file);
    }

    /** Removes a segment. */
    void discard(Segment segment) throws IOException {
        segment.file.close();
        files.delete(segment.path);
    }

    /** Takes in a file found without a valid header. */
    void adopt(Path path) throws IOException {
        keepOrDelete(path, files.open(path, true));
    }

    private void keepOrDelete(Path path, StoreFile file) throws IOException {
        long size = file.size();
        if (wanted() && size <= options.segmentBytes() && size > options.segmentBytes() / 2) {
            var spare = sparePath();
            files.rename(path, spare);
            add(new Spare(spare, file));
        } else {
            file.close();
            files.delete(path);
        }
    }

    /** Whether these first bytes are those of a segment that left the journal. */
    static boolean left(ByteBuffer bytes) {
        return bytes.limit() == JournalFormat.SEGMENT_HEADER
                && StandardCharsets.US_ASCII
                        .decode(bytes.duplicate().rewind())
                        .toString()
                        .equals(LEFT);
    }

    private Path sparePath() {
        return folder.resolve("spare-" + Long.toString(System.nanoTime(), 36) + "-" + spareNumber++ + ".log");
    }

    private void add(Spare spare) {
        spares.add(spare);
        count.incrementAndGet();
    }

    /** Closes the spares, which stay. */
    public void close() throws IOException {
        Spare spare;
        while ((spare = spares.poll()) != null) {
            spare.file.close();
        }
    }
}
