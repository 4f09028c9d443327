package io.turnstone.router.queue;

import io.turnstone.api.Loop;
import io.turnstone.api.Overflow;
import io.turnstone.api.QueueLimit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

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

    private record Waiter(Loop loop, long bytes, Runnable onRoom) {}

    private static final HandOff.Step<Runnable, Object, Object> RUN = (task, a, b, n) -> task.run();

    private final AtomicLong reservedMessages = new AtomicLong();
    private final AtomicLong reservedBytes = new AtomicLong();
    private final List<Waiter> waiters = new ArrayList<>();
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
        if (!reserves(present)) {
            return Admission.OK;
        }
        if (bytes > present.bytes()) {
            return present.overflow() == Overflow.DEAD_LETTER ? Admission.DEAD_LETTER : Admission.REFUSED;
        }
        long messages = reservedMessages.incrementAndGet();
        long size = reservedBytes.addAndGet(bytes);
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
        return limit.overflow() == Overflow.BLOCK && !fits(0);
    }

    private void release(long bytes) {
        subtract(reservedMessages, 1);
        subtract(reservedBytes, bytes);
    }

    private static void subtract(AtomicLong from, long amount) {
        long old;
        do {
            old = from.get();
        } while (!from.compareAndSet(old, Math.max(0, old - amount)));
    }

    private boolean fits(long bytes) {
        QueueLimit present = limit;
        return heldMessages + reservedMessages.get() < present.messages()
                && heldBytes + reservedBytes.get() + bytes <= present.bytes();
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
        limit = changed;
        holds(counters);
    }

    /** Remembers a publisher that waits for room; {@link #tell} afterwards. */
    void await(Loop loop, long bytes, Runnable onRoom) {
        waiters.add(new Waiter(loop, bytes, onRoom));
        awaited = true;
    }

    /** Tells those whose message may fit now; all of them when there is nothing to wait for any more. */
    void tell(HandOff handOff, boolean all) {
        if (!awaited) {
            return;
        }
        boolean free = all || limit.overflow() != Overflow.BLOCK;
        for (int i = 0; i < waiters.size(); ) {
            Waiter waiter = waiters.get(i);
            if (free || fits(waiter.bytes)) {
                waiters.remove(i);
                handOff.send(waiter.loop, RUN, waiter.onRoom, 0);
            } else {
                i++;
            }
        }
        awaited = !waiters.isEmpty();
    }
}
