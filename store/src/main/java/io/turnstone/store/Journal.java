package io.turnstone.store;

import static io.turnstone.store.JournalFormat.*;

import io.turnstone.api.Body;
import io.turnstone.api.store.MessageStore;
import io.turnstone.api.store.StoreException;
import io.turnstone.api.store.StoreRecord;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Appends groups to segments: one write of one group, durable when it returns. Owned by the writer's thread; after that
 * has ended, by the thread that closes the store.
 */
final class Journal implements CommitLog {

    /* A chunk is a group on disk: it is whole or it is not there. Larger groups of submissions become several chunks. */
    private static final int CHUNK = 4 << 20;
    private static final int AHEAD = 256 << 10;

    private final SegmentPool pool;
    private final StoreHealth health;
    private final Consumer<Ops> applied;
    private final long storeId;
    private final int segmentBytes;
    private final int chunkBytes;
    private final RecordEncoder encoder = new RecordEncoder();
    private ByteBuffer buffer;
    private Checksum sum;
    private @Nullable Segment segment;
    private boolean spent;
    private long offset;
    private long lastEnd;
    private long allocated;
    private long sequence;
    private long position;

    /**
     * @param last where the journal ended: the header its successor will carry is derived from it
     * @param applied told of every chunk that was written
     */
    Journal(SegmentPool pool, StoreHealth health, StoreOptions options, JournalEnd last, Consumer<Ops> applied) {
        this.pool = pool;
        this.health = health;
        this.applied = applied;
        storeId = last.storeId();
        sequence = last.sequence();
        lastEnd = last.offset();
        position = last.position();
        segmentBytes = options.segmentBytes();
        chunkBytes = Math.min(CHUNK, segmentBytes);
        buffer = ByteBuffer.allocateDirect(chunkBytes + AHEAD);
        sum = Checksum.ofSegment(storeId, sequence);
    }

    /**
     * The end of a journal.
     *
     * @param sequence the last segment's
     * @param offset the end of its last group
     * @param position the last record's
     */
    record JournalEnd(long storeId, long sequence, long offset, long position) {}

    @Override
    public int append(List<Submission> group) {
        int written = 0;
        int from = 0;
        while (from < group.size()) {
            int bytes = 0;
            int records = 0;
            boolean settling = true;
            int to = from;
            for (; to < group.size(); to++) {
                var submission = group.get(to);
                if (!admitted(submission)) {
                    continue;
                }
                if (records > 0 && bytes + submission.size > chunkBytes - SEGMENT_HEADER - GROUP_HEADER) {
                    break;
                }
                bytes += submission.size;
                records++;
                settling &= !submission.publish();
            }
            if (records > 0) {
                written += chunk(group.subList(from, to), bytes, records, settling);
            }
            from = to;
        }
        return written;
    }

    /** Whether a record is to be written; sizes it, and fails what cannot be written. */
    private boolean admitted(Submission submission) {
        var failure = health.failure();
        if (failure != null) {
            submission.failure = failure;
            return false;
        }
        if (!submission.written() || submission.failure != null) {
            return false;
        }
        submission.failure = refusal(submission);
        return submission.failure == null;
    }

    private @Nullable StoreException refusal(Submission submission) {
        if (submission.publish() && health.full() != null) {
            return health.full();
        }
        if (submission.record instanceof StoreRecord.Enqueue enqueue) {
            if (!(enqueue.body() instanceof Body.Inline)) {
                return new StoreException("a body in a file cannot be journaled: " + enqueue.body());
            }
            if (enqueue.body().length() > StoreOptions.MAX_BODY) {
                return new StoreException("a body of " + enqueue.body().length()
                        + " bytes is too large for the journal: at most " + StoreOptions.MAX_BODY);
            }
        }
        long size = encoder.size(submission.record);
        if (size > Integer.MAX_VALUE / 2) {
            return new StoreException("a record of " + size + " bytes is too large for the journal: divide it");
        }
        submission.size = (int) size;
        return null;
    }

    /** Writes one chunk; how many of its records are durable. */
    private int chunk(List<Submission> group, int bytes, int records, boolean settling) {
        try {
            write(group, bytes, records, settling);
            return records;
        } catch (IOException e) {
            if (!health.isFull(e)) {
                fail(group, health.fail("writing the journal", e));
                return 0;
            }
            return afterFull(group, e, settling);
        } catch (RuntimeException | OutOfMemoryError e) {
            fail(group, health.fail("encoding for the journal", e));
            return 0;
        }
    }

