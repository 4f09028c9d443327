package io.turnstone.store.journal;

import static io.turnstone.store.journal.JournalFormat.*;

import io.turnstone.api.Durability;
import io.turnstone.api.store.StoreException;
import io.turnstone.api.store.StoreRecord;
import io.turnstone.store.files.Checksum;
import io.turnstone.store.files.StoreFile;
import io.turnstone.store.files.StoreHealth;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Appends groups to segments: one write of one group, as durable as promised when it returns. Owned by the writer's
 * thread; after that has ended, by the thread that closes the store.
 */
public final class Journal implements CommitLog {

    /*
     * A chunk is a group on disk: it is whole or it is not there. Larger groups of submissions become several chunks. A
     * durable write beyond the end of a file takes 0.9 ms per MiB up to this size, and four times as long above it.
     */
    private static final int CHUNK = 1 << 20;
    private static final int AHEAD = 256 << 10;

    /** A file that is no longer than this stays where nothing comes. */
    private static final int REST = 1 << 20;

    /** Written where a segment has to begin and there is nothing to begin it with. */
    private static final StoreRecord NOTHING = PendingQueue.logged(new StoreRecord.Abandon(new long[0]));

    private static final int LARGE_STEP = 1 << 20;
    private static final int LARGE_KEPT_FOR = 1000;

    private final SegmentPool pool;
    private final JournalTail tail;
    private final StoreHealth health;
    private final Consumer<Ops> applied;
    private final long storeId;
    private final int segmentBytes;
    private final int chunkBytes;
    private final RecordEncoder encoder = new RecordEncoder();
    private final Admission admission;
    private final Promises promises;
    private final ByteBuffer usual;
    private @Nullable ByteBuffer large;
    private int sinceLarge;
    private ByteBuffer buffer;
    private Checksum sum;
    private @Nullable Segment segment;
    private boolean spent;
    private long offset;
    private long lastEnd;
    private long allocated;
    private long sequence;
    private long position;
    private Durability promise = Durability.ALWAYS;

    /**
     * @param last where the journal ended: the header its successor will carry is derived from it
     * @param applied told of every chunk that was written
     */
    public Journal(
            SegmentPool pool,
            JournalTail tail,
            StoreHealth health,
            StoreOptions options,
            JournalEnd last,
            Consumer<Ops> applied) {
        this.pool = pool;
        this.tail = tail;
        this.health = health;
        this.applied = applied;
        storeId = last.storeId();
        sequence = last.sequence();
        lastEnd = last.offset();
        position = last.position();
        segmentBytes = options.segmentBytes();
        chunkBytes = Math.min(CHUNK, segmentBytes);
        buffer = usual = ByteBuffer.allocateDirect(chunkBytes + AHEAD);
        admission = new Admission(health, encoder);
        promises = new Promises(options.fsync().promise());
        sum = Checksum.ofSegment(storeId, sequence);
        tail.durable(position);
    }

    /**
     * The end of a journal.
     *
     * @param sequence the last segment's
     * @param offset the end of its last group
     * @param position the last record's
     */
    public record JournalEnd(long storeId, long sequence, long offset, long position) {}

    @Override
    public int append(List<Submission> group) {
        int written = 0;
        int from = 0;
        while (from < group.size()) {
            int bytes = 0;
            int records = 0;
            boolean settling = true;
            promise = Durability.NEVER;
            int to = from;
            for (; to < group.size(); to++) {
                var submission = group.get(to);
                if (!admission.admits(submission)) {
                    continue;
                }
                if (records > 0 && bytes + submission.size > chunkBytes - SEGMENT_HEADER - GROUP_HEADER) {
                    break;
                }
                admission.taken(submission);
                bytes += submission.size;
                records++;
                settling &= !submission.publish();
                if (promise != Durability.ALWAYS) {
                    promise = promise.and(promises.of(submission.record));
                }
            }
            if (records > 0) {
                written += chunk(group.subList(from, to), bytes, records, settling);
            }
            from = to;
        }
        return written;
    }

    @Override
    public StoreException broken(Throwable cause) {
        return health.fail("writing the journal", cause);
    }

