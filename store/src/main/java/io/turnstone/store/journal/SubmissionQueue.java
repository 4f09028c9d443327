package io.turnstone.store.journal;

import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Submissions from any thread to the one writer, in one order for all.
 *
 * <p><b>Threads:</b> {@link #offer} any, wait-free; everything else the writer, which {@linkplain #consumer introduces
 * itself} before its first wait.
 */
final class SubmissionQueue {

    /*
     * A linked list with one exchange per offer. Between the exchange and the link the list is broken for an instant:
     * then the newest is not the head though the head has no next, and poll waits that instant out.
     *
     * Sleeping: the writer sets the flag, looks again, parks. An offer exchanges first and reads the flag afterwards;
     * both are sequentially consistent, so one of the two sees the other.
     */
    private final AtomicReference<Submission> newest;
    private Submission head;
    private volatile boolean sleeping;
    private volatile @Nullable Thread consumer;

    @SuppressWarnings("NullAway") // the first node is a stub that is never read
    SubmissionQueue() {
        head = new Submission(null, null, null);
        newest = new AtomicReference<>(head);
    }

    void consumer(Thread thread) {
        consumer = thread;
    }

    void offer(Submission submission) {
        newest.getAndSet(submission).next = submission;
        if (sleeping) {
            wake();
        }
    }

    /** Ends a wait; any thread. */
    void wake() {
        sleeping = false;
        LockSupport.unpark(consumer);
    }

    @Nullable
    Submission poll() {
        Submission next = head.next;
        if (next == null) {
            if (newest.get() == head) {
                return null;
            }
            do {
                Thread.onSpinWait();
                next = head.next;
            } while (next == null);
        }
        // or one consumed node that grew old would drag every later one, with its body, into the old generation
        head.unlink();
        head = next;
        return next;
    }

    private boolean empty() {
        return newest.get() == head;
    }

    /** Waits until something was offered or somebody wakes the writer for another reason; may return early. */
    void await(BooleanSupplier otherReason) {
        sleeping = true;
        if (empty() && !otherReason.getAsBoolean()) {
            LockSupport.park(this);
        }
        sleeping = false;
    }
}
