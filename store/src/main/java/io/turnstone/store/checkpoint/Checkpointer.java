package io.turnstone.store.checkpoint;

import io.turnstone.api.store.StoreException;
import io.turnstone.store.files.StoreHealth;
import io.turnstone.store.files.Threads;
import io.turnstone.store.journal.JournalTail;
import io.turnstone.store.journal.Ops;
import io.turnstone.store.journal.Segment;
import io.turnstone.store.journal.SegmentPool;
import io.turnstone.store.journal.StoreOptions;
import io.turnstone.store.journal.Zeroing;
import io.turnstone.store.spool.SpoolFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

/**
 * The thread behind the writer: follows what was committed, lets segments leave that hold nothing any more, absorbs the
 * oldest ones into MapDB when the journal exceeds its window or rests, and keeps spare segments ready.
 *
 * <p><b>Threads:</b> {@link #committed} the writer; {@link #start} and {@link #finish} the thread that owns the store.
 */
public final class Checkpointer {

    private static final Logger log = LogManager.getLogger(Checkpointer.class);

    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final int SEGMENTS_PER_COMMIT = 4;
    private static final int SPARE_FROM = 4 << 20;

    /** Less than this part of a segment in the time that counts as quiet is quiet too: 1 MiB in 10 s. */
    private static final int TRICKLE = 64;

    /*
     * Zeroing a spare is worth its writes where groups are small, since it saves each commit the allocation of blocks.
     * When groups are larger than this on average, the disk is better left to them.
     */
    private static final int ZEROING_PAYS_BELOW = 512 << 10;

    private final ConcurrentLinkedQueue<Ops> inbox = new ConcurrentLinkedQueue<>();
    private final LiveIndex index;
    private final Generations generations;
    private final Start start;
    private final JournalTail tail;
    private final SegmentPool pool;
    private final StoreHealth health;
    private final StoreOptions options;
    private final Thread thread;
    private final Readings readings;
    private final BackgroundForce forces;
    private final Zeroing zeroing;
    private long absorbedThrough;
    private boolean unabsorbed;
    private final Quiet quiet;
    private long nextSpareTry = System.nanoTime();
    private int chunks;
    private boolean zeroingPays = true;
    private final FileHold hold;
    private Runnable journalRests = () -> {};
    private volatile boolean sleeping;
    private volatile boolean finishing;

    /** What recovery found and the checkpointer continues with. */
    public record Start(
            long storeId, long absorbedThrough, LiveIndex index, Generations generations, SpoolFolder spool) {}

    public Checkpointer(Start start, JournalTail tail, SegmentPool pool, StoreHealth health, StoreOptions options) {
        absorbedThrough = start.absorbedThrough();
        index = start.index();
        this.start = start;
        generations = start.generations();
        this.tail = tail;
        this.pool = pool;
        this.health = health;
        this.options = options;
        unabsorbed = !index.segments().isEmpty();
        thread = new Thread(this::run, "turnstone-store-checkpointer");
        thread.setDaemon(true);
        var reader = new MessageReader(index, generations::pages, start.spool(), start.storeId(), health);
        readings = new Readings(reader, health, thread);
        forces = new BackgroundForce(this::pause);
        hold = new FileHold(thread, health);
        zeroing = new Zeroing(pool, options.segmentBytes());
        quiet = new Quiet(options.idleMs(), options.segmentBytes() / TRICKLE, System.nanoTime());
    }

    /**
     * Begins to follow the journal, on a thread of its own.
     *
     * @param journalRests lets the last segment go, when nothing in it is needed any more
     */
    public void start(Runnable journalRests) {
        this.journalRests = journalRests;
        thread.start();
    }

    /** A chunk was written. */
    public void committed(Ops ops) {
        inbox.add(ops);
        if (sleeping || ops.first()) {
            LockSupport.unpark(thread);
        }
    }

    /** Asks for messages; any thread. */
    public void read(ReadRequest request) {
        readings.offer(request);
    }

    /** Files that say all that was committed; nothing leaves or is absorbed until {@link #release}. Any thread. */
    public HeldFiles hold(Path folder) {
        return hold.take(folder);
    }

    /** Goes on; whether the files were held until now. Any thread. */
    public boolean release() {
        return hold.release();
    }

    /** Absorbs everything and ends the thread; the writer has ended before. */
    public void finish() {
        hold.close();
        finishing = true;
        LockSupport.unpark(thread);
        Threads.join(thread);
        readings.close();
        forces.close();
    }

    /** After {@link #finish}: whether nothing is left that only the journal knows. */
    public boolean absorbedAll() {
        return index.segments().isEmpty();
    }

    /** After {@link #finish}: closes the segments that did not leave. */
    public void closeSegments() throws IOException {
        zeroing.drop();
        for (var segment : index.segments()) {
            segment.file.close();
        }
    }