    /** Writes one chunk; how many of its records are as safe as promised. */
    private int chunk(List<Submission> group, int allBytes, int allRecords, boolean onlySettling) {
        int bytes = allBytes;
        int records = allRecords;
        boolean settling = onlySettling;
        while (records > 0) {
            try {
                if (write(group, bytes, records, settling)) {
                    return records;
                }
            } catch (IOException e) {
                if (!health.isFull(e)) {
                    fail(group, health.fail("writing the journal", e));
                    return 0;
                }
                var full = health.full(e);
                if (settling) {
                    fail(group, full);
                    return 0;
                }
                failPublishes(group, full);
                settling = true; // the rest is tried once more, in the segment that is kept for it
            }
            bytes = 0;
            records = 0;
            for (var submission : group) {
                if (submission.pending()) {
                    bytes += submission.size;
                    records++;
                }
            }
        }
        return 0;
    }

    private void fail(List<Submission> group, StoreException failure) {
        for (var submission : group) {
            if (submission.failure == null) {
                admission.fail(submission, failure);
            }
        }
    }

    private void failPublishes(List<Submission> group, StoreException failure) {
        for (var submission : group) {
            if (submission.pending() && submission.publish()) {
                admission.fail(submission, failure);
            }
        }
    }

    /** Writes the records that are pending; false when one of them failed by itself, and nothing was written. */
    private boolean write(List<Submission> group, int bytes, int records, boolean settling) throws IOException {
        int length = GROUP_HEADER + bytes;
        boolean fresh = segment == null || spent || offset + length > segmentBytes;
        int head = fresh ? SEGMENT_HEADER : 0;
        var sums = fresh ? Checksum.ofSegment(storeId, sequence + 1) : sum;
        var ops = new Ops();
        if (!encode(group, head, length, ops, sums)) {
            return false;
        }
        if (fresh) {
            tail.endSegment();
        } else if (promise == Durability.ALWAYS) {
            tail.force();
        }
        new GroupHeader(position + 1, tail.forced(), records).write(buffer, head, length, sums);
        var target = fresh ? open(settling) : present();
        long start = offset;
        put(target, head, length);
        position = ops.lastPosition();
        if (writtenDurably(fresh)) {
            tail.durable(position);
        } else {
            tail.later(position, length, promise);
        }
        follow(ops.at(target, start, offset));
        return true;
    }

    /*
     * A segment begins with a durable write: what its header says of the one before is true, and only the last segment of
     * a journal can have lost something. What was promised to be durable comes after what was not, which is forced first:
     * so nothing durable ever stands behind something that is not.
     */
    private boolean writtenDurably(boolean fresh) {
        return fresh || promise == Durability.ALWAYS;
    }

    /** Fills the buffer. What cannot be encoded fails alone: nothing is written yet, and a later record may be fine. */
    private boolean encode(List<Submission> group, int head, int length, Ops ops, Checksum sums) {
        Submission current = null;
        try {
            reserve(head + length);
            buffer.clear().position(head + GROUP_HEADER);
            long at = position;
            for (int i = 0; i < group.size(); i++) {
                var submission = group.get(i);
                var record = submission.logged;
                if (record != null && submission.pending()) {
                    current = submission;
                    int start = buffer.position();
                    submission.position = at + 1;
                    at += record instanceof StoreRecord.Commit commit ? commit.span() : 1;
                    encoder.encode(record, at, buffer, sums);
                    if (buffer.position() != start + submission.size) {
                        throw new IllegalArgumentException("the record changed while it was written: " + record);
                    }
                    ops.add(record, at, start);
                }
            }
            return true;
        } catch (RuntimeException | OutOfMemoryError e) {
            var failure = new StoreException("a record could not be encoded for the journal (" + e + ")", e);
            if (current == null) {
                fail(group, failure);
            } else {
                admission.fail(current, failure);
            }
            return false;
        }
    }

    /** Lets the checkpointer know. The chunk is written already, so a failure can only close the store. */
    private void follow(Ops ops) {
        try {
            applied.accept(ops);
        } catch (RuntimeException | OutOfMemoryError e) {
            health.fail("following the journal", e);
        }
    }

    /*
     * Every write beyond the end of a file makes the file system allocate blocks and commit that, which takes longer
     * than writing. So small groups take zeros with them there, and the next ones find blocks.
     */
    private int ahead(int length) {
        long end = offset + length;
        return end <= allocated || length >= AHEAD ? 0 : (int) Math.max(0, Math.min(AHEAD, segmentBytes - end));
    }

