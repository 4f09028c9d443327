package io.turnstone.router.queue;

import io.turnstone.api.DeathReason;
import io.turnstone.api.Message;
import io.turnstone.api.QueueStatus;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;

/**
 * Counts what a queue holds and what it did. Owned by the home loop; {@link #status} is a snapshot of the latest turn
 * that changed something and may be read by any thread.
 */
@SuppressWarnings("EnumOrdinal") // indexes of arrays that live as long as the process
final class QueueCounters {

    private static final DeathReason[] REASONS = DeathReason.values();
    private static final long[] NONE = {};
    private static final AtomicLongFieldUpdater<QueueCounters> TURNED_AWAY =
            AtomicLongFieldUpdater.newUpdater(QueueCounters.class, "turnedAway");

    long published;
    long delivered;
    long accepted;
    long redelivered;
    long expired;
    long dropped;
    long duplicates;

    private final long[] byState = new long[Entry.State.values().length];
    private long[] dead = NONE;
    private long messages;
    private long bytes;
    private long leavingBytes;
    private long paged;
    private long heapBytes;
    private Map<DeathReason, Long> deadLettered = Map.of();
    private boolean deadChanged;
    private volatile long turnedAway;

    /** The figures of the latest turn: a {@link QueueStatus}, or {@link Untouched} while that says it all. */
    private volatile Object latest = Untouched.EMPTY;

    /** Figures of a queue that only holds ready messages, and to which nothing happened since the broker started. */
    private record Untouched(long ready, long bytes, long oldestAtMs) {

        static final Untouched EMPTY = new Untouched(0, 0, Message.NONE);

        QueueStatus of(String name) {
            return new QueueStatus(name, ready, 0, 0, bytes, 0, oldestAtMs, 0, 0, 0, 0, 0, 0, 0, Map.of());
        }
    }

    /** A new entry is in the queue, ready. */
    void entered(Entry entry) {
        byState[Entry.State.READY.ordinal()]++;
        messages++;
        bytes += entry.message().size();
        heapBytes += entry.message().body().heapBytes();
    }

    /** So many messages are in the queue from before the restart of which only the positions are known. */
    void recovered(Entry.State state, long count, long size) {
        byState[state.ordinal()] += count;
        messages += count;
        bytes += size;
        paged += count;
    }

    /** Moves an entry on to another state. */
    void move(Entry entry, Entry.State to) {
        move(entry.state, to, 1, entry.message().size());
        if (to == Entry.State.GONE) {
            heapBytes -= entry.message().body().heapBytes();
        }
        entry.state = to;
    }

    /** Moves a run that is paged out on to another state. */
    void move(Run run, Entry.State from, Entry.State to) {
        move(from, to, run.live, run.bytes);
        if (to == Entry.State.GONE) {
            pagedIn(run.live, 0);
        }
    }

    /** Moves delayed messages that are in the store alone on to another state. */
    void move(DueBatch batch, Entry.State from, Entry.State to) {
        move(from, to, batch.count, batch.bytes);
        if (to == Entry.State.GONE) {
            pagedIn(batch.count, 0);
        }
    }

    /** Moves messages that are in the store alone on to another state. */
    void move(Entry.State from, Entry.State to, long count, long size) {
        if (from == Entry.State.LEAVING) {
            leavingBytes -= size;
        }
        if (to == Entry.State.LEAVING) {
            leavingBytes += size;
        }
        byState[from.ordinal()] -= count;
        if (to == Entry.State.GONE) {
            messages -= count;
            bytes -= size;
        } else {
            byState[to.ordinal()] += count;
        }
    }

    /** Of so many messages, which had so many bytes on the heap, only the positions are known from now on. */
    void pagedOut(long count, long onHeap) {
        paged += count;
        heapBytes -= onHeap;
    }

    /** So many messages are here again, with so many bytes on the heap, or gone. */
    void pagedIn(long count, long onHeap) {
        pagedOut(-count, -onHeap);
    }

