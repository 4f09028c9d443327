package io.turnstone.store.journal;

import io.turnstone.api.Loop;
import io.turnstone.api.store.MessageStore;
import io.turnstone.api.store.StoredQueue;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.jspecify.annotations.Nullable;

/**
 * What one committed group means to one loop: records to apply and answers to hear, in log order. Filled by the
 * writer, then run by the loop.
 */
final class LoopShare implements Runnable {

    private static final Logger log = LogManager.getLogger(LoopShare.class);

    /*
     * A loop that hears an answer may send something to another loop that is a home in this group. If the writer has
     * not come to that home yet, the share itself hands over the later homes' shares before it starts; a share that
     * arrives twice runs once, so each home finds the records applied before whatever the answer caused.
     */
    static final int NO_HOME = Integer.MAX_VALUE;

    private static final Object[] NOTHING = {};

    final Loop loop;

    /** The place among the homes of the group, or {@link #NO_HOME} when the loop only submitted. */
    int place = NO_HOME;

    private volatile boolean handedOver;
    private final List<LoopShare> homes;
    private @Nullable Object[] items = new Object[16];
    private int size;
    private boolean ran;

    /**
     * @param homes all shares of the group that apply something, in the order in which they are handed over
     */
    LoopShare(Loop loop, List<LoopShare> homes) {
        this.loop = loop;
        this.homes = homes;
    }

    void apply(Submission submission, StoredQueue queue) {
        add(submission, queue);
    }

    void answer(Submission submission) {
        add(submission, null);
    }

    private void add(Submission submission, @Nullable StoredQueue queue) {
        if (size == items.length) {
            items = Arrays.copyOf(items, size * 4);
        }
        items[size++] = submission;
        items[size++] = queue;
    }

    @Override
    public void run() {
        if (ran) {
            return;
        }
        ran = true;
        handOverLaterHomes();
        Throwable first = null;
        for (int i = 0; i < size; i += 2) {
            try {
                tell((Submission) items[i], (StoredQueue) items[i + 1]);
            } catch (RuntimeException | Error e) {
                // the other records of the group are not to blame
                if (first == null) {
                    first = e;
                } else if (first != e) {
                    first.addSuppressed(e);
                }
            }
        }
        items = NOTHING;
        if (first instanceof Error error) {
            throw error;
        } else if (first instanceof RuntimeException exception) {
            throw exception;
        }
    }

    private void handOverLaterHomes() {
        if (place == NO_HOME) {
            return;
        }
        for (int i = place + 1; i < homes.size(); i++) {
            if (!homes.get(i).handedOver) {
                homes.get(i).handOver();
            }
        }
    }

    /** Gives the share to its loop; a loop that does not take it is no reason for the others to miss theirs. */
    void handOver() {
        try {
            loop.execute(this);
        } catch (RejectedExecutionException e) {
            log.debug("loop={} is closed and hears of no more commits", loop.index());
        } catch (RuntimeException | Error e) {
            log.error("loop={} did not take its share of a commit", loop.index(), e);
        }
        handedOver = true;
    }

    private static void tell(@Nullable Submission submission, @Nullable StoredQueue queue) {
        if (submission == null) {
            return;
        }
        MessageStore.Committed committed = submission.committed;
        if (queue != null) {
            queue.apply(submission.record, submission.position);
        } else if (committed != null) {
            committed.committed(submission.position, submission.failure);
        }
    }
}
