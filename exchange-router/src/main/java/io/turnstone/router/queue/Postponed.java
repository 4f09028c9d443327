package io.turnstone.router.queue;

import io.turnstone.api.store.MessageStore;
import io.turnstone.api.store.StoreException;
import io.turnstone.api.store.StoredMessage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The delayed messages of one queue that are in the store alone, because their time is far: read shortly before it.
 * Owned by the queue's home loop.
 */
final class Postponed {

    /*
     * A message is known here by its position and its time, in a bucket for all that are due about then. A bucket that
     * comes near is taken apart into narrower ones (about a third of the number of its bits fewer each time), so a year
     * costs some seven steps of memory and no reading; the narrowest, of four seconds, becomes batches, which are read.
     *
     * After a restart only the time of the first of a run of messages is known: runs are read when that comes, and what is
     * not due then is told its bucket. So a message is read twice at most, and none of it at the start.
     */

    /** An entry whose time is nearer stays on the heap. */
    private static final long NEAR_MS = 10_000;

    /** The same while heap is short. */
    private static final long NEAR_WHEN_SHORT_MS = 1_000;

    /** Messages are read so long before their time. */
    private static final long AHEAD_MS = 1_000;

    /** The same while heap is short. */
    private static final long AHEAD_WHEN_SHORT_MS = 100;

    private static final int MAX_READING = 2;
    private static final long MAX_BYTES = 2 << 20;
    private static final int MAX_PER_TURN = 4096;
    private static final long RETRY_MS = 1000;
    private static final Logger LOG = LogManager.getLogger(Postponed.class);

    /** A batch on its way from the store. */
    private final class Load implements MessageStore.Loaded {
        private final DueBatch batch;
        private final boolean early;

        Load(DueBatch batch, boolean early) {
            this.batch = batch;
            this.early = early;
        }

        @Override
        public void loaded(@Nullable List<StoredMessage> found, @Nullable StoreException failure) {
            if (!reading.remove(this)) {
                return; // purged, or the queue is gone
            }
            home.memory().reading(-cost(batch));
            if (found == null) {
                failed(batch, failure);
            } else {
                failing = false;
                read(batch, found, early);
            }
            queue.wake();
        }
    }

    private final MessageQueue queue;
    private final Entries entries;
    private final QueueHome home;
    private final boolean possible;
    private final Map<Long, DueBucket> open = new HashMap<>(0);
    private final RankHeap<DueBucket> buckets = new RankHeap<>();
    private final RankHeap<DueBatch> batches = new RankHeap<>();
    private final List<Load> reading = new ArrayList<>(0);
    private @Nullable DueBatch recovering;

    /** Consumers may have had what was due before the restart. */
    private boolean maybeSeen;

    private long startedAtMs;

    /** Whether the next batch is wanted before its time. */
    private boolean hurried;

    private boolean failing;
    private long retryAtMs;

    /** For one queue, which may be {@code durable}. */
    Postponed(MessageQueue queue, Entries entries, QueueHome home, boolean durable) {
        this.queue = queue;
        this.entries = entries;
        this.home = home;
        possible = durable && home.store().reads();
    }

    private boolean roomy() {
        return home.memory().window() == HeapShare.ALL;
    }

    /** Whether an entry that waits for this moment need not be on the heap until then. */
    boolean takes(Entry entry, long untilMs) {
        return possible && entry.inStore() && untilMs - home.loop().now() > (roomy() ? NEAR_MS : NEAR_WHEN_SHORT_MS);
    }

    /** Remembers where the entry is that waits for a moment; it may be forgotten. */
    void add(Entry entry, long untilMs) {
        add(entry.position, untilMs, entry.message().size());
    }

    private void add(long position, long untilMs, long size) {
        long nowMs = home.loop().now();
        long key = DueBucket.key(untilMs, nowMs);
        DueBucket bucket = open.get(key);
        if (bucket == null) {
            bucket = new DueBucket(untilMs, nowMs);
            open.put(key, bucket);
        }
        bucket.add(position, untilMs, size);
        buckets.update(bucket);
    }

    /** Messages from before the restart, of which none is due before a moment. */
    void recover(long[] positions, long bytes, long dueAtMs) {
        DueBatch last = recovering;
        if (last != null && last.count + positions.length <= MessageStore.MAX_READ && last.bytes + bytes <= MAX_BYTES) {
            batches.remove(last);
            recovering = last.with(positions, bytes, dueAtMs);
        } else {
            recovering = DueBatch.of(positions, bytes, dueAtMs);
        }
        batches.update(recovering);
    }

    /** Consumers may have had what was due before the queue {@linkplain #start starts}. Before that, on any thread. */
    void maybeSeen() {
        maybeSeen = true;
    }

    void start() {
        startedAtMs = home.loop().now();
    }

    /** None of these messages is due before; {@link Run#NEVER} when there are none. */
    long firstMs() {
        DueBucket bucket = buckets.first();
        DueBatch batch = firstBatch();
        return Math.min(bucket == null ? Run.NEVER : bucket.rank(), batch == null ? Run.NEVER : batch.rank());
    }