    /** So many messages are gone because they cannot be read. */
    void lost(Entry.State state, long count, long size) {
        move(state, Entry.State.GONE, count, size);
    }

    void deadLettered(DeathReason reason) {
        if (dead == NONE) {
            dead = new long[REASONS.length];
        }
        dead[reason.ordinal()]++;
        deadChanged = true;
    }

    /** Forgets what the queue holds. */
    void emptied() {
        java.util.Arrays.fill(byState, 0);
        messages = 0;
        bytes = 0;
        leavingBytes = 0;
        paged = 0;
        heapBytes = 0;
    }

    long count(Entry.State state) {
        return byState[state.ordinal()];
    }

    /** Entries in the queue. */
    long messages() {
        return messages;
    }

    long bytes() {
        return bytes;
    }

    /** Messages of which only the positions are on the heap. */
    long paged() {
        return paged;
    }

    /** What the entries cost on the heap. */
    long bytesOnHeap() {
        return heapBytes + (messages - paged) * HeapShare.MESSAGE_BYTES;
    }

    /** Whether no more than this is on the heap. */
    boolean fits(long maxMessages, long maxBytes) {
        return messages - paged <= maxMessages && heapBytes <= maxBytes;
    }

    /** Entries and bytes whose leaving is not decided yet. */
    boolean exceeds(long maxMessages, long maxBytes) {
        return messages - count(Entry.State.LEAVING) > maxMessages || bytes - leavingBytes > maxBytes;
    }

    /** Makes the present figures visible to other threads. */
    void publish(String name, int consumers, long oldestAtMs) {
        if (deadChanged) {
            deadChanged = false;
            var reasons = new EnumMap<DeathReason, Long>(DeathReason.class);
            for (DeathReason reason : REASONS) {
                if (dead[reason.ordinal()] > 0) {
                    reasons.put(reason, dead[reason.ordinal()]);
                }
            }
            deadLettered = Map.copyOf(reasons);
        }
        latest = untouched(consumers) ? untouched(oldestAtMs) : touched(name, consumers, oldestAtMs);
    }

    private boolean untouched(int consumers) {
        long happened = published | delivered | accepted | redelivered | expired | dropped | duplicates;
        return (happened | consumers) == 0 && messages == count(Entry.State.READY) && dead == NONE;
    }

    private Untouched untouched(long oldestAtMs) {
        return messages == 0 ? Untouched.EMPTY : new Untouched(messages, bytes, oldestAtMs);
    }

    private QueueStatus touched(String name, int consumers, long oldestAtMs) {
        return new QueueStatus(
                name,
                count(Entry.State.READY),
                count(Entry.State.DELAYED),
                count(Entry.State.HELD) + count(Entry.State.LEAVING),
                bytes,
                consumers,
                oldestAtMs,
                published,
                delivered,
                accepted,
                redelivered,
                expired,
                dropped,
                duplicates,
                deadLettered);
    }

    /** A message that nobody waits for was refused. Any thread: it never came to the home loop. */
    void turnedAway() {
        TURNED_AWAY.incrementAndGet(this);
    }

    /** Figures of a recent turn of the queue of this name. Any thread. */
    QueueStatus status(String name) {
        long away = turnedAway;
        Object figures = latest;
        QueueStatus now = figures instanceof Untouched untouched ? untouched.of(name) : (QueueStatus) figures;
        return away == 0
                ? now
                : new QueueStatus(
                        now.name(),
                        now.ready(),
                        now.delayed(),
                        now.unsettled(),
                        now.bytes(),
                        now.consumers(),
                        now.oldestAtMs(),
                        now.published(),
                        now.delivered(),
                        now.accepted(),
                        now.redelivered(),
                        now.expired(),
                        now.dropped() + away,
                        now.duplicates(),
                        now.deadLettered());
    }
}
