package io.turnstone.router.queue;

import io.turnstone.api.Loop;
import java.util.Iterator;
import java.util.List;

/**
 * Finds out how old the messages are that were there before a restart and that nobody has asked for, and which of them have
 * to wait: some queues at a time, so that neither a start nor who comes first waits for the first messages of every queue.
 * Nothing of them stays on the heap. Owned by the home loop of the queues.
 */
public final class AgeSurvey {

    /** After the first queues: by then who waited for the broker has been served. */
    private static final long FIRST_PAUSE_MS = 1000;

    private static final long PAUSE_MS = 10;
    private static final int MOST_READS = 16;
    private static final int MOST_QUEUES = 1000;

    private final Loop loop;
    private final Iterator<MessageQueue> queues;
    private int awaited;
    private long pauseMs = FIRST_PAUSE_MS;

    private AgeSurvey(Loop loop, Iterator<MessageQueue> queues) {
        this.loop = loop;
        this.queues = queues;
    }

    /** Looks at the first of these queues of this loop, and soon at the others. On the loop. */
    public static void begin(Loop loop, List<MessageQueue> queues) {
        new AgeSurvey(loop, queues.iterator()).next();
    }

    private void next() {
        awaited = 1;
        for (int i = 0; i < MOST_QUEUES && awaited <= MOST_READS && queues.hasNext(); i++) {
            awaited += queues.next().survey(this::answered);
        }
        answered();
    }

    private void answered() {
        if (--awaited == 0 && queues.hasNext()) {
            loop.schedule(pauseMs, this::next);
            pauseMs = PAUSE_MS;
        }
    }
}
