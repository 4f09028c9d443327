package io.turnstone.router.queue;

import io.turnstone.api.DeathReason;
import io.turnstone.api.Loop;
import io.turnstone.api.Message;
import io.turnstone.api.QueueSpec;

/**
 * The entries of one queue and where each is in its life; every change of {@link Entry.State} happens here. Owned by the
 * home loop.
 */
final class Entries {

    private final MessageQueue queue;
    private final Loop loop;
    private final Timetable timetable = new Timetable();
    private final ReadyMessages line;
    private final QueueCounters counters;
    private final QueueLimits limits;
    private boolean forgotten;

    Entries(MessageQueue queue, Loop loop, QueueSpec spec, QueueLimits limits) {
        this.queue = queue;
        this.loop = loop;
        this.limits = limits;
        line = ReadyMessages.of(spec, timetable.expiry());
        counters = new QueueCounters(spec.name());
    }

    ReadyMessages line() {
        return line;
    }

    QueueCounters counters() {
        return counters;
    }

    /** Entries that no consumer holds and nothing was decided about. */
    long waiting() {
        return counters.count(Entry.State.READY)
                + counters.count(Entry.State.STRANDED)
                + counters.count(Entry.State.DELAYED);
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

    /** An entry from before the restart. */
    void recover(Entry entry) {
        add(entry, false);
        long availableAtMs = entry.overlay().availableAtMs();
        if (availableAtMs > 0) {
            line.take(entry);
            delay(entry, availableAtMs);
        }
    }

    private void add(Entry entry, boolean reserved) {
        counters.entered(entry);
        line.add(entry);
        limits.entered(counters, entry.message().size(), reserved);
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
        queue.wake();
    }

    /** An entry waits for a moment and blocks nobody. */
    void delay(Entry entry, long untilMs) {
        if (!forgotten) {
            delay(entry, untilMs, false);
            timetable.expiry().watch(entry);
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

    /** No consumer with credit may have this ready entry. */
    void strand(Entry entry) {
        line.take(entry);
        move(entry, Entry.State.STRANDED);
    }

    /** A consumer gets this ready entry and has to settle it. */
    void hold(Entry entry, Seat seat) {
        line.take(entry);
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
            queue.wake();
        }
    }

    /** An entry is not in the queue any more. */
    void gone(Entry entry) {
        if (!forgotten) {
            line.remove(entry);
            move(entry, Entry.State.GONE);
            limits.left(counters);
            queue.wake();
        }
    }

    void move(Entry entry, Entry.State to) {
        counters.move(entry, to);
    }

    /** The next entry that purging takes: those in line, then those that wait for their time; null when there is none. */
    @org.jspecify.annotations.Nullable
    Entry nextWaiting(ReadyMessages.Cursor cursor) {
        if (forgotten) {
            return null;
        }
        Entry entry = line.next(cursor);
        return entry == null ? timetable.delayed().any() : entry;
    }

    /** Does what is due by time alone, some of it; whether there is more. */
    boolean onTime(long nowMs) {
        return timetable.run(nowMs, this);
    }

    /** When there is something to do by time alone, {@link Run#NEVER} if never. */
    long nextAtMs() {
        return timetable.nextAtMs();
    }

    /** Makes the figures visible to other threads. */
    void publish(String name, int consumers) {
        counters.publish(name, consumers, forgotten ? Message.NONE : line.oldestAtMs());
    }

    /** The queue is deleted: forgets everything, and ignores what is still on its way back. */
    void forget() {
        forgotten = true;
        timetable.clear();
        line.clear();
        counters.emptied();
        limits.left(counters);
    }
}