    /** Publishes fail; the rest is tried once more, in the segment that is kept for it. */
    private int afterFull(List<Submission> group, IOException cause, boolean settling) {
        var full = health.full(cause);
        int bytes = 0;
        int records = 0;
        for (var submission : group) {
            if (submission.written() && submission.failure == null) {
                submission.position = MessageStore.UNWRITTEN;
                if (settling || submission.publish()) {
                    submission.failure = full;
                } else {
                    bytes += submission.size;
                    records++;
                }
            }
        }
        return records == 0 ? 0 : chunk(group, bytes, records, true);
    }

    private static void fail(List<Submission> group, StoreException failure) {
        for (var submission : group) {
            if (submission.failure == null) {
                submission.position = MessageStore.UNWRITTEN;
                submission.failure = failure;
            }
        }
    }

    private void write(List<Submission> group, int bytes, int records, boolean settling) throws IOException {
        int length = GROUP_HEADER + bytes;
        var target = room(length, settling);
        int head = offset == 0 ? SEGMENT_HEADER : 0;
        int ahead = ahead(head + length);
        reserve(head + length + ahead);
        buffer.clear().position(head + GROUP_HEADER);
        long first = position;
        Ops ops = new Ops(target, offset + head + length, head > 0);
        for (int i = 0; i < group.size(); i++) {
            var submission = group.get(i);
            if (submission.written() && submission.failure == null) {
                submission.position = ++position;
                encoder.encode(submission.record, position, buffer, sum);
                ops.add(submission.record, position);
            }
        }
        putGroupHeader(buffer, head, length, first + 1, records, sum);
        put(target, head, length, ahead, first);
        if (head > 0) {
            pool.used(target);
        }
        applied.accept(ops);
    }

    /*
     * Every write beyond the end of a file makes the file system allocate blocks and commit that, which takes longer
     * than writing. So small groups take zeros with them there, and the next ones find blocks.
     */
    private int ahead(int length) {
        long end = offset + length;
        return end <= allocated || length >= AHEAD ? 0 : (int) Math.max(0, Math.min(AHEAD, segmentBytes - end));
    }

    private void put(Segment target, int head, int length, int ahead, long first) throws IOException {
        if (head > 0) {
            new SegmentHeader(storeId, target.sequence, target.firstPosition, lastEnd).write(buffer);
        }
        for (int at = head + length; at < head + length + ahead; at += 8) {
            buffer.putLong(at, 0);
        }
        buffer.limit(head + length + ahead).position(0);
        try {
            target.file.write(buffer, offset);
        } catch (IOException e) {
            position = first;
            spoil(target, head > 0, e);
            throw e;
        }
        offset += head + length;
        lastEnd = offset;
        allocated = Math.max(allocated, offset + ahead);
        if (buffer.capacity() > chunkBytes + AHEAD) {
            buffer = ByteBuffer.allocateDirect(chunkBytes + AHEAD);
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
                target.file.write(ByteBuffer.allocate(GROUP_HEADER), offset);
            }
        } catch (IOException e) {
            e.addSuppressed(cause);
            health.fail("cutting the journal back", e);
        }
    }

    private void reserve(int bytes) {
        if (buffer.capacity() < bytes) {
            buffer = ByteBuffer.allocateDirect(bytes);
        }
    }

    private Segment room(int length, boolean settling) throws IOException {
        var present = segment;
        if (present != null && !spent && offset + length <= segmentBytes) {
            return present;
        }
        var next = pool.open(sequence + 1, position + 1, settling);
        sequence++;
        segment = next;
        spent = false;
        offset = 0;
        allocated = next.file.size();
        sum = Checksum.ofSegment(storeId, sequence);
        return next;
    }

    /** Writes the mark of a store that was closed in order. */
    void seal() throws IOException {
        spent = true; // the segment that was written last has left
        int length = GROUP_HEADER + RECORD_HEADER;
        var target = room(length, true);
        int head = offset == 0 ? SEGMENT_HEADER : 0;
        buffer.clear().position(head + GROUP_HEADER);
        long first = position;
        encoder.encodeSeal(++position, buffer, sum);
        putGroupHeader(buffer, head, length, first + 1, 1, sum);
        put(target, head, length, 0, first);
    }

    void close() throws IOException {
        if (segment != null) {
            segment.file.close();
        }
    }
}
