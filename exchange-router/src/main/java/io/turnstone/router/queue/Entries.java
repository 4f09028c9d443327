package io.turnstone.router.queue;

import io.turnstone.api.DeathReason;
import io.turnstone.api.Loop;
import io.turnstone.api.Message;
import io.turnstone.api.QueueSpec;
import io.turnstone.api.store.StoredRun;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The entries of one queue and where each is in its life; every change of {@link Entry.State} happens here. Owned by the
 * home loop.
 */
final class Entries {

    /** An entry that waits no longer than this returns to its place; a longer wait ends at the end of the line. */
    private static final long PLACE_KEPT_MS = TimeUnit.MINUTES.toMillis(5);

    private final MessageQueue queue;
    private final QueueHome home;
    private final Loop loop;
    private final Timetable timetable;
    private final QueueCounters counters;
    private final Paging paging;
    private final ReadyMessages line;
    private final QueueLimits limits;
    private @Nullable Choosers choosers;
    private @Nullable Claims claims;
    private boolean forgotten;

    Entries(MessageQueue queue, QueueHome home, QueueSpec spec, QueueLimits limits) {
        this.queue = queue;
        this.home = home;
        this.limits = limits;
        loop = home.loop();
        counters = new QueueCounters();
        timetable = new Timetable(queue, this, home, spec.durable());
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
     * A new entry, at the end of its line, or delayed until it may be delivered.
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
        if (entry.overlay().availableAtMs() > loop.now()) {
            counters.move(entry, Entry.State.DELAYED);
            await(entry, false);
        } else {
            line.add(entry);
        }
        limits.entered(counters, entry.message().size(), reserved);
    }

    /** A delayed entry that stands in no line waits until it may be delivered or expires, in the store alone if it can. */
    private void await(Entry entry, boolean stay) {
        long atMs = entry.overlay().availableAtMs();
        long untilMs = entry.expires() ? Math.min(atMs, entry.overlay().expiresAtMs()) : atMs;
        if (!stay && timetable.postponed().takes(entry, untilMs)) {
            counters.pagedOut(1, entry.message().body().heapBytes());
            timetable.delayed().passed(DelayedMessages.order(entry.position));
            timetable.postponed().add(entry, untilMs);
        } else {
            timetable.delayed().add(entry, untilMs, false);
        }
    }

    /**
     * Messages that waited in the store alone are here, except those that are lost.
     *
     * @param stay whether they stay on the heap, however far their time is: some of them are to be dropped
     */
    void arrive(DueBatch batch, List<Entry> found, boolean stay) {
        long lostBytes = batch.bytes;
        long heapBytes = 0;
        for (Entry entry : found) {
            lostBytes -= entry.message().size();
            heapBytes += entry.message().body().heapBytes();
        }
        counters.pagedIn(batch.count, heapBytes);
        counters.lost(Entry.State.DELAYED, batch.count - found.size(), lostBytes);
        limits.left(counters);
        for (Entry entry : found) {
            entry.state = Entry.State.DELAYED;
            await(entry, stay);
        }
        dropExcess();
    }

    /** A delayed entry may leave the heap and its place in line, if its time is far enough for that. */
    void letGo(Entry entry) {
        long farAtMs = loop.now() + PLACE_KEPT_MS;
        if (!forgotten
                && entry.state == Entry.State.DELAYED
                && entry.overlay().availableAtMs() > farAtMs
                && (!entry.expires() || entry.overlay().expiresAtMs() > farAtMs)
                && entry.run != Run.NOWHERE
                && entry.group == null
                && entry.inStore()) {
            timetable.delayed().remove(entry);
            line.remove(entry);
            entry.run = Run.NOWHERE;
            await(entry, false);
            queue.wake();
        }
    }

    /** What consumers claim beyond a restart; most queues never ask for it. */
    Claims claims() {
        Claims present = claims;
        if (present == null) {
            present = new Claims(queue, recovery(), home);
            claims = present;
        }
        return present;
    }

    /** Whether messages are kept for consumers of the last run. */
    boolean keeps() {
        return claims != null && claims.keeps();
    }

    /** Messages from before the restart. */
    void recover(int level, StoredRun run) {
        if (claims == null) {
            recovery().recover(level, run);
        } else {
            claims.recover(level, run);
        }
    }

    /** Consumers may have had what was recovered. */
    void maybeSeen() {
        recovery().maybeSeen();
    }

    private Recovery recovery() {
        return new Recovery(this, line, timetable, counters, limits);
    }

    /** The queue begins to work. */
    void start() {
        if (claims != null) {
            claims.start();
        }
        timetable.start();
        paging.start();
    }

    /** Looks at what is first in line from before the restart; how often {@code answered} will run. */
    int survey(Runnable answered) {
        return paging.survey(answered);
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
        counters.lost(Entry.State.READY, lost, lostBytes);
        limits.left(counters);
        line.pageIn(run, found);
        for (Entry entry : found) {
            if (entry != null && entry.overlay().availableAtMs() > loop.now()) {
                line.take(entry);
                delay(entry, entry.overlay().availableAtMs());
                letGo(entry);
            }
        }
    }

