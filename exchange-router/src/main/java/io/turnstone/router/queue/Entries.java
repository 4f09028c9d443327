package io.turnstone.router.queue;

import io.turnstone.api.DeathReason;
import io.turnstone.api.Loop;
import io.turnstone.api.Message;
import io.turnstone.api.QueueSpec;
import io.turnstone.api.store.StoredRun;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The entries of one queue and where each is in its life; every change of {@link Entry.State} happens here. Owned by the
 * home loop.
 */
final class Entries {

    private final MessageQueue queue;
    private final Loop loop;
    private final Timetable timetable = new Timetable();
    private final QueueCounters counters;
    private final Paging paging;
    private final ReadyMessages line;
    private final QueueLimits limits;
    private @Nullable Choosers choosers;
    private boolean forgotten;

    Entries(MessageQueue queue, QueueHome home, QueueSpec spec, QueueLimits limits) {
        this.queue = queue;
        this.limits = limits;
        loop = home.loop();
        counters = new QueueCounters(spec.name());
        paging = new Paging(queue, this, home, spec.durable());
        line = ReadyMessages.of(spec, timetable.expiry(), paging);
    }

    /** Some consumers choose, or messages have groups: they want to know what returns. */
    void chosenBy(Choosers some) {
        choosers = some;
    }

    Loop loop() {
        return loop;
    }

    ReadyMessages line() {
        return line;
    }

    QueueCounters counters() {
        return counters;
    }

    /** Entries that no consumer holds and nothing was decided about. */
    long waiting() {
        return counters.count(Entry.State.READY) + counters.count(Entry.State.DELAYED);
    }

    /**
     * A new entry, ready, at the end of its line.
     *
     * @param reserved whether room for it was reserved; else it ignores the limit, as a dead message does
     */
    void enter(Entry entry, boolean reserved) {
        counters.published++;
        add(entry, reserved);
        if (reserved) {
            dropExcess();
        }
        queue.wake();
    }

    private void add(Entry entry, boolean reserved) {
        counters.entered(entry);
        line.add(entry);
        limits.entered(counters, entry.message().size(), reserved);
    }

    /** Messages from before the restart. */
    void recover(int level, StoredRun run) {
        long[] positions = run.positions();
        int pieces = (int) Math.min(positions.length, run.bytes() / Run.MAX_BYTES + 1);
        long bytesLeft = run.bytes();
        for (int i = 0; i < pieces; i++) {
            int from = positions.length * i / pieces;
            int to = positions.length * (i + 1) / pieces;
            long bytes = bytesLeft / (pieces - i);
            bytesLeft -= bytes;
            line.recover(level, Arrays.copyOfRange(positions, from, to), bytes, run.expiresAtMs());
        }
        counters.recovered(positions.length, run.bytes());
        limits.left(counters);
    }

    /** Consumers may have had what was recovered. */
    void maybeSeen() {
        for (int level = 0; level < line.levels(); level++) {
            FifoMessages each = line.level(level);
            if (each != null) {
                each.maybeSeen();
            }
        }
    }

    /** The queue begins to work. */
    void start() {
        paging.start();
    }

    /** A run that is paged out is needed next. */
    void reach(@Nullable Run run) {
        if (run != null) {
            paging.reach(run);
        }
    }

    /** Has a run read in which something expires; false when that must wait for others. */
    boolean read(Run run) {
        return paging.read(run);
    }

    /** Entries of a run that was paged out are here again, by slot; what is missing is lost. */
    void pageIn(Run run, @Nullable Entry[] found) {
        int lost = run.live;
        long lostBytes = run.bytes;
        long heapBytes = 0;
        for (Entry entry : found) {
            if (entry != null) {
                lost--;
                lostBytes -= entry.message().size();
                heapBytes += entry.message().body().heapBytes();
            }
        }
        counters.pagedIn(run.live, heapBytes);
        counters.lost(lost, lostBytes);
        limits.left(counters);
        line.pageIn(run, found);
        for (Entry entry : found) {
            if (entry != null && entry.overlay().availableAtMs() > loop.now()) {
                line.take(entry);
                delay(entry, entry.overlay().availableAtMs());
            }
        }
    }

    /** Lets the oldest go until the limit is kept, if that is what the limit asks for; never the only one in line. */
    void dropExcess() {
        while (counters.count(Entry.State.READY) > 1 && limits.dropsHead(counters)) {
            Entry least = line.least();
            if (least == null) {
                return;
            }
            line.take(least);
            queue.die(least, DeathReason.MAXLEN);
        }
    }