    private void run() {
        try {
            while (!finishing && health.failure() == null) {
                step();
            }
            if (health.failure() == null) {
                zeroing.drop();
                drain();
                absorb(true);
            }
        } catch (Throwable e) { // MapDB throws errors too; unnoticed, the journal would grow until the disk is full
            health.fail("absorbing the journal", e);
        }
        hold.close();
        while (!finishing) { // what is safe can still be read
            try {
                pause();
            } catch (RuntimeException | Error e) {
                health.fail("following the journal", e);
            }
            if (!readings.waiting()) {
                LockSupport.park(this);
            }
        }
    }

    /** Answers reads between two short steps. */
    private void pause() {
        readings.serve(this::drain);
    }

    private void shrink(boolean quiet) throws IOException {
        if (generations.copyPays(quiet)) {
            generations.copy(forces, this::pauseOrStop);
        }
    }

    /** Whether to give up what can wait. */
    private boolean pauseOrStop() {
        pause();
        return finishing || hold.wanted() || health.failure() != null;
    }

    private void step() throws IOException {
        drain();
        pause();
        boolean held = hold.wanted();
        start.spool().keep(held || tail.behind());
        if (held) {
            drain();
            hold.give(index, start.spool());
            keepSpares();
            rest();
            return;
        }
        leaveDone();
        while (pool.usedBytes() > options.windowBytes() && index.segments().size() > 1 && !finishing && mayAbsorb()) {
            absorbOldest(Math.min(segmentsPerCommit(), index.segments().size() - 1), false);
            drain();
            leaveDone();
            keepSpares();
            shrink(false);
        }
        keepSpares();
        absorbAtRest();
        rest();
    }

    /** While something trickles in, the segment that is written is left alone: it could not leave. */
    private void absorbAtRest() throws IOException {
        long now = System.nanoTime();
        boolean calm = quiet.calm(now);
        boolean pays = quiet.silent(now) || index.segments().size() > 1;
        if (calm && pays && unabsorbed && mayAbsorb()) {
            absorb(false);
            quiet.beginAgain(System.nanoTime());
            if (!unabsorbed && index.segments().stream().allMatch(Segment::done)) {
                journalRests.run();
            }
        }
        if (!unabsorbed) {
            zeroing.drop();
            if (health.full() == null) {
                pool.rest(index.empty());
            }
        }
        if (calm) {
            shrink(true);
        }
    }

    private void rest() {
        if (readings.waiting()) {
            return;
        }
        if (unabsorbed || health.full() != null || generations.copyMayPay()) {
            LockSupport.parkNanos(this, pauseNanos());
            return;
        }
        sleeping = true;
        if (inbox.isEmpty() && !readings.waiting() && !finishing && !hold.asked()) {
            LockSupport.park(this);
        }
        sleeping = false;
    }

    private long pauseNanos() {
        if (health.full() != null || !sparesWanted()) {
            return PAUSE_NANOS;
        }
        long untilTry = nextSpareTry - System.nanoTime();
        return Math.min(PAUSE_NANOS, Math.max(untilTry, zeroing.pauseNanos(quiet.lastCommit())));
    }

    /** Follows what the writer did since. */
    private void drain() {
        long bytes = 0;
        Ops ops;
        while ((ops = inbox.poll()) != null) {
            if (tail.behind()) {
                start.spool().keep(true); // a power cut may still take a removal back
            }
            ops.apply(index);
            chunks++;
            if (ops.first()) {
                zeroingPays = options.segmentBytes() / chunks < ZEROING_PAYS_BELOW;
                chunks = 0;
            }
            bytes += ops.nothing() ? 0 : ops.bytes();
        }
        if (bytes > 0) {
            unabsorbed = true;
            quiet.committed(bytes, System.nanoTime());
        }
    }

    /** Lets the oldest segments go while they hold nothing of interest. */
    private void leaveDone() throws IOException {
        var segments = index.segments();
        while (segments.size() > 1 && segments.get(0).done()) {
            forceTail();
            leave(segments.get(0));
        }
    }

    /*
     * What was followed may not have reached the medium. MapDB must never know more than the journal, and no segment may be
     * missed because of a removal that a power cut takes back: so all of it is forced first.
     */
    private void forceTail() throws IOException {
        if (tail.behind()) {
            forces.run(tail::force);
        }
    }

    private void leave(Segment segment) throws IOException {
        index.left(segment);
        if (!index.segments().isEmpty() && segment.sequence > absorbedThrough) {
            pool.oldest(index.segments().get(0)); // MapDB does not say so
        }
        pool.recycle(segment);
    }