    /** Of the messages at {@link #firstMs}, none comes before this one in the log. */
    long firstOrder() {
        DueBucket bucket = buckets.first();
        DueBatch batch = firstBatch();
        return batch == null || (bucket != null && bucket.rank() <= batch.rank()) ? 0 : batch.tie();
    }

    private @Nullable DueBatch firstBatch() {
        DueBatch first = batches.first();
        for (Load load : reading) {
            DueBatch other = load.batch;
            boolean earlier = first == null
                    || other.rank() < first.rank()
                    || (other.rank() == first.rank() && other.tie() < first.tie());
            first = earlier ? other : first;
        }
        return first;
    }

    /** When there is something to do; {@link Run#NEVER} when there is not, or not before a read is answered. */
    long nextAtMs() {
        DueBucket bucket = buckets.first();
        DueBatch batch = reading.size() < MAX_READING ? batches.first() : null;
        long bucketMs = bucket == null ? Run.NEVER : bucket.rank() - aheadMs();
        long batchMs = batch == null ? Run.NEVER : Math.max(retryAtMs, batch.rank() - aheadMs());
        return Math.min(bucketMs, batchMs);
    }

    private long aheadMs() {
        return hurried ? Run.NEVER / 2 : roomy() ? AHEAD_MS : AHEAD_WHEN_SHORT_MS;
    }

    /** Does what is due, some of it. */
    void run(long nowMs) {
        int left = MAX_PER_TURN;
        DueBucket bucket = buckets.first();
        while (bucket != null && left > 0 && bucket.rank() - aheadMs() <= nowMs && batchesWanted(bucket)) {
            open.remove(bucket.key(), bucket);
            if (bucket.narrowest() || hurried) {
                left -= bucket.left();
                cut(bucket);
            } else {
                for (; left > 0 && bucket.next(); left--) {
                    add(bucket.position, bucket.atMs, bucket.size);
                }
                if (bucket.left() == 0) {
                    buckets.remove(bucket);
                }
            }
            bucket = buckets.first();
        }
        DueBatch batch = batches.first();
        while (batch != null
                && reading.size() < MAX_READING
                && nowMs >= retryAtMs
                && batch.rank() - aheadMs() <= nowMs) {
            batches.remove(batch);
            recovering = batch == recovering ? null : recovering;
            read(batch);
            hurried = false;
            batch = batches.first();
        }
    }

    /** A hurry is over with the first batch. */
    private boolean batchesWanted(DueBucket next) {
        DueBatch batch = batches.first();
        return !hurried || batch == null || next.rank() < batch.rank();
    }

    private void cut(DueBucket bucket) {
        open.remove(bucket.key(), bucket);
        buckets.remove(bucket);
        bucket.cut(MessageStore.MAX_READ, MAX_BYTES).forEach(batches::update);
    }

    private static long cost(DueBatch batch) {
        return Math.min(batch.bytes, MAX_BYTES) + batch.count * HeapShare.MESSAGE_BYTES;
    }

    private void read(DueBatch batch) {
        var load = new Load(batch, hurried);
        reading.add(load);
        home.memory().reading(cost(batch));
        home.reader().read(queue, batch.positions(), batch.bytes, load);
    }

    private void read(DueBatch batch, List<StoredMessage> found, boolean early) {
        var read = new ArrayList<Entry>(batch.count);
        for (long position : batch.positions()) {
            Entry entry = home.reader().entry(queue, position, false, found);
            if (entry != null) {
                if (maybeSeen && entry.overlay().availableAtMs() < startedAtMs) {
                    entry.seen();
                }
                read.add(entry);
            }
        }
        entries.arrive(batch, read, early);
    }

    private void failed(DueBatch batch, @Nullable StoreException failure) {
        if (!failing) {
            failing = true;
            LOG.warn(
                    "queue={} its delayed messages cannot be read, tried again every {} ms: {}",
                    queue.name(),
                    RETRY_MS,
                    failure == null ? "no reason given" : failure.getMessage());
        }
        retryAtMs = home.loop().now() + RETRY_MS;
        batches.update(batch);
    }

    /** Has some of the first messages read now, whenever their time is. */
    void hurry() {
        hurried = reading.isEmpty() && firstMs() != Run.NEVER;
    }

    /** Takes some messages out, whenever their time is; null when there are none. */
    @Nullable
    DueBatch take() {
        if (!reading.isEmpty()) {
            DueBatch batch = reading.remove(0).batch;
            home.memory().reading(-cost(batch));
            return batch;
        }
        DueBucket bucket = buckets.first();
        if (batches.isEmpty() && bucket != null) {
            cut(bucket);
        }
        DueBatch batch = batches.first();
        if (batch != null) {
            batches.remove(batch);
            recovering = batch == recovering ? null : recovering;
        }
        return batch;
    }

    /** What was taken stays. */
    void putBack(DueBatch batch) {
        batches.update(batch);
    }

    /** Forgets everything: the queue is dropped. */
    void clear() {
        reading.forEach(load -> home.memory().reading(-cost(load.batch)));
        reading.clear();
        buckets.clear();
        open.clear();
        batches.clear();
    }
}