    /**
     * Lets the oldest go until the limit is kept, if that is what the limit asks for; never the only one in line. When
     * nothing else is left, what is delayed goes, the next first.
     */
    void dropExcess() {
        while (limits.dropsHead(counters)) {
            boolean inLine = counters.count(Entry.State.READY) > 1;
            Entry least = inLine ? line.least() : timetable.next();
            if (least == null) {
                return;
            }
            withdraw(least);
            queue.die(least, DeathReason.MAXLEN);
        }
    }

    /** An entry that waited elsewhere, or was held, is ready again at its old place. */
    void ready(Entry entry) {
        if (forgotten) {
            return;
        }
        unclaim(entry);
        if (entry.expired(loop.now())) {
            expired(entry);
            return;
        }
        move(entry, Entry.State.READY);
        if (entry.run == Run.NOWHERE) {
            line.add(entry);
        } else {
            line.restore(entry);
            leaveGroup(entry);
            if (choosers != null) {
                choosers.returned(entry);
            }
        }
        queue.wake();
    }

    /** An entry waits for a moment and blocks nobody. */
    void delay(Entry entry, long untilMs) {
        if (!forgotten) {
            unclaim(entry);
            delay(entry, untilMs, false);
            if (choosers != null) {
                choosers.delayed(entry);
            }
            if (entry.run != Run.NOWHERE) {
                timetable.expiry().watch(entry);
            }
        }
    }

    private void unclaim(Entry entry) {
        if (claims != null) {
            claims.left(entry);
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
            unclaim(entry);
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
        if (seat.request.claim() != null) {
            claims().held(entry);
        }
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
        if (entry.run != Run.NOWHERE) {
            line.take(entry);
        }
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
            restore(run, Entry.State.LEAVING, ready);
        }
    }

    /** Messages that are paged out are ready again at their old place. */
    void restore(Run run, Entry.State from, long ready) {
        counters.move(run, from, Entry.State.READY);
        line.restore(run, ready);
        if (choosers != null) {
            choosers.returned(run);
        }
        queue.wake();
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

    /** It is decided that messages leave that wait in the store alone. */
    void withdraw(DueBatch batch) {
        counters.move(batch, Entry.State.DELAYED, Entry.State.LEAVING);
    }

    /** They leave not. */
    void restore(DueBatch batch) {
        if (!forgotten) {
            counters.move(batch, Entry.State.LEAVING, Entry.State.DELAYED);
            timetable.postponed().putBack(batch);
            queue.wake();
        }
    }

    /** They are not in the queue any more. */
    void gone(DueBatch batch) {
        if (!forgotten) {
            counters.move(batch, Entry.State.LEAVING, Entry.State.GONE);
            limits.left(counters);
            queue.wake();
        }
    }

    private void leaveLine(Entry entry) {
        if (entry.run != Run.NOWHERE) {
            line.remove(entry);
        }
    }

    /** An entry starts anew at the end of the line. */
    void recycle(Entry entry) {
        if (!forgotten) {
            unclaim(entry);
            leaveLine(entry);
            move(entry, Entry.State.READY);
            line.add(entry);
            leaveGroup(entry);
            queue.wake();
        }
    }

    /** An entry is not in the queue any more. */
    void gone(Entry entry) {
        if (!entry.stored()) {
            entry.message().body().release();
        }
        if (!forgotten) {
            unclaim(entry);
            leaveLine(entry);
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

    /** When {@link #nextWaiting} has no more: messages that wait in the store alone; null when there are none. */
    @Nullable
    DueBatch nextPostponed() {
        return forgotten ? null : timetable.postponed().take();
    }

    /** Whether consumers could get more than is in line: what is due has to be read first. */
    boolean awaits(long nowMs) {
        return timetable.awaits(nowMs);
    }

    /** Does what is due by time alone, some of it; whether there is more. */
    boolean onTime(long nowMs) {
        return timetable.run(nowMs);
    }

    /** When there is something to do by time alone, {@link Run#NEVER} if never. */
    long nextAtMs() {
        return timetable.nextAtMs();
    }

    /** Ends a turn: asks the store for what is wanted, makes the figures visible to others. */
    void publish(String name, int consumers) {
        paging.submit();
        if (claims != null) {
            claims.submit();
        }
        paging.eviction().report();
        counters.publish(name, consumers, forgotten ? Message.NONE : line.oldestAtMs());
    }

    /** The queue is deleted: forgets everything, and ignores what is still on its way back. */
    void forget() {
        forgotten = true;
        if (claims != null) {
            claims.forget();
        }
        paging.stop();
        timetable.clear();
        line.clear();
        counters.emptied();
        limits.left(counters);
    }
}
