package io.turnstone.store.journal;

import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Submissions from any thread to the one writer, in one order for all.
 *
 * <p><b>Threads:</b> {@link #offer} any, wait-free, and {@link #begin} any; everything else the writer, which {@linkplain
 * #consumer introduces itself} before its first wait.
 */
final class SubmissionQueue {

    /*
     * A linked list with one exchange per offer. Between the exchange and the link the list is broken for an instant:
     * then the newest is not the head though the head has no next, and poll waits that instant out.
     *
     * What was offered is there to be taken at once; that it is time for that is said apart, once for many. The writer
     * forgets what was said before it takes.
     *
     * Sleeping: the writer sets that flag, looks at the other one, parks. Who says that it is time sets the other one
     * first; both are sequentially consistent, so one of the two sees the other.
     */
    private final AtomicReference<Submission> newest;
    private Submission head;
    private volatile boolean time;
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
    }

    /** It is time to take what was offered: ends a wait, or keeps the next one from beginning. */
    void begin() {
        if (!time) {
            time = true;
        }
        if (sleeping) {
            sleeping = false;
            LockSupport.unpark(consumer);
        }
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

    /** Waits until it is time; may return early. What is offered from now on needs another {@link #begin}. */
    void await() {
        sleeping = true;
        if (!time) {
            LockSupport.park(this);
        }
        sleeping = false;
        time = false;
    }
}