    private void put(Segment target, int head, int length) throws IOException {
        if (head > 0) {
            new SegmentHeader(storeId, target.sequence, target.firstPosition, lastEnd).write(buffer);
        }
        int ahead = ahead(head + length);
        for (int at = head + length; at < head + length + ahead; at += 8) {
            buffer.putLong(at, 0);
        }
        buffer.limit(head + length + ahead).position(0);
        try {
            if (writtenDurably(head > 0)) {
                target.file.write(buffer, offset);
            } else {
                tail.write(target, buffer, offset);
            }
        } catch (IOException e) {
            spoil(target, head > 0, e);
            throw e;
        }
        offset += head + length;
        lastEnd = offset;
        allocated = Math.max(allocated, offset + ahead);
        if (head > 0) {
            pool.used(target);
        }
    }

    /** Sees to it that nothing of a failed group is ever read, and that nothing is written behind it. */
    private void spoil(Segment target, boolean fresh, IOException cause) {
        try {
            if (fresh) {
                segment = null;
                pool.discard(target);
                sequence--;
            } else {
                spent = true;
                blank(target.file);
            }
        } catch (IOException e) {
            e.addSuppressed(cause);
            health.fail("cutting the journal back", e);
        }
    }

    /** Leaves nothing behind what is written. On a full disk, where there may be no block for zeros, by cutting it off. */
    private void blank(StoreFile file) throws IOException {
        try {
            file.write(ByteBuffer.allocate(GROUP_HEADER), offset);
        } catch (IOException e) {
            if (!health.isFull(e)) {
                throw e;
            }
            long length = file.size();
            file.resize(offset);
            file.resize(length);
        }
    }

    /** A buffer for so many bytes and the zeros ahead. One for large records is kept while they keep coming. */
    private void reserve(int bytes) {
        int needed = bytes >= AHEAD ? bytes : bytes + AHEAD;
        if (needed <= usual.capacity()) {
            buffer = usual;
            if (large != null && ++sinceLarge > LARGE_KEPT_FOR) {
                large = null;
            }
            return;
        }
        sinceLarge = 0;
        var present = large;
        if (present == null || present.capacity() < needed) {
            large = null; // two at once may be too much
            buffer = usual;
            large = present = ByteBuffer.allocateDirect((needed + LARGE_STEP - 1) / LARGE_STEP * LARGE_STEP);
        }
        buffer = present;
    }

    private Segment present() {
        if (segment == null) {
            throw new IllegalStateException("no segment is open");
        }
        return segment;
    }

    private Segment open(boolean settling) throws IOException {
        return opened(pool.open(sequence + 1, position + 1, settling));
    }

    private Segment opened(Segment next) throws IOException {
        sequence++;
        segment = next;
        spent = false;
        offset = 0;
        allocated = next.file.size();
        sum = Checksum.ofSegment(storeId, sequence);
        return next;
    }

    /** Writes the mark of a store that was closed in order, in a segment of its own. */
    public void seal() throws IOException {
        tail.endSegment();
        var sums = Checksum.ofSegment(storeId, sequence + 1);
        encoder.encodeSeal(position + 1, begin(), sums);
        single(pool.open(sequence + 1, position + 1, true), sums);
    }

    /** Goes on in a new file when the last one is long, so that it can leave. Without room for that, it stays. */
    @Override
    public void rest() {
        try {
            if (health.failure() == null && (segment == null || segment.file.size() > REST)) {
                tail.endSegment();
                var sums = Checksum.ofSegment(storeId, sequence + 1);
                var ops = new Ops();
                encoder.encode(NOTHING, position + 1, begin(), sums);
                ops.add(NOTHING, position + 1, SEGMENT_HEADER + GROUP_HEADER);
                single(pool.openNew(sequence + 1, position + 1), sums);
                tail.durable(position);
                follow(ops.at(present(), 0, offset));
            }
        } catch (IOException e) {
            if (!health.isFull(e)) {
                health.fail("beginning a segment", e);
            }
        } catch (RuntimeException | OutOfMemoryError e) {
            health.fail("beginning a segment", e);
        }
    }

    /** An empty buffer for the one record of a segment. */
    private ByteBuffer begin() {
        buffer = usual;
        return buffer.clear().position(SEGMENT_HEADER + GROUP_HEADER);
    }

    /** Writes the record that is in the buffer, alone and durably, as the first of a segment. */
    private void single(Segment next, Checksum sums) throws IOException {
        int length = buffer.position() - SEGMENT_HEADER;
        new GroupHeader(position + 1, tail.forced(), 1).write(buffer, SEGMENT_HEADER, length, sums);
        put(opened(next), SEGMENT_HEADER, length);
        position++;
    }

    /** Closes the last segment. The writer has ended. */
    public void close() throws IOException {
        try (tail) {
            if (segment != null) {
                segment.file.close();
            }
        }
    }
}
