package io.turnstone.store.journal;

import io.turnstone.api.store.MessageStore;
import io.turnstone.api.store.StoreException;
import io.turnstone.store.files.Threads;
import java.util.ArrayList;
import java.util.List;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

/**
 * The one thread that commits: takes what was submitted while it wrote the last group, has it made durable as the next,
 * and tells the loops. There is no timer; a lone record is a group once the turn is over in which it was submitted.
 *
 * <p><b>Threads:</b> {@link #submit} and {@link #rest} any; {@link #start} and {@link #finish} the thread that owns the store.
 */
public final class StoreWriter {

    /** A loop's task per group stays short, and a group's positions fit in one step of the checkpointer. */
    private static final int MAX_GROUP = 8192;

    private static final Logger log = LogManager.getLogger(StoreWriter.class);

    private final SubmissionQueue queue = new SubmissionQueue();
    private final TurnEnds turnEnds = new TurnEnds(queue::begin);
    private final HandOver handOver = new HandOver();
    private final CommitFigures figures;
    private final CommitLog commitLog;
    private final Thread thread;
    private volatile boolean resting;
    private volatile boolean finishing;

    public StoreWriter(CommitLog commitLog, CommitFigures figures) {
        this.commitLog = commitLog;
        this.figures = figures;
        thread = new Thread(this::run, "turnstone-store-writer");
        thread.setDaemon(true);
        queue.consumer(thread);
    }

    /** Begins to write, on a thread of its own. */
    public void start() {
        thread.start();
    }

    /** Takes a record from any thread; never blocks. */
    public void submit(Submission submission) {
        if (finishing) {
            refuse(submission);
        } else {
            queue.offer(submission);
            turnEnds.submitted(submission.from, submission.roughBytes());
        }
    }

    /** Has the log give up what it does not need while there is nothing to write. */
    public void rest() {
        resting = true;
        queue.begin();
    }

    private static void refuse(Submission submission) {
        var committed = submission.committed;
        if (committed != null) {
            var failure = new StoreException("the store is closed: nothing can be made durable any more");
            submission.from.execute(() -> committed.committed(MessageStore.UNWRITTEN, failure));
        }
    }

    /** Commits what was submitted until now and ends the thread. Calls after the first do nothing. */
    public void finish() {
        if (finishing) {
            return;
        }
        finishing = true;
        queue.begin();
        Threads.join(thread);
        Submission late;
        while ((late = queue.poll()) != null) {
            refuse(late); // submitted in the very moment in which the thread ended
        }
    }

    private void run() {
        var group = new ArrayList<Submission>(MAX_GROUP); // never grows, so that collecting cannot fail half way
        boolean last = false;
        while (!last) {
            queue.await();
            last = finishing;
            if (resting) {
                resting = false;
                commitLog.rest();
            }
            while (collect(group)) {
                boolean more = last || group.size() == MAX_GROUP;
                commit(group);
                group.clear();
                if (!more) {
                    break;
                }
            }
        }
    }

    private boolean collect(List<Submission> group) {
        while (group.size() < MAX_GROUP) {
            var submission = queue.poll();
            if (submission == null) {
                break;
            }
            group.add(submission);
        }
        return !group.isEmpty();
    }

    /*
     * This thread must outlive everything, running out of memory included: without it nobody is ever answered again.
     */
    private void commit(List<Submission> group) {
        try {
            long start = System.nanoTime();
            int written = commitLog.append(group);
            if (written > 0) {
                figures.committed(written, System.nanoTime() - start);
            }
        } catch (Throwable e) {
            fail(group, e);
        }
        try {
            handOver.tell(group);
        } catch (Throwable e) {
            tellOneByOne(group, e);
        }
    }

    /** What was written stays written; the rest is answered with the failure. */
    private void fail(List<Submission> group, Throwable cause) {
        var failure = commitLog.broken(cause);
        for (int i = 0; i < group.size(); i++) {
            var submission = group.get(i);
            if (submission.failure == null && submission.position == MessageStore.UNWRITTEN) {
                submission.failure = failure;
            }
        }
    }

    /** The shares of a group could not be made: nothing of it was handed over. The loops may be behind the log now. */
    private void tellOneByOne(List<Submission> group, Throwable cause) {
        var failure = commitLog.broken(cause);
        for (int i = 0; i < group.size(); i++) {
            var submission = group.get(i);
            var committed = submission.committed;
            if (committed != null) {
                try {
                    submission.from.execute(() -> committed.committed(MessageStore.UNWRITTEN, failure));
                } catch (Throwable e) {
                    log.error("loop={} hears no answer", submission.from.index(), e);
                }
            }
        }
    }
}