    /** An entry that waited elsewhere, or was held, is ready again at its old place. */
    void ready(Entry entry) {
        if (forgotten) {
            return;
        }
        if (entry.expired(loop.now())) {
            expired(entry);
            return;
        }
        move(entry, Entry.State.READY);
        line.restore(entry);
        leaveGroup(entry);
        if (choosers != null) {
            choosers.returned(entry);
        }
        queue.wake();
    }

    /** An entry waits for a moment and blocks nobody. */
    void delay(Entry entry, long untilMs) {
        if (!forgotten) {
            delay(entry, untilMs, false);
            if (choosers != null) {
                choosers.delayed(entry);
            }
            timetable.expiry().watch(entry);
        }
    }

    private static void leaveGroup(Entry entry) {
        if (entry.group != null) {
            entry.group.leaves(entry);
        }
    }

    /** An entry is left alone until a moment, also when its time ends before. */
    void rest(Entry entry, long untilMs) {
        if (!forgotten) {
            delay(entry, untilMs, true);
        }
    }

    private void delay(Entry entry, long untilMs, boolean resting) {
        move(entry, Entry.State.DELAYED);
        timetable.delayed().add(entry, untilMs, resting);
        queue.wake();
    }

    /** A consumer gets this ready entry and has to settle it. */
    void hold(Entry entry, Seat seat) {
        line.take(entry);
        move(entry, Entry.State.HELD);
        seat.hold(entry);
    }

    /** The settlement of this entry, which is in no line, is undone: its consumer has it as before. */
    void holdAgain(Entry entry, Seat seat) {
        move(entry, Entry.State.HELD);
        seat.hold(entry);
    }

    /** A consumer has ended its delivery, or left. */
    void release(Entry entry, Seat seat) {
        seat.unhold(entry);
        move(entry, Entry.State.LEAVING);
    }

    /** It is decided that a waiting entry leaves. */
    void withdraw(Entry entry) {
        line.take(entry);
        timetable.delayed().remove(entry);
        move(entry, Entry.State.LEAVING);
        if (entry.group != null) {
            entry.group.passes(entry);
        }
    }

    /** It is decided that a run that is paged out leaves. */
    void withdraw(Run run) {
        line.take(run);
        counters.move(run, Entry.State.READY, Entry.State.LEAVING);
    }

    /** It leaves not. */
    void restore(Run run, long ready) {
        if (!forgotten) {
            counters.move(run, Entry.State.LEAVING, Entry.State.READY);
            line.restore(run, ready);
            if (choosers != null) {
                choosers.returned(run);
            }
            queue.wake();
        }
    }

    /** A run that is paged out is not in the queue any more. */
    void gone(Run run) {
        if (!forgotten) {
            line.remove(run);
            counters.move(run, Entry.State.LEAVING, Entry.State.GONE);
            limits.left(counters);
            queue.wake();
        }
    }

    /** The time of an entry ended while it waited. */
    void expired(Entry entry) {
        counters.expired++;
        withdraw(entry);
        queue.die(entry, DeathReason.EXPIRED);
        queue.wake();
    }

    /** An entry starts anew at the end of the line. */
    void recycle(Entry entry) {
        if (!forgotten) {
            line.remove(entry);
            move(entry, Entry.State.READY);
            line.add(entry);
            leaveGroup(entry);
            queue.wake();
        }
    }

    /** An entry is not in the queue any more. */
    void gone(Entry entry) {
        if (!forgotten) {
            line.remove(entry);
            move(entry, Entry.State.GONE);
            leaveGroup(entry);
            limits.left(counters);
            queue.wake();
        }
    }

    void move(Entry entry, Entry.State to) {
        counters.move(entry, to);
    }

    /**
     * The next entry that purging takes: those in line, then those that wait for their time. Null when there is none, and
     * when the cursor stands before a run that is paged out.
     */
    @Nullable
    Entry nextWaiting(ReadyMessages.Cursor cursor) {
        if (forgotten) {
            return null;
        }
        Entry entry = line.next(cursor, 0);
        return entry == null && cursor.before() == null ? timetable.delayed().any() : entry;
    }

    /** Does what is due by time alone, some of it; whether there is more. */
    boolean onTime(long nowMs) {
        return timetable.run(nowMs, this);
    }

    /** When there is something to do by time alone, {@link Run#NEVER} if never. */
    long nextAtMs() {
        return timetable.nextAtMs();
    }

    /** Ends a turn: asks the store for what is wanted, makes the figures visible to others. */
    void publish(String name, int consumers) {
        paging.submit();
        paging.eviction().report();
        counters.publish(name, consumers, forgotten ? Message.NONE : line.oldestAtMs());
    }

    /** The queue is deleted: forgets everything, and ignores what is still on its way back. */
    void forget() {
        forgotten = true;
        paging.stop();
        timetable.clear();
        line.clear();
        counters.emptied();
        limits.left(counters);
    }
}