    /** Absorbs all segments; the one that is written stays, unless the writer has ended. */
    private void absorb(boolean last) throws IOException {
        long start = System.nanoTime();
        unabsorbed = false; // again when the index hears of more meanwhile
        int count = index.segments().size();
        while (!index.segments().isEmpty()) {
            int take = Math.min(segmentsPerCommit(), index.segments().size());
            boolean all = take == index.segments().size();
            if (!absorbOldest(take, last && all)) {
                unabsorbed = true;
                return;
            }
            if (!last && index.segments().size() == 1) {
                break;
            }
        }
        log.debug("segments={} absorbed ms={}", count, (System.nanoTime() - start) / 1_000_000);
    }

    /**
     * Absorbs some of the oldest segments and lets them go, except the one that may still be written.
     *
     * @param ended whether the writer has ended
     * @return false when the store is closed before there was room for it
     */
    private boolean absorbOldest(int count, boolean ended) throws IOException {
        var oldest = new ArrayList<>(index.segments().subList(0, count));
        boolean withLast = count == index.segments().size();
        if (!interesting(oldest) && !ended) {
            forceTail();
            leaveAll(oldest, withLast);
            return true;
        }
        var absorption = new Absorption(start, health, options, absorbedThrough, this::pause);
        int taken = 0;
        while (taken < count && (taken == 0 || health.full() == null)) {
            var segment = oldest.get(taken++);
            if (!absorption.segment(segment, () -> commit(absorption))) {
                return false;
            }
        }
        boolean lastStays = withLast && !ended && taken == count;
        var absorbed = oldest.subList(0, lastStays ? taken - 1 : taken);
        for (var segment : absorbed) {
            absorption.again(segment);
            absorption.through(segment.sequence);
        }
        if (!commit(absorption)) {
            return false;
        }
        absorbedThrough = absorption.absorbedThrough();
        for (var segment : absorbed) {
            reportUnread(segment);
        }
        leaveAll(absorbed, false);
        return true;
    }

    private void reportUnread(Segment segment) {
        int lost = index.forgetUnread(segment);
        if (lost > 0) {
            health.damaged(segment + ": " + lost + " messages could not be read back");
        }
    }

    private boolean interesting(List<Segment> segments) {
        return index.hasChanges() || segments.stream().anyMatch(segment -> !segment.done());
    }

    private void leaveAll(List<Segment> oldest, boolean exceptLast) throws IOException {
        for (int i = 0; i < oldest.size() - (exceptLast ? 1 : 0); i++) {
            leave(oldest.get(i));
        }
    }

    /** Commits; a full disk is waited out, unless the store is closed meanwhile. */
    private boolean commit(Absorption absorption) throws IOException {
        absorption.flush();
        while (true) {
            try {
                forceTail();
                generations.commit(forces);
                return true;
            } catch (IOException e) {
                if (!health.isFull(e)) {
                    throw e;
                }
                StoreException full = health.full(e);
                if (zeroing.drop() || pool.giveBack()) {
                    continue; // at once, while it is enough
                }
                if (finishing) {
                    log.warn("the journal was not absorbed: {}", full.getMessage());
                    return false;
                }
                await(RETRY_NANOS);
                drain();
                absorption.flush();
            }
        }
    }

    private void await(long nanos) {
        long until = System.nanoTime() + nanos;
        for (long left = nanos; left > 0 && !finishing; left = until - System.nanoTime()) {
            pause();
            LockSupport.parkNanos(this, left);
        }
    }

    /** Whether segments may be absorbed: on a full disk only as long as there is room that can be given to MapDB. */
    private boolean mayAbsorb() {
        return health.full() == null || pool.reserved();
    }

    private int segmentsPerCommit() {
        return health.full() == null ? SEGMENTS_PER_COMMIT : 1;
    }

    /** Prepares spares while the journal is in use, and finds out whether a full disk has room again. */
    private void keepSpares() throws IOException {
        boolean full = health.full() != null;
        boolean wanted = sparesWanted();
        if ((!full && !wanted) || System.nanoTime() - nextSpareTry < 0) {
            return;
        }
        try {
            if (full) {
                if (pool.wanted()) {
                    zeroing.whole(this::pause);
                }
                if (!pool.wanted()) {
                    health.roomy();
                }
            } else if (pool.pressing()) {
                zeroing.whole(this::pause);
            } else {
                zeroing.go(quiet.lastCommit());
            }
        } catch (IOException e) {
            if (!health.isFull(e)) {
                throw e;
            }
            log.debug("no room for a spare segment: {}", e.getMessage());
            nextSpareTry = System.nanoTime() + RETRY_NANOS;
        }
    }

    private boolean sparesWanted() {
        if (!unabsorbed || !pool.wanted() || (pool.reserved() && !zeroingPays)) {
            return false;
        }
        var segments = index.segments();
        return segments.size() > 1
                || (!segments.isEmpty() && segments.get(0).end > Math.min(SPARE_FROM, options.segmentBytes() / 4));
    }
}
