package io.turnstone.router.queue;

import io.turnstone.api.Overflow;
import io.turnstone.api.QueueLimit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

/**
 * Keeps a queue within its limit: publishers reserve room on their own loops, before anything is stored.
 *
 * <p>The room in use is what the queue holds, written by the home loop alone, plus what is reserved and on its way. A
 * message is counted twice for an instant when it enters, never not at all. Reservations do not fall below zero, so those
 * of messages that were on their way while the limit changed set themselves right.
 *
 * <p>{@link #admit}, {@link #unadmit} and {@link #full}: any thread. Everything else: the home loop.
 */
final class QueueLimits {

    /** A publisher that waits; it runs {@code onRoom} on its loop, and the home hears when it has. */
    private record Waiter(MessageQueue queue, HandOff from, long bytes, Runnable onRoom) {

        static final HandOff.Step<Waiter, Object, Object> ROOM = (waiter, a, b, n) -> waiter.look();
        private static final HandOff.Step<Waiter, Object, Object> LOOKED =
                (waiter, a, b, n) -> waiter.queue.looked(waiter.bytes);

        private void look() {
            try {
                onRoom.run();
            } catch (RuntimeException | Error failure) { // its own affair
                LOG.error("queue={} a publisher that waited for room failed", queue.name(), failure);
            }
            from.send(queue.home(), LOOKED, this, 0);
        }
    }

    private static final Logger LOG = LogManager.getLogger(QueueLimits.class);

    /** Waiters whose message is too large for the room there is, and that others may overtake, in one turn. */
    private static final int MAX_PASSED = 64;

    private static final AtomicLongFieldUpdater<QueueLimits> MESSAGES =
            AtomicLongFieldUpdater.newUpdater(QueueLimits.class, "reservedMessages");
    private static final AtomicLongFieldUpdater<QueueLimits> BYTES =
            AtomicLongFieldUpdater.newUpdater(QueueLimits.class, "reservedBytes");

    private volatile long reservedMessages;
    private volatile long reservedBytes;
    private Map<Runnable, Waiter> waiters = Map.of();
    private long toldMessages;
    private long toldBytes;
    private volatile boolean awaited;
    private volatile QueueLimit limit;
    private volatile long heldMessages;
    private volatile long heldBytes;

    QueueLimits(QueueLimit limit) {
        this.limit = limit;
    }

    private static boolean reserves(QueueLimit limit) {
        return limit.overflow() != Overflow.DROP_HEAD
                && (limit.messages() != QueueLimit.UNLIMITED || limit.bytes() != QueueLimit.UNLIMITED);
    }

    Admission admit(long bytes) {
        QueueLimit present = limit;
        if (bytes > present.bytes()) { // no room that is made or waited for is enough
            return present.overflow() == Overflow.DEAD_LETTER ? Admission.DEAD_LETTER : Admission.REFUSED;
        }
        if (!reserves(present)) {
            return Admission.OK;
        }
        long messages = MESSAGES.incrementAndGet(this);
        long size = BYTES.addAndGet(this, bytes);
        if (heldMessages + messages <= present.messages() && heldBytes + size <= present.bytes()) {
            return Admission.OK;
        }
        // Another may have met this reservation and waits now: who is blocked asks the home to look again for
        // everybody.
        release(bytes);
        return switch (present.overflow()) {
            case REJECT, DROP_HEAD -> Admission.REFUSED;
            case DEAD_LETTER -> Admission.DEAD_LETTER;
            case BLOCK -> Admission.BLOCKED;
        };
    }

    /** Gives a reservation back; whether somebody waits for it. */
    boolean unadmit(long bytes) {
        if (reserves(limit)) {
            release(bytes);
        }
        return awaited;
    }

    boolean full() {
        return limit.overflow() == Overflow.BLOCK && !fits(0, 0);
    }

    private void release(long bytes) {
        subtract(MESSAGES, 1);
        subtract(BYTES, bytes);
    }

    private void subtract(AtomicLongFieldUpdater<QueueLimits> from, long amount) {
        from.updateAndGet(this, old -> Math.max(0, old - amount));
    }

    /** Whether one more message fits, these bytes included, beside so many others. */
    private boolean fits(long others, long bytes) {
        QueueLimit present = limit;
        return heldMessages + reservedMessages + others < present.messages()
                && heldBytes + reservedBytes + bytes <= present.bytes();
    }

    /** A message entered. */
    void entered(QueueCounters counters, long bytes, boolean reserved) {
        if (reserves(limit)) {
            holds(counters);
            if (reserved) {
                release(bytes);
            }
        }
    }

    /** A message left. */
    void left(QueueCounters counters) {
        if (reserves(limit)) {
            holds(counters);
        }
    }

    private void holds(QueueCounters counters) {
        heldMessages = counters.messages();
        heldBytes = counters.bytes();
    }

    /** Whether the oldest must go to make room. */
    boolean dropsHead(QueueCounters counters) {
        QueueLimit present = limit;
        return present.overflow() == Overflow.DROP_HEAD && counters.exceeds(present.messages(), present.bytes());
    }

    void change(QueueLimit changed, QueueCounters counters) {
        if (!reserves(limit)) { // what was reserved before nobody gave back
            reservedMessages = 0;
            reservedBytes = 0;
        }
        limit = changed;
        holds(counters);
    }

    /** Remembers a publisher that waits for room; {@link #tell} afterwards. */
    void await(MessageQueue queue, HandOff from, long bytes, Runnable onRoom) {
        if (!awaited) {
            waiters = new LinkedHashMap<>();
        }
        waiters.put(onRoom, new Waiter(queue, from, bytes, onRoom));
        awaited = true;
    }

    /** Forgets a publisher that waits no more. */
    void awaitNoMore(Runnable onRoom) {
        if (awaited) {
            waiters.remove(onRoom);
            awaited = !waiters.isEmpty();
        }
    }

    /**
     * Tells those that may fit now, no more than there is room for beside those who were told and have not looked, and
     * those that never will; all of them when there is nothing to wait for any more.
     */
    void tell(HandOff handOff, boolean all) {
        if (!awaited) {
            return;
        }
        boolean free = all || limit.overflow() != Overflow.BLOCK;
        var told = new ArrayList<Waiter>();
        int passed = 0;
        for (var each = waiters.values().iterator(); each.hasNext() && passed < MAX_PASSED; ) {
            Waiter waiter = each.next();
            if (free || waiter.bytes > limit.bytes() || fits(toldMessages, toldBytes + waiter.bytes)) {
                each.remove();
                told.add(waiter);
                toldMessages++;
                toldBytes += waiter.bytes;
            } else if (fits(toldMessages, toldBytes)) {
                passed++;
            } else {
                break;
            }
        }
        awaited = !waiters.isEmpty();
        told.forEach(waiter -> handOff.send(waiter.from.loop(), Waiter.ROOM, waiter, 0));
    }

    /** One that was told has looked, and taken the room if it needed it; whether others wait. */
    boolean looked(long bytes) {
        toldMessages--;
        toldBytes -= bytes;
        return awaited;
    }
}
